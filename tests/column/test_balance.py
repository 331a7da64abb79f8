"""What every step of a column has to satisfy, whatever its layers."""

import numpy as np
import pytest

from isosim import column, law
from isosim.case import load
from isosim.errors import SolverError
from tests.column.bodies import body, pressed_column, ramp, schedule
from tests.law.laws import GPA, MPA, VISCOSITY, aluminium, anode, cathode, separator


def in_plane_force(ds, stress, edge):
    """Mean in-plane stress of the current cross-section, the fluid on the edges taken off [Pa]."""
    thickness = ds.thickness.values
    return np.sum(thickness * (ds[stress].values + edge * ds.pressure.values[:, None]), 1) / thickness.sum(1)


@pytest.mark.parametrize("name", ["120C90-2", "414RT-2", "120RT-40"])
def test_every_layer_carries_the_fluid_pressure(name):
    """The through-thickness stress of every layer shall equal the pressure at every step."""
    ds = pressed_column(name)
    error = ds.axial_pressure.values - ds.pressure.values[:, None]
    assert np.abs(error).max() < 1e-9 * ds.pressure.values.max() + 1.0


@pytest.mark.parametrize("edge_pressure", [True, False])
def test_free_directions_are_in_balance(edge_pressure):
    """Where a direction is free the in-plane force shall vanish against the fluid on the edges, or none."""
    free = pressed_column("414RT-2", edge_pressure=edge_pressure)
    one = pressed_column("414RT-2", lateral="one direction", edge_pressure=edge_pressure)
    for ds, stress in ((free, "stress_x"), (free, "stress_y"), (one, "stress_x")):
        assert np.abs(in_plane_force(ds, stress, float(edge_pressure))).max() < 1.0
    assert np.abs(in_plane_force(one, "stress_y", float(edge_pressure))).max() > 1 * MPA


def test_held_directions_keep_their_length():
    """A confined column shall have no in-plane strain, one free in one direction none in the other."""
    confined, one = (pressed_column("120RT-2", lateral=way) for way in ("confined", "one direction"))
    assert np.abs(confined.lateral_strain_x).max() == np.abs(confined.lateral_strain_y).max() == 0.0
    assert np.abs(one.lateral_strain_y).max() == 0.0 < np.abs(one.lateral_strain_x).max()


def test_stiff_confined_coating_follows_the_closed_form():
    """T2 through the column: the porosity under a confined load shall satisfy the rigid closed form."""
    model = cathode(bulk_modulus=2.5e5 * GPA, shear_modulus=1.5e5 * GPA)
    plan = schedule(np.linspace(0.0, 400 * MPA, 60))
    ds = column.run(body(coating=(model, 50e-6)), plan, "confined")
    phi = ds.porosity.values[5:, 0]
    cap = 15e6 + 61e6 * np.log((0.35 - 0.069) / (phi - 0.069))
    a, c = 0.5 * (cap + 2e6), 0.5 * (cap - 2e6)
    M = (1.3**-2 + (a / 1200e6) ** 2) ** -0.5
    np.testing.assert_allclose(c + a * np.sqrt(1.0 + 4.0 * M**2 / 9.0), plan.pressure[5:], rtol=1e-5)


def test_solid_is_kept_over_a_whole_press():
    """Solid volume shall be kept to 1e-12 through loading, release and disassembly."""
    for name in ("120C90-2", "414RT-2"):
        assert pressed_column(name).attrs["solid_mass_error"] < 1e-12


def test_like_layers_may_share_a_state():
    """Layers of one kind collapsed to one state shall give what each with its own state gives."""
    coating, foil = cathode(viscosity=VISCOSITY), aluminium()
    sheets = {
        f"{kind}{i}": (law, t)
        for i in range(6)
        for kind, law, t in (("c", coating, 40e-6), ("f", foil, 15e-6))
    }
    explicit = body(**sheets, s=(separator(), 25e-6))
    # the same layers, thrice as thick and a third as many
    few = {
        f"{kind}{i}": (law, 3 * t)
        for i in range(2)
        for kind, law, t in (("c", coating, 40e-6), ("f", foil, 15e-6))
    }
    merged = body(**few, s=(separator(), 25e-6))
    plan = schedule(ramp(300 * MPA))
    many, less = column.run(explicit, plan), column.run(merged, plan)
    assert many.attrs["kinds"] == 13 and less.attrs["kinds"] == 5
    np.testing.assert_allclose(many.lateral_strain_x, less.lateral_strain_x, rtol=0, atol=1e-12)
    strain = np.log(many.thickness / many.thickness[0]).values[:, [0, 1, 12]]
    np.testing.assert_allclose(
        strain, np.log(less.thickness / less.thickness[0]).values[:, [0, 1, 4]], atol=1e-12
    )


def test_kinds_are_shared():
    """The cost of a cell shall not depend on its number of layers: like layers are one kind."""
    assert pressed_column("120RT-40").attrs["kinds"] == pressed_column("120RT-4").attrs["kinds"] == 10


