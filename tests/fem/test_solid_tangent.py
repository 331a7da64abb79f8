"""The tangent of a solid cell by cell and face by face, on all grids, against dolfinx's matrix."""

import numpy as np
import pytest
import scipy.sparse as sp
from mpi4py import MPI

from isosim.fem import hexahedra, levels, weak_form
from isosim.fem.body import Body
from isosim.fem.kinematics import KINEMATICS
from isosim.fem.line_couplings import LineCouplings
from isosim.fem.solid_tangent import Galerkin, SolidTangent
from tests.fem.bodies import grid

ALL = {"top", "bottom", "edge"}
SINGLE = 1e-7  # tangents are kept in single precision


def form_of(pressed, lateral="free", pressure=0.0, stiff=1.0):
    """A deformed body of graded boxes with random tangents (times `stiff`) and a fluid pressure."""
    x = np.array([0.0, 4.0, 6.0, 7.0, 7.5, 8.0])
    mesh = grid(x, 1.3 * x, np.array([0.0, 0.3, 0.4, 0.9]))
    form = weak_form.WeakForm(Body(mesh, KINEMATICS["solid"], MPI.COMM_SELF), pressed, lateral)
    rng = np.random.default_rng(1)
    form.stress_tangent[:] = stiff * rng.random(form.stress_tangent.shape)
    form.u.x.array[:] = 0.02 * rng.random(len(form.u.x.array))
    form.set_load(pressure)
    return form


def csr(matrix):
    """A matrix of PETSc for scipy."""
    return sp.csr_matrix(matrix.getValuesCSR()[::-1], shape=matrix.getSize())


def product(matrix):
    """The matrix times a random vector."""
    right, left = matrix.createVecs()
    right.array = np.random.default_rng(2).random(right.getSize())
    matrix.mult(right, left)
    return left.array.copy()


@pytest.mark.parametrize("lateral", ["free", "one direction", "confined"])
@pytest.mark.parametrize(
    "pressed, pressure, stiff, tolerance",
    [
        (ALL, 0.0, 1.0, SINGLE),
        (ALL, 0.3, 0.0, 1e-12),
        ({"top"}, 0.3, 0.0, 1e-12),
        ({"edge"}, 0.3, 0.0, 1e-12),
    ],
)
def test_products_are_those_of_the_assembled_tangent(pressed, pressure, stiff, tolerance, lateral):
    """The tangent of cells, and the load stiffness of pressed faces, shall multiply as dolfinx's matrix."""
    form = form_of(pressed, lateral, pressure, stiff)
    tangent = SolidTangent(form)
    tangent.take_over()
    expected, found = (np.delete(product(K), form.fixed) for K in (form.assemble_matrix(), tangent.matrix))
    assert np.abs(found - expected).max() <= tolerance * np.abs(expected).max()


def test_coarse_grids_have_the_galerkin_product(monkeypatch):
    """On every grid in the plane the matrix shall be P^T K P, its columns the couplings within lines, and its
    operator multiply alike."""
    monkeypatch.setattr(hexahedra, "PRECISION", np.float64)
    monkeypatch.setattr(levels, "FEW", 4)
    monkeypatch.setattr(levels, "PLATE", 6.0)
    form = form_of(ALL, pressure=0.3)
    tangent = SolidTangent(form)
    tangent.take_over()
    grids, prolongations = levels.grids_in_the_plane(tangent.grid)
    assert len(grids) == 3
    matrix, operator = form.assemble_matrix(), tangent.matrix
    for level, prolongation in zip(grids, [*prolongations, None], strict=True):
        expected = csr(matrix)
        couplings = [LineCouplings(tangent, level, within) for within in (False, True)]
        for each in couplings:
            each.update()
        full, columns = (csr(each.matrix) for each in couplings)
        entries = expected.tocoo()
        here = level.column[entries.row] == level.column[entries.col]
        within = sp.csr_matrix((entries.data[here], (entries.row[here], entries.col[here])), expected.shape)
        scale = abs(expected).max()
        assert abs(full - expected).max() <= 1e-13 * scale
        assert abs(columns - within).max() <= 1e-13 * scale
        assert product(operator) == pytest.approx(product(matrix), abs=1e-12 * scale)
        if prolongation is not None:
            matrix, operator = matrix.ptap(prolongation), Galerkin(operator, prolongation).matrix


def test_a_second_state_is_taken_over():
    """A tangent shall be the one at the state it last took over, not an earlier one."""
    form = form_of(ALL, pressure=0.3)
    tangent = SolidTangent(form)
    columns = LineCouplings(tangent, tangent.grid, within=True)
    tangent.take_over()
    columns.update()
    before, once = product(tangent.matrix), csr(columns.matrix)
    form.stress_tangent[:] *= 2.0
    form.set_load(0.6)
    assert product(tangent.matrix) == pytest.approx(before, rel=1e-15)
    tangent.take_over()
    columns.update()
    free = tangent.grid.free
    assert product(tangent.matrix)[free] == pytest.approx(2.0 * before[free], rel=1e-6)
    assert abs(csr(columns.matrix)[free] - 2.0 * once[free]).max() <= 1e-6 * abs(once).max()


def test_rows_of_prescribed_displacements_are_those_of_the_identity():
    """Prescribed displacements shall be kept and shall push on nothing."""
    form = form_of(ALL)
    tangent = SolidTangent(form)
    tangent.take_over()
    right, left = tangent.matrix.createVecs()
    right.array[form.fixed] = 3.0
    tangent.matrix.mult(right, left)
    assert (left.array[form.fixed] == 3.0).all()
    assert not np.delete(left.array, form.fixed).any()
