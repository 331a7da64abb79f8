"""A whole dummy cell in the section: against the column and statics, and what a failure leaves."""

import numpy as np
import pytest

from isosim import case as cases
from isosim import column, fem
from isosim.errors import SolverError
from isosim.recipe import Schedule
from isosim.stack import section_mesh
from tests.fem.bodies import FLUSH

ALL = {"top", "bottom", "edge"}


def pressed(name, columns=16, lateral="free", **changes):
    case = cases.load(name, {**FLUSH, "model.section.columns": columns, **changes})
    stack, schedule = case.stack(), case.recipe.schedule()
    return stack, fem.run(stack, section_mesh(stack, columns), schedule, ALL, lateral)


@pytest.fixture(scope="module")
def four():
    return pressed("120RT-4")


def taken(ds):
    """The steps of a run as a schedule, so that a column can follow them."""
    return Schedule(ds.time.values, ds.pressure.values, ds.temperature.values, ds.phase.values)


def test_interior_equals_column(four):
    """With the section's in-plane strains and steps the column shall reproduce its interior within 0.1 %."""
    stack, ds = four
    strain = np.stack([ds.lateral_strain_x, ds.lateral_strain_y], axis=1)
    same = column.run(stack, taken(ds), lateral_strain=strain)
    for state in ("loaded", "held", "released"):
        section, reference = (d.thickness_profile.sel(state=state).isel(x=0) for d in (ds, same))
        np.testing.assert_allclose(section, reference, rtol=1e-3)
        section, reference = (d.porosity_profile.sel(state=state).isel(x=0) for d in (ds, same))
        np.testing.assert_allclose(section, reference, atol=3e-4)


def test_disassembled_interior_equals_column(four):
    """Electrodes taken out of the middle of the section and out of the column shall agree within 0.1 %."""
    stack, ds = four
    free = column.run(stack, taken(ds))
    coatings = [i for electrode in stack.electrodes for i in electrode.coatings]
    section, reference = (
        d.thickness_profile.sel(state="disassembled").isel(x=0, layer=coatings) for d in (ds, free)
    )
    np.testing.assert_allclose(section, reference, rtol=1e-3)


def test_every_layer_carries_the_fluid_pressure(four):
    """Away from the edge every layer shall carry the fluid pressure through its thickness (statics)."""
    stack, ds = four
    inside = ds.axial_pressure_profile.sel(state="held").where(
        ds.x < stack.width - 3 * stack.height, drop=True
    )
    np.testing.assert_allclose(inside, 120e6, rtol=2e-3)


def test_solid_mass_is_kept(four):
    """Over the whole cycle, disassembly included, solid mass shall be kept to 1e-12 at every point."""
    _, ds = four
    assert 0.0 < ds.attrs["solid_mass_error"] < 1e-12


def test_released_layers_carry_no_load(four):
    """After release no layer shall carry load through its thickness, however stressed the foils."""
    stack, ds = four
    inside = ds.axial_pressure_profile.sel(state="released").where(
        ds.x < stack.width - 3 * stack.height, drop=True
    )
    assert np.abs(inside.weighted(ds.x_width[: inside.sizes["x"]]).mean("x")).max() < 0.02e6
    assert np.abs(ds.stress_x.isel(step=-1)).max() > 50e6


def test_confined_section_is_the_confined_column():
    """Held sideways, the section shall be the confined column everywhere, edge included."""
    stack, ds = pressed("120RT-2", columns=4, lateral="confined")
    reference = column.run(stack, taken(ds), lateral="confined")
    for name in ("thickness", "porosity", "axial_pressure", "stress_x", "stress_y"):
        scale = float(np.abs(reference[name]).max())
        np.testing.assert_allclose(ds[name], reference[name], atol=1e-6 * scale, err_msg=name)


def test_plane_strain_contracts_more_than_a_free_cell():
    """Plane strain shall overstate the contraction along the cut, and leave none across it."""
    _, free = pressed("120RT-2", columns=8)
    _, plane = pressed("120RT-2", columns=8, lateral="one direction")
    held = {"state": "held", "layer": "cathode 1 coating"}
    assert float(plane.strain_x_profile.sel(held)[0]) < float(free.strain_x_profile.sel(held)[0]) < 0.0
    assert np.all(plane.lateral_strain_y == 0.0)


