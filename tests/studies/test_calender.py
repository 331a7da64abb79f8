"""The roll gap of studies/calender, and the numbers of its page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import solve_ivp

from isosim import column, law
from isosim.materials import Material
from isosim.recipe import Recipe
from isosim.stack import Layer, Stack
from studies.calender import calender
from studies.calender.nip import NoNip, Pass, Rolls, Sheet, roll

HOME = Path(calender.__file__).parent
YIELD = 160e6


@pytest.fixture(scope="module")
def rolled() -> Pass:
    """The cathode as thin as 120 MPa press it, without rate, between rolls of 100 mm."""
    return roll(calender.electrode(), Rolls(0.1), 47.2e-6)


def strip(stiffer: float = 100.0) -> Sheet:
    """A dense strip of 100 um that yields and hardly bends elastically."""
    metal = law.Dense(bulk_modulus=stiffer * 70e9, shear_modulus=stiffer * 26e9, yield_stress=YIELD)
    return Sheet.unpressed((metal,), (100e-6,), (None,))


def karman(gap: float, height: float, radius: float, friction: float) -> float:
    """Line load [N/m] of a rigid plastic strip by von Karman: h p' = 2k h' +- 2 mu p, p = 2k at both ends."""
    twice_k = 2.0 * YIELD / np.sqrt(3.0)
    x = np.linspace(-np.sqrt(radius * (height - gap)), 0.0, 2001)

    def slope(sign: float):  # type: ignore[no-untyped-def]
        return lambda at, p: (twice_k * 2 * at / radius + sign * 2 * friction * p) / (gap + at**2 / radius)

    tight = {"rtol": 1e-9, "atol": 1.0}
    before = solve_ivp(slope(1.0), (x[0], 0.0), [twice_k], t_eval=x, **tight).y[0]
    behind = solve_ivp(slope(-1.0), (0.0, x[0]), [twice_k], t_eval=x[::-1], **tight).y[0][::-1]
    p = np.minimum(before, behind)
    return float((0.5 * (p[1:] + p[:-1]) * np.diff(x)).sum())


@pytest.mark.parametrize("friction", [0.03, 0.1])
def test_a_rigid_plastic_strip_follows_von_karman(friction: float):
    """The line load of a strip without pores shall be that of von Karman's friction hill within 2 %."""
    own = roll(strip(), Rolls(0.1, friction, young=np.inf), 90e-6)
    assert own.line_load == pytest.approx(karman(90e-6, 100e-6, 0.1, friction), rel=0.02)
    peak = own.pressure.argmax()
    assert 0 < peak < len(own.x) - 1 and own.force[-1] == pytest.approx(
        0.0, abs=0.02 * np.abs(own.force).max()
    )


def test_a_dense_strip_is_longer_by_what_it_is_thinner():
    """Without pores length times thickness shall be conserved through the gap."""
    own = roll(strip(), Rolls(0.1, 0.1, young=np.inf), 90e-6)
    assert own.stretch[-1] * own.thickness[-1] == pytest.approx(own.thickness[0], rel=1e-3)


def test_most_of_the_arc_sticks(rolled: Pass):
    """The web shall stick over more than 80 % of the arc, where half of the places need less than 0.03."""
    middle = 0.5 * (rolled.pressure[1:] + rolled.pressure[:-1])
    needed = np.abs(rolled.shear[1:]) / middle
    stuck = needed < rolled.friction * (1 - 1e-6)
    assert (stuck * np.diff(rolled.x)).sum() > 0.8 * rolled.arc
    assert np.median(needed[stuck]) < 0.03


def test_forces_are_in_balance(rolled: Pass):
    """The change of the force along the web shall be what pressure on the slope and friction do."""
    middle = 0.5 * (rolled.pressure[1:] + rolled.pressure[:-1])
    given = (middle * np.diff(rolled.thickness) + 2 * rolled.shear[1:] * np.diff(rolled.x)).sum()
    assert rolled.force[-1] - rolled.force[0] == pytest.approx(-given, abs=1e-3 * np.abs(rolled.force).max())
    assert (np.abs(rolled.shear[1:]) <= rolled.friction * middle * (1 + 1e-6)).all()


def test_mass_is_conserved_through_the_gap(rolled: Pass):
    """Solid in and solid out of the gap shall be the same, coating and foil."""
    after, before = rolled.after, calender.electrode()
    flow = lambda sheet: (1 - sheet.porosity()) * sheet.thickness * sheet.stretch.prod(axis=1)  # noqa: E731
    assert flow(after)[0] == pytest.approx(flow(before)[0], rel=2e-3)  # elastic strain is left
    np.testing.assert_allclose(law.solid(after.state, after.parameters), 1 - before.porosity(), rtol=1e-12)


def test_a_stuck_sheet_is_a_confined_column():
    """Where friction holds all of the web, the porosity at the narrowest place shall be that of the confined
    column under the same pressure, whatever the radius."""
    sheet = calender.electrode()
    names = ("coating", "foil")
    layers = [
        Layer(n, "other", n, t, 1e-2, p) for n, t, p in zip(names, sheet.thickness, (0.35, None), strict=True)
    ]
    known = {
        n: Material(n, "porous" if n == "coating" else "dense", n, own)
        for n, own in zip(names, sheet.laws, strict=True)
    }
    for radius in (0.05, 0.4):
        one = roll(sheet, Rolls(radius, 1e6, young=np.inf), 47.2e-6, (0.0, -np.inf))
        peak = int(one.pressure.argmax())
        recipe = Recipe(pressure=float(one.pressure[peak]), hold=0.0)
        ds = column.run(
            Stack(tuple(layers), known), recipe.schedule(refine=4), "confined", edge_pressure=False
        )
        assert one.porosity[peak, 0] == pytest.approx(
            float(ds.porosity.isel(step=ds.pressure.argmax("step"), layer=0)), abs=2e-4
        )