def test_prescribed_strain_reproduces_the_free_column():
    """A column given the in-plane strains of a free one shall give the same stresses and thicknesses."""
    free = pressed_column("120C90-2")
    strain = np.column_stack([free.lateral_strain_x, free.lateral_strain_y])
    given = pressed_column("120C90-2", lateral_strain=strain)
    for name in ("thickness", "porosity", "stress_x", "thickness_profile"):
        np.testing.assert_allclose(given[name], free[name], rtol=1e-8, atol=1e-2 * (name == "stress_x"))
    assert given.attrs["lateral"] == "prescribed"


def test_heating_expands_layers_against_each_other():
    """Warmed unpressed, a single layer shall expand freely, and two unlike ones balance their forces."""
    warm = law.Thermal(298.15, expansion=2e-5)
    plan = schedule([0.0, 0.0, 0.0], [298.15, 363.15, 298.15])
    alone = column.run(body(foil=(aluminium(thermal=warm), 15e-6)), plan)
    np.testing.assert_allclose(alone.lateral_strain_x, [0.0, 2e-5 * 65.0, 0.0], atol=1e-12)
    pair = column.run(body(hot=(aluminium(thermal=warm), 15e-6), cold=(aluminium(), 15e-6)), plan)
    assert 0.0 < pair.lateral_strain_x[1] < 2e-5 * 65.0
    assert pair.stress_x[1, 0] < -10 * MPA and pair.stress_x[1, 1] > 10 * MPA


def test_rate_matters_where_a_layer_is_viscous():
    """A slower ramp shall compact a viscous coating more, and not touch one independent of rate."""
    reductions = {}
    for name, model in (("viscous", anode(viscosity=VISCOSITY)), ("plain", anode())):
        for dt in (0.1, 10.0):
            ds = column.run(body(coating=(model, 68e-6)), schedule(ramp(120 * MPA), dt=dt), "confined")
            reductions[name, dt] = 1.0 - float(ds.thickness[-1, 0] / ds.thickness[0, 0])
    assert reductions["viscous", 10.0] > reductions["viscous", 0.1] + 0.003
    assert reductions["plain", 10.0] == pytest.approx(reductions["plain", 0.1], abs=1e-12)


def test_halving_the_steps_halves_the_error():
    """Refining the steps of a viscous press shall converge with order one; 1 leaves less than 0.2 points."""
    case = load("414RT-2")
    reductions = []
    for refine in (1, 2, 4, 8):
        ds = column.run(case.stack(), case.recipe.schedule(refine=refine))
        coating = case.stack().electrodes[0].coatings[0]
        left = ds.thickness_profile.sel(state="disassembled")[coating, 0] / ds.thickness[0, coating]
        reductions.append(1.0 - float(left))
    change = np.diff(reductions)
    np.testing.assert_allclose(change[:-1] / change[1:], 2.0, atol=0.6)
    assert abs(2.0 * change[0]) < 0.002


def test_bad_requests_are_refused():
    """Unknown kinematics and lateral strains that do not fit shall be refused with what is needed."""
    with pytest.raises(ValueError, match="'confined'"):
        pressed_column("120RT-2", lateral="sideways")
    with pytest.raises(ValueError, match="one of them"):
        pressed_column("120RT-2", lateral="confined", lateral_strain=np.zeros((3, 2)))
    with pytest.raises(ValueError, match="shape"):
        pressed_column("120RT-2", lateral_strain=np.zeros((3, 2)))


def test_a_load_no_layer_can_carry_is_an_error():
    """A column whose law ends below the load shall end in a SolverError that carries what was reached."""
    weak = cathode(cap=law.Power(p0=20 * MPA, exponent=3.0, locking=0.0))
    with pytest.raises(SolverError, match="MPa") as caught:
        column.run(body(coating=(weak, 50e-6)), schedule(ramp(200 * MPA)), "confined")
    partial = caught.value.partial
    assert partial.attrs["complete"] == 0
    assert 0.0 < float(partial.pressure[-1]) < 200 * MPA
    assert np.isfinite(partial.thickness).all()
    assert np.isnan(partial.thickness_profile.sel(state=["loaded", "released"])).all()


def test_unloaded_state_is_recorded():
    """The first row shall be the unpressed stack, the last the released one, each with its profile."""
    ds = pressed_column("120RT-2")
    np.testing.assert_array_equal(ds.thickness_profile.sel(state="unpressed")[:, 0], ds.thickness[0])
    np.testing.assert_array_equal(ds.thickness_profile.sel(state="released")[:, 0], ds.thickness[-1])
    assert float(ds.pressure[-1]) == 0.0
    in_electrode = ds.layer_electrode.values > 0
    relaxed = ds.thickness_profile.sel(state="disassembled").values[:, 0]
    assert np.isfinite(relaxed[in_electrode]).all() and np.isnan(relaxed[~in_electrode]).all()
