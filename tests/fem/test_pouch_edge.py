"""What pouch and bag carry, interfaces that slip, plates: against statics and closed forms."""

from types import SimpleNamespace

import numpy as np
import pytest
from mpi4py import MPI

from isosim import law
from isosim.fem.body import Body
from isosim.fem.kinematics import KINEMATICS
from isosim.fem.newton import Load, Newton
from isosim.fem.points import MaterialPoints
from isosim.fem.skin import Skin, excess, local_gradients
from isosim.fem.weak_form import WeakForm
from isosim.materials import Material
from isosim.materials.slip import SlipFilm
from isosim.stack import Layer, PouchEdge, Stack, section_mesh
from tests.fem.bodies import MPA, elastic

ALL = {"top", "bottom", "edge"}
CONFORMAL = PouchEdge("conformal")
DRAPED = PouchEdge("draped", run=0.3e-3, clearance=0.05e-3, flange=0.6e-3)
BAG, CORE, PLATE = 0.1e-3, 0.6e-3, 1e-3  # [m] thick
WIDTH = 2e-3


def laminate(edge=None, core=None, bag=None, film=None, plate=None, short=None, columns=16, half_width=WIDTH):
    """A stack of a bag, its core (four rows, the middle two `short`), slip films and plates if given."""
    laws = {"bag": bag or elastic(2e9, 0.3), "core": core or elastic(1e9, 0.2), "film": film, "plate": plate}
    laws["frame"] = elastic(5e6, 0.0)
    sheets = [("bag", "bag", BAG)] + ([("film", "slip", 5e-6)] if film else [])
    plates = [("plate", "fixture", PLATE)] if plate else []
    layers = []
    for face, rows in (("top", [*plates, *sheets]), ("bottom", [*plates, *sheets][::-1])):
        if face == "bottom":
            widths = (half_width, short or half_width, short or half_width, half_width)
            layers += [Layer(f"core {k}", "other", "core", CORE / 4, w) for k, w in enumerate(widths)]
        layers += [Layer(f"{name} {face}", role, name, size, half_width) for name, role, size in rows]
    known = {name: Material(name, "dense", name, own) for name, own in laws.items() if own is not None}
    fill = "frame" if short or (edge and edge.shape == "draped") else None
    stack = Stack(tuple(layers), known, fill, edge)
    return stack, section_mesh(stack, columns)


def pressed(stack, mesh, pressure, lateral="free", steps=1):
    body = Body(mesh, KINEMATICS["section"], MPI.COMM_SELF)
    form = WeakForm(body, ALL, lateral)
    where = body.quadrature_points()
    points = MaterialPoints(stack, body, where)
    newton = Newton(form, points)
    for step in range(1, steps + 1):
        newton.solve(Load(pressure=pressure * step / steps, temperature=298.15, dt=1.0))
        points.accept()
    skin = Skin(body, mesh.skin, where)
    F = form.deformation()
    skin.keep("held", F, form.stress, points.accepted[:, -1], pressure)
    return SimpleNamespace(
        mesh=mesh,
        body=body,
        form=form,
        where=where,
        F=F,
        skin=skin,
        read=skin.dataset().sel(state="held"),
    )


@pytest.mark.parametrize("edge", [None, CONFORMAL, DRAPED])
def test_under_fluid_alone_nothing_is_carried(edge):
    """A body of one material under fluid pressure all around shall shrink evenly, whatever its outline, and
    its skin carry nothing above the fluid's pressure."""
    same = elastic(2e9, 0.3)
    stack, mesh = laminate(edge, core=same, bag=same)
    stack.materials["frame"] = Material("frame", "dense", "", same)
    done = pressed(stack, mesh, 200 * MPA)
    np.testing.assert_allclose(done.F, np.tile(done.F[0], (len(done.F), 1)), atol=1e-8)
    assert np.abs(done.read.skin_force).max() < 1e-6 * 200 * MPA * BAG


def test_middle_carries_what_laminate_theory_says():
    """In the middle the membrane force of a stiff bag on a soft core shall be that of a laminate: equal
    strain, forces above the fluid's pressure in balance."""
    E, nu, p = (20e9, 1e9), (0.25, 0.3), 1e5
    stack, mesh = laminate(CONFORMAL, bag=elastic(E[0], nu[0]), core=elastic(E[1], nu[1]), half_width=30e-3)
    done = pressed(stack, mesh, p)
    # above the fluid's pressure a layer has no normal stress: equal biaxial, s = E/(1-nu) (e - e_free)
    free = [-p * (1 - 2 * n) / e for e, n in zip(E, nu, strict=True)]
    stiff = [e / (1 - n) * t for e, n, t in zip(E, nu, (2 * BAG, CORE), strict=True)]
    strain = np.dot(stiff, free) / np.sum(stiff)
    expected = 0.5 * stiff[0] * (strain - free[0])
    assert float(done.read.skin_force[0].sum()) == pytest.approx(expected, rel=2e-3)
    assert expected < 0.0  # the core shrinks more under the fluid than the bag lets it