def test_platen_presses_from_the_top_only():
    """Pressed by a platen the cell shall spread sideways, and its middle still carries the pressure."""
    case = cases.load("120RT-2", {**FLUSH, "model.section.columns": 12, "recipe.faces": ["top"]})
    stack = case.stack()
    mesh = section_mesh(stack, 12)
    ds = fem.run(stack, mesh, case.recipe.schedule(), set(case.recipe.pressed_faces), "free")
    assert float(ds.lateral_strain_x.sel(step=np.argmax(ds.pressure.values))) > 0.0
    assert float(ds.axial_pressure_profile.sel(state="held").isel(x=0, layer=5)) == pytest.approx(
        120e6, rel=0.01
    )


def test_nothing_holds_a_cell_flat_without_edge_and_plate():
    """Pressed on both faces and not on the edge the run shall end, say why, and keep its steps."""
    case = cases.load("120RT-2", {**FLUSH, "recipe.faces": ["top", "bottom"]})
    stack = case.stack()
    with pytest.raises(SolverError, match="nothing holds the cell flat") as failure:
        fem.run(stack, section_mesh(stack, 4), case.recipe.schedule(), {"top", "bottom"})
    assert failure.value.partial.pressure[-1] > 4e6


def test_failure_keeps_the_last_converged_state():
    """A run that cannot go on shall say why and hand over all steps that converged."""
    case = cases.load("120RT-2", {**FLUSH, "model.section.columns": 8})
    stack = case.stack()
    schedule = case.recipe.schedule()
    # from 10 MPa straight to 2 TPa: even a sixty-fourth of that step is beyond the law
    jump = Schedule(
        time=np.append(schedule.time[:3], 10.0),
        pressure=np.append(schedule.pressure[:3], 2e12),
        temperature=schedule.temperature[:4],
        phase=schedule.phase[:4],
    )
    with pytest.raises(SolverError, match=r"no equilibrium beyond 9\.8") as failure:
        fem.run(stack, section_mesh(stack, 8), jump, ALL)
    partial = failure.value.partial
    assert partial.attrs["complete"] == 0
    assert list(partial.pressure.values) == list(schedule.pressure[:3])
    assert np.isfinite(partial.thickness).all()


@pytest.mark.parametrize("filling", ["frame", "open gap"])
def test_overhang_leaves_the_middle_alone(filling):
    """With overhanging anodes and separators, whatever fills the gap, the middle shall be the column's."""
    stack, ds = pressed(
        "120RT-2",
        columns=12,
        **{"stack.overhang": True, "edge_fill": filling, "stack.pouch_edge": "conformal"},
    )
    free = column.run(stack, taken(ds))
    coatings = [i for electrode in stack.electrodes for i in electrode.coatings]
    for state in ("held", "disassembled"):
        section, reference = (
            d.thickness_profile.sel(state=state).isel(x=0, layer=coatings) for d in (ds, free)
        )
        np.testing.assert_allclose(section, reference, rtol=2e-3)
    beyond = ds.thickness_profile.sel(state="held", layer="cathode 1 coating").where(ds.x > 25e-3, drop=True)
    assert np.isnan(beyond).all()
    assert ds.attrs["solid_mass_error"] < 1e-12


def test_hot_press_without_hold_keeps_every_state():
    """Without a hold the end of the ramp shall be the held state too; heating and cooling bring no load."""
    _, ds = pressed("120C90-2", columns=4, **{"recipe.hold": "0 s"})
    loaded, held = (ds.thickness_profile.sel(state=state) for state in ("loaded", "held"))
    np.testing.assert_array_equal(loaded, held)
    heated = ds.isel(step=int(np.flatnonzero(ds.phase == "heat")[-1]))
    assert float(heated.temperature) == pytest.approx(363.15)
    np.testing.assert_allclose(heated.thickness, ds.thickness.isel(step=0), rtol=1e-12)
    assert float(ds.temperature[-1]) == pytest.approx(298.15)