def test_without_friction_the_web_is_drawn_through():
    """Without friction the force that draws the web out shall be the work of the pressure on the draft."""
    one = roll(calender.electrode(), Rolls(0.1, 0.0), 47.2e-6)
    work = -(0.5 * (one.pressure[1:] + one.pressure[:-1]) * np.diff(one.thickness)).sum()
    assert one.force[-1] == pytest.approx(work, rel=1e-6) and work > 0.0


def test_rolls_flatten_by_hitchcock(rolled: Pass):
    """The radius shall be that of the line load it gives; rigid rolls shall keep theirs."""
    draft = rolled.thickness[0] - rolled.gap
    assert rolled.radius == pytest.approx(Rolls(0.1).flattened(rolled.line_load, draft), rel=0.01)
    assert Rolls(0.1, young=np.inf).flattened(1e6, 1e-6) == 0.1


def test_the_arc_is_fine_enough(monkeypatch: pytest.MonkeyPatch, rolled: Pass):
    """Half the step shall move line load by less than 1 % and the foil's strain by less than 0.01 points."""
    monkeypatch.setattr("studies.calender.nip.STEPS", 160)
    fine = roll(calender.electrode(), Rolls(0.1), 47.2e-6)
    assert fine.line_load == pytest.approx(rolled.line_load, rel=0.01)
    assert calender.strains(fine)[0] == pytest.approx(calender.strains(rolled)[0], abs=0.01)


def test_a_gap_that_does_not_touch_is_refused():
    """A gap wider than the sheet shall be an error that names both."""
    with pytest.raises(NoNip, match=r"57\.82 um"):
        roll(calender.electrode(), Rolls(0.1), 60e-6)


def test_the_line_loads_of_the_page():
    """14.6 % shall take 82 N/mm and 110 MPa and lengthen the foil by 0.06 %; pressing -0.33 %."""
    isostatic = calender.pressed(120).loc["cathode"]
    one = calender.reaching(calender.electrode(), Rolls(0.1), isostatic.porosity)[-1]
    assert one.line_load / 1e3 == pytest.approx(82.5, abs=1.0)
    assert one.pressure.max() / 1e6 == pytest.approx(110.0, abs=1.0)
    assert calender.strains(one) == pytest.approx((0.06, 0.04), abs=0.005)
    assert isostatic["foil_%"] == pytest.approx(-0.33, abs=0.01)
    assert isostatic.porosity == pytest.approx(0.146, abs=5e-4)
    free = roll(calender.electrode(), Rolls(0.1, 0.0), one.gap)
    assert calender.edge(one, free) == pytest.approx((0.087, 19.5), rel=0.03)


def test_a_web_that_slips_is_drawn_out():
    """With a friction of 0.003 the foil shall lengthen by more than 1 %, 20 times as much as when stuck."""
    slips = roll(calender.electrode(), Rolls(0.1, 0.003), 47.2e-6)
    sticks = roll(calender.electrode(), Rolls(0.1, 0.15), 47.2e-6)
    assert calender.strains(slips)[0] > 1.0
    assert calender.strains(slips)[0] > 20.0 * calender.strains(sticks)[0]


def test_a_thick_stripe_is_pressed_harder_and_hardly_drawn():
    """A stripe 10 % too thick shall see three times the pressure, and its foil less than 0.3 %."""
    even, stripe = (roll(calender.electrode(excess=share), Rolls(0.1), 47.26e-6) for share in (0.0, 0.1))
    assert 2.5 < stripe.pressure.max() / even.pressure.max() < 4.0
    assert 0.1 < calender.strains(stripe)[0] < 0.3


def test_the_coating_opens_when_the_press_lets_go():
    """After 414 MPa the cathode shall open from 6.5 to 8.4 %: why rolls reach that with half of it."""
    assert calender.pressed(414).loc["cathode"].held == pytest.approx(0.065, abs=5e-4)
    assert calender.pressed(414).loc["cathode"].porosity == pytest.approx(0.084, abs=5e-4)


def test_the_page_says_what_the_tables_hold():
    """Line loads, strains, passes and resistances of the page shall be those of the tables."""
    page = (HOME / "README.md").read_text()
    table = pd.read_csv(HOME / "calender.csv")
    for target, loads in ((120, "57, **82**, 121, 180"), (414, "104, **153**, 228, 346")):
        rows = table[table.as_pressed_at_MPa == target]
        plain = rows[rows.what == "radius"].line_load_N_mm
        assert loads.replace("*", "") == ", ".join(f"{q:.0f}" for q in plain) and loads in page
        passes = rows[rows.what == "passes"]
        assert ", ".join(f"{q:.0f}" for q in passes.line_load_N_mm) + ";" in page
        assert ", ".join(f"+{e:.2f}" for e in passes["foil_along_%"]) in page
    curves = pd.read_csv(HOME / "compaction.csv").groupby(["card", "radius_mm"])
    found = [calender.resistance(curve.reset_index())[0] for _, curve in curves]
    assert found == pytest.approx([87, 175, 211, 417], abs=0.5)
    assert "| 87 (one side" in page and ", 175 N/mm" in page and "211 and 417 N/mm" in page
    other = table[table.what == "law of NMC111"]
    assert other.line_load_N_mm.round().tolist() == [279, 501] and "| **279** | **501** |" in page
    speeds = table[table.what.str.startswith("speed")].line_load_N_mm.to_numpy()
    assert speeds[-1] / speeds[0] == pytest.approx(1.23, abs=0.005)