@pytest.mark.parametrize("edge", [CONFORMAL, DRAPED])
def test_cut_through_the_cell_is_in_balance(edge):
    """Across a cut through the whole cell the forces above the fluid's pressure shall add up to zero: what
    the skin carries down the edge, the stack carries less, to the residual of the solver."""
    stack, mesh = laminate(edge, core=elastic(0.2e9, 0.1), short=1.5e-3)
    done = pressed(stack, mesh, 20 * MPA, steps=4)
    row = mesh.row.max() - 2 if edge.shape == "conformal" else None
    path, low = mesh.skin, np.unique(mesh.row[mesh.layer == 1]).max()
    row = low if row is None else row
    cells = np.flatnonzero((mesh.row == row) & ~np.isin(np.arange(len(mesh.cells)), path.cell))
    beside = (mesh.row == row) & (mesh.layer == -2)
    cells = np.union1d(cells, np.flatnonzero(beside))
    step = path.step[np.isin(path.cell, np.flatnonzero(beside)) & (path.part[path.step] == "edge")]
    assert len(set(step)) == 1, "the row runs into one step of the skin"
    # the force through the row, by virtual work with phi rising from its lower to its upper side
    here = np.empty(len(mesh.cells), int)
    here[done.body.source_cell] = np.arange(len(mesh.cells))
    points = np.stack([done.where.x, done.where.z], axis=-1)
    stress = excess(done.F, done.form.stress, 20 * MPA).reshape(*points.shape[:2], 2, 2)
    own = here[cells]
    gradient = 0.5 * local_gradients(mesh.points[mesh.cells[cells]], points[own])
    upwards = np.where(
        _is_skin_of_drape(mesh, cells, edge)[:, None, None], -gradient[:, :, 0], gradient[:, :, 1]
    )
    force = np.einsum("kqij,kqj,kq->ki", stress[own], upwards, done.where.volume[own])
    carried = force[np.isin(cells, np.flatnonzero(beside))].sum(axis=0)
    assert abs(carried[1]) > 10.0
    assert abs(force[:, 1].sum()) < 1e-6 * 20 * MPA * WIDTH
    read = float(done.read.skin_force[step[0]].sum())
    assert 0.7 * np.linalg.norm(carried) < abs(read) <= 1.001 * np.linalg.norm(carried)  # the rest is shear


def _is_skin_of_drape(mesh, cells, edge):
    return (mesh.layer[cells] == -2) & (edge.shape == "draped")


def test_force_turns_with_the_skin():
    """In a skin that was turned by a large angle and stretched, the force along it shall be read, per present
    length along the cell."""
    _, mesh = laminate(CONFORMAL)
    body = Body(mesh, KINEMATICS["section"], MPI.COMM_SELF)
    where = body.quadrature_points()
    angle, stretch, along, p, tension = 0.8, 1.3, 0.9, 5 * MPA, 40 * MPA
    t, n = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    F2 = np.outer(stretch * t, [1.0, 0.0]) + np.outer(n, [0.0, 1.0])  # of the top face: along x becomes t
    sigma = tension * np.outer(t, t) - p * np.eye(2)
    P = sigma @ np.linalg.inv(F2).T * np.linalg.det(F2) * along
    count = where.x.size
    F = np.tile([*F2.ravel(), along], (count, 1))
    skin = Skin(body, mesh.skin, where)
    skin.keep("held", F, np.tile([*P.ravel(), 0.0], (count, 1)), np.zeros(count), p)
    top = skin.dataset().sel(state="held").skin_force[mesh.skin.part == "top"]
    np.testing.assert_allclose(top.sum("sheet"), tension * BAG, rtol=1e-10)


def test_slipping_interface_hands_on_no_more_than_friction():
    """Between bag and core the change of the bag's force along the face shall stay below the strength of the
    interface; tied, it shall go beyond it."""
    film = SlipFilm(3e9, 2e8, 0.0, 1e5, friction=0.02, adhesion=0.2 * MPA)
    core, bag, p = elastic(0.5e9, 0.45), elastic(8e9, 0.2), 40 * MPA
    limit = 0.2 * MPA + 0.02 * p

    def steepest(stack, mesh):
        done = pressed(stack, mesh, p, "one direction", steps=8)
        force = done.read.skin_force.sel(sheet="bag").values
        return np.abs(np.diff(force) / np.diff(mesh.skin.x)).max()

    tied = steepest(*laminate(core=core, bag=bag))
    slips = steepest(*laminate(core=core, bag=bag, film=film))
    assert tied > 1.5 * limit
    assert slips < 1.1 * limit
    assert slips > 0.5 * limit


def test_slip_film_follows_the_pressure():
    """In simple shear a slip film shall yield at adhesion + friction x fluid pressure."""
    film = SlipFilm(3e9, 2e8, 0.0, 0.0, friction=0.3, adhesion=1 * MPA).under(50 * MPA)
    sheared = np.array([[1.0, 0.0, 0.2, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]])
    P, *_ = law.advance(sheared, film.initial_state()[None], 1.0, 298.15, [film])
    assert P[0, 2] == pytest.approx(16 * MPA, rel=0.02)


def test_rigid_plate_keeps_the_face_flat():
    """Over a short core the bag shall dip at the edge; under a plate the dip shall be ten times less."""

    def dip(plate):
        stack, mesh = laminate(core=elastic(0.5e9, 0.2), short=1.5e-3, plate=plate)
        done = pressed(stack, mesh, 2 * MPA, steps=2)
        X = done.form.space.tabulate_dof_coordinates()
        z = CORE + 2 * BAG + (PLATE if plate else 0.0)
        face = np.abs(X[:, 1] - z) < 1e-9
        down = done.form.u.x.array.reshape(-1, 2)[face, 1]
        return np.ptp(down)

    assert dip(elastic(210e9, 0.3)) < 0.1 * dip(None)
