"""Many presses at once: the same column, thousands of times a second."""

import dataclasses
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from isosim import column, law, measure
from isosim.case import load
from isosim.column.many_alone import press_alone
from isosim.column.many_cases import Cases
from isosim.errors import InputError
from isosim.materials import Material
from isosim.recipe import Recipe
from isosim.stack import Layer, Stack
from tests.column.bodies import body, ramp, schedule
from tests.column.test_random_presses import random_stack
from tests.law.laws import CAPS, GPA, MPA, VISCOSITY, aluminium, anode, cathode

NAMES = ("120RT-2", "120C90-2", "414RT-2", "120RT-4", "120RT-10", "120RT-20", "120RT-40")
LATERAL = ("free", "one direction", "confined")


def one(stack, plan, lateral, edge=True):
    """The readings of `press_many` taken from `column.run` and `isosim.measure`, by name."""
    ds = column.run(stack, plan, lateral, edge_pressure=edge)
    case = SimpleNamespace(stack=lambda: stack, name="", scenario="")
    ds = measure.all(ds, case)
    held = np.flatnonzero(np.isin(ds.phase, ["load", "hold"]))[-1]
    step = [held, len(ds.step) - 1]
    found = {
        "height": ds.thickness.sum("layer").values[step],
        "lateral_strain_x": ds.lateral_strain_x.values[step],
        "lateral_strain_y": ds.lateral_strain_y.values[step],
    }
    if stack.electrodes:
        states = ["held", "released", "disassembled"]
        kinds = [k for k in ("cathode", "anode") if k in ds.electrode_kind.values]
        of = {k: np.flatnonzero(ds.electrode_kind.values == k) for k in kinds}

        def mean(array):
            return np.stack([array.isel(electrode=of[k]).mean("electrode").values for k in kinds])

        found |= {
            "reduction": ds.cell_reduction.values,
            "thickness": mean(ds.electrode_thickness.sel(state=states)),
            "porosity": mean(ds.electrode_porosity.sel(state=states)),
            "springback": ds.cell_springback.values,
            "foil_strain_x": mean(ds.foil_strain_x.sel(state="disassembled")),
            "foil_strain_y": mean(ds.foil_strain_y.sel(state="disassembled")),
        }
    return found


def shall_agree(ds, case, expected):
    for name, value in expected.items():
        scale = np.abs(value) if name in ("height", "thickness") else 1.0
        error = np.abs(ds[name].values[case] - value) / scale
        assert np.nanmax(error) < 1e-8, (name, case, error)
        assert np.isfinite(ds[name].values[case]).all()


@pytest.mark.parametrize("name", NAMES)
def test_published_cells(name):
    """The published cells shall come out as from the single column to 1e-8, in all kinematics."""
    case = load(name)
    ds = column.press_many(case, {"lateral": np.array(LATERAL)})
    assert (ds.status == 0).all()
    for i, lateral in enumerate(LATERAL):
        shall_agree(ds, i, one(case.stack(), case.recipe.schedule(), lateral))


def changed(stack, values):
    """A stack with laws and layers changed by hand."""

    def deep(part, path, value):
        head, _, rest = path.partition(".")
        return dataclasses.replace(part, **{head: deep(getattr(part, head), rest, value) if rest else value})

    materials, layers = dict(stack.materials), list(stack.layers)
    for name, path, value in values:
        if path in ("thickness", "porosity"):
            layers = [
                dataclasses.replace(own, **{path: value}) if name in (own.material, own.name) else own
                for own in layers
            ]
        else:
            old = materials[name]
            materials[name] = dataclasses.replace(old, law=deep(old.law, path, value))
    return dataclasses.replace(stack, layers=tuple(layers), materials=materials)


def test_random_variations():
    """Cases that differ in everything that can vary shall each come out as alone, to 1e-8."""
    rng, n = np.random.default_rng(3), 24
    case = load("120RT-4")
    names = {  # name of an override: where it goes by hand
        "nmc622.cap.hardening": ("nmc622", "cap.hardening", rng.uniform(50e6, 75e6, n)),
        "nmc622.cap.minimum_porosity": ("nmc622", "cap.minimum_porosity", rng.uniform(0.03, 0.09, n)),
        "graphite.surface.friction": ("graphite", "friction", rng.uniform(0.8, 1.6, n)),
        "graphite.viscosity.exponent": ("graphite", "viscosity.exponent", rng.uniform(3.0, 9.0, n)),
        "celgard2325.surface.cohesion": ("celgard2325", "cohesion", rng.uniform(1e6, 9e6, n)),
        "al_foil.plastic.yield_stress": ("al_foil", "yield_stress", rng.uniform(60e6, 200e6, n)),
        "pressure_film.elastic.bulk_modulus": ("pressure_film", "bulk_modulus", rng.uniform(3e9, 8e9, n)),
        "nmc622.porosity": ("nmc622", "porosity", rng.uniform(0.30, 0.40, n)),
        "graphite.thickness": ("graphite", "thickness", rng.uniform(40e-6, 90e-6, n)),
        "separator 2.thickness": ("separator 2", "thickness", rng.uniform(15e-6, 40e-6, n)),
    }
    recipe = {
        "pressure": rng.uniform(30e6, 414e6, n),
        "temperature": rng.uniform(298.15, 363.15, n),
        "hold": rng.uniform(10.0, 900.0, n),
    }
    lateral, edge = rng.choice(LATERAL, n), rng.integers(0, 2, n)
    overrides = {name: values for name, (_, _, values) in names.items()} | recipe
    ds = column.press_many(case, {**overrides, "lateral": lateral, "edge_pressure": edge})
    assert (ds.status >= 0).all()
    for i in range(n):
        stack = changed(case.stack(), [(name, path, values[i]) for name, path, values in names.values()])
        own = dataclasses.replace(case.recipe, **{name: float(values[i]) for name, values in recipe.items()})
        shall_agree(ds, i, one(stack, own.schedule(), str(lateral[i]), bool(edge[i])))


def test_card_values_that_make_a_law_together():
    """Overrides of E, nu and of thermal factors shall act as if written into the card."""
    case = load("120C90-2")
    overrides = {"al_foil.elastic.poisson_ratio": [0.33, 0.2], "nmc622.thermal.strength": [0.91, 0.8]}
    ds = column.press_many(case, overrides)
    young = 69e9
    stack = changed(
        case.stack(),
        [
            ("al_foil", "bulk_modulus", young / (3 * (1 - 2 * 0.2))),
            ("al_foil", "shear_modulus", young / (2 * (1 + 0.2))),
            ("nmc622", "thermal.strength", -np.log(0.8) / 65.0),
        ],
    )
    shall_agree(ds, 1, one(stack, case.recipe.schedule(), "free"))


def every_law():
    """A stack of every cap, thermal expansion, creep of a dense layer, and elasticity of soils."""
    warm = law.Thermal(298.15, strength=1e-3, bulk=2e-3, shear=2e-3, expansion=2e-5)
    laws = {
        f"cap {i}": cathode(cap=cap, thermal=warm, viscosity=VISCOSITY) for i, cap in enumerate(CAPS.values())
    }
    laws["tension"] = anode(tension_ratio=0.2)
    laws["warm"] = aluminium(thermal=warm)
    laws["creep"] = law.Dense(11 * GPA, 4 * GPA, 20 * MPA, viscosity=law.Viscosity(5 * MPA, 6.6, 1e-4, 37e3))
    laws["soil"] = cathode(
        elasticity=law.PressureProportional(1 * MPA, 0.05), stiffness_porosity=np.inf, cohesion=0.0
    )
    return body(**{name: (model, 40e-6) for name, model in laws.items()})


@pytest.mark.parametrize("lateral", LATERAL)
def test_every_law(lateral):
    """Every cap, expansion, creep and elasticity shall come out as from the single column to 1e-8."""
    stack = every_law()
    pressure = ramp(150 * MPA)
    plan = schedule(pressure, np.where(pressure > 100 * MPA, 340.0, 298.15))
    ds = column.press_many(stack, {}, plan, lateral)
    assert ds.status.values[0] >= 0
    shall_agree(ds, 0, one(stack, plan, lateral))


def test_random_stacks():
    """Stacks with wild constants shall come out as from the single column to 1e-8."""
    rng = np.random.default_rng(5)
    for _ in range(12):
        stack, lateral = random_stack(rng), str(rng.choice(LATERAL))
        plan = schedule(ramp(rng.choice([120 * MPA, 414 * MPA])))
        ds = column.press_many(stack, {}, plan, lateral)
        assert ds.status.values[0] >= 0
        shall_agree(ds, 0, one(stack, plan, lateral))


def test_states_of_their_own_change_nothing():
    """Every layer with a state of its own shall give what like layers collapsed to one give, to 1e-9."""
    case = load("120C90-2", {"stack.electrodes": 6})
    overrides = {"pressure": [60e6, 120e6, 300e6], "separator 2.thickness": [20e-6, 25e-6, 30e-6]}
    few, many = (column.press_many(case, overrides, explicit=explicit) for explicit in (False, True))
    assert few.attrs["sheets"] == 10 and many.attrs["sheets"] == len(case.stack().layers)
    for name in few.data_vars:
        np.testing.assert_allclose(few[name], many[name], rtol=1e-9, atol=1e-9)


def test_the_safe_road_gives_the_same():
    """A case pressed alone on the safe road shall have the readings of one pressed among many."""
    case = load("414RT-2")
    cases = Cases(case.stack(), case.recipe, {}, "free", 1.0, 1, False)
    stretch, u, plane = press_alone(cases, 0, cases.plans[0][0])
    assert np.isfinite(stretch).all() and np.isfinite(u).all() and np.isfinite(plane).all()
    expected = one(case.stack(), case.recipe.schedule(), "free")
    np.testing.assert_allclose(plane[[0, 2]], expected["lateral_strain_x"], atol=1e-12)
    np.testing.assert_allclose(plane[4::2].min(), expected["foil_strain_x"].min(), atol=1e-12)


def test_values_a_case_cannot_have():
    """A case with a value that it cannot have shall have status -1 and no numbers, and disturb no other."""
    case = load("120RT-2")
    overrides = {
        "nmc622.porosity": [0.35, 0.01, 0.35, 0.35, 0.35, 0.35],
        "pressure": [120e6, 120e6, -1.0, 120e6, 120e6, 120e6],
        "nmc622.cap.hardening": [62e6, 62e6, 62e6, np.nan, 62e6, 62e6],
        "al_foil.elastic.poisson_ratio": [0.33, 0.33, 0.33, 0.33, 0.5, 0.33],
        "separator 1.thickness": [25e-6, 25e-6, 25e-6, 25e-6, 25e-6, 0.0],
    }
    ds = column.press_many(case, overrides)
    np.testing.assert_array_equal(ds.status, [0, -1, -1, -1, -1, -1])
    good = column.press_many(case, {name: values[:1] for name, values in overrides.items()})
    for name in good.data_vars:
        np.testing.assert_array_equal(ds[name][:1], good[name])
        if name != "status":
            assert np.isnan(ds[name][1:]).all()


def test_a_load_no_layer_can_carry():
    """A case without balance shall have status -2 and no numbers, and its neighbours theirs."""
    weak = cathode(cap=law.Power(p0=1e6, exponent=2.0, locking=0.0))
    stack = body(coating=(weak, 50e-6))
    ds = column.press_many(stack, {"coating.cap.p0": [50e6, 1e6, 60e6]}, schedule(ramp(60 * MPA)), "confined")
    np.testing.assert_array_equal(ds.status, [0, -2, 0])
    assert np.isnan(ds.height[1]).all() and np.isfinite(ds.height[[0, 2]]).all()


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"nmc622.cap.hardness": 1.0}, "cap.hardening"),
        ({"unobtainium.cap.p0": 1.0}, "unknown name"),
        ({"pressure": [1e6, 2e6], "hold": [1.0, 2.0, 3.0]}, "one length"),
        ({"pressure": [[1e6]]}, "each case"),
        ({"lateral": ["free", "sideways"]}, "sideways"),
        ({"al_foil.porosity": 0.3}, "dense"),
        ({"separator 1.thickness": 1e-5, "celgard2325.thickness": 1e-5}, "one of them"),
        ({"pressure": ["a lot"]}, "SI"),
    ],
)
def test_overrides_that_mean_nothing_are_refused(overrides, words):
    """Unknown names, names without effect and values of the wrong shape or type shall be refused."""
    with pytest.raises(InputError, match=words):
        column.press_many(load("120RT-2"), overrides)


def test_a_stack_needs_to_be_told_how():
    """A stack without a recipe, and a pressure beside a schedule, shall be refused."""
    stack = load("120RT-2").stack()
    with pytest.raises(ValueError, match="recipe"):
        column.press_many(stack, {})
    with pytest.raises(InputError, match="recipe"):
        column.press_many(stack, {"pressure": 1e8}, schedule(ramp(60 * MPA)))


def test_readings_are_labelled():
    """Every reading shall carry its unit and meaning, every case what it was pressed with."""
    ds = column.press_many(load("120RT-2"), {"pressure": np.array([60e6, 120e6])})
    assert all(
        ds[name].attrs["units"] and ds[name].attrs["long_name"] for name in ds.data_vars if name != "status"
    )
    np.testing.assert_array_equal(ds.pressure, [60e6, 120e6])
    assert ds.sizes["case"] == 2 and list(ds.kind.values) == ["cathode", "anode"]


def test_an_electrode_may_have_two_coatings():
    """Electrodes coated on both sides shall be read as one, with both coatings."""
    materials = {
        "coat": Material("coat", "porous", "coat", cathode(viscosity=VISCOSITY)),
        "foil": Material("foil", "dense", "foil", aluminium()),
    }
    layers = tuple(
        Layer(name, role, material, thickness, 25e-3, electrode=1, kind="cathode")
        for name, role, material, thickness in (
            ("top", "coating", "coat", 40e-6),
            ("foil", "foil", "foil", 15e-6),
            ("low", "coating", "coat", 70e-6),
        )
    )
    stack, recipe = Stack(layers, materials), Recipe(200e6)
    ds = column.press_many(stack, {"low.porosity": [0.3, 0.35]}, recipe)
    for i, porosity in enumerate((0.3, 0.35)):
        own = changed(stack, [("low", "porosity", porosity)])
        shall_agree(ds, i, one(own, recipe.schedule(), "free"))


def shall_end_well(count, seed):
    """Random cells with films, pressed up to 414 MPa and released: all in balance, all finite."""
    rng = np.random.default_rng(seed)

    def around(value, factor):
        return value * np.exp(rng.uniform(-np.log(factor), np.log(factor), count))

    overrides = {
        "pressure": rng.choice([120e6, 250e6, 414e6], count),
        "temperature": rng.choice([298.15, 338.15, 363.15], count),
        "lateral": rng.choice(LATERAL, count),
        "nmc622.cap.hardening": around(60e6, 2.0),
        "nmc622.cap.minimum_porosity": rng.uniform(0.0, 0.1, count),
        "nmc622.surface.friction": around(1.2, 1.7),
        "nmc622.surface.tension_ratio": rng.uniform(0.0, 0.2, count),
        "nmc622.elastic.bulk_modulus": around(20e9, 2.0),
        "nmc622.viscosity.stress": around(8e6, 5.0),
        "nmc622.porosity": rng.uniform(0.25, 0.45, count),
        "graphite.cap.hardening": around(70e6, 2.0),
        "graphite.surface.matrix_strength": around(400e6, 4.0),
        "graphite.surface.cohesion": around(1e6, 6.0),
        "graphite.viscosity.exponent": rng.uniform(2.0, 10.0, count),
        "celgard2325.cap.hardening": around(31e6, 1.5),
        "celgard2325.elastic.shear_modulus": around(0.4e9, 2.0),
        "al_foil.plastic.yield_stress": around(100e6, 3.0),
        "cu_foil.plastic.hardening": around(1e9, 5.0),
        "pressure_film.elastic.shear_modulus": around(1e9, 3.0),
    }
    ds = column.press_many(load("120RT-4"), overrides)
    assert (ds.status >= 0).all()
    for name in ds.data_vars:
        assert np.isfinite(ds[name]).all()
    assert np.abs(ds.lateral_strain_x).max() < 0.5
    assert float((ds.status == 1).mean()) < 0.01
    assert ((ds.reduction > 0.0) & (ds.reduction < 0.6)).all() and (
        (ds.porosity > 0.0) & (ds.porosity < 0.45)
    ).all()


def test_ten_thousand_random_presses():
    """Ten thousand random presses to 414 MPa and back shall end in balance, hardly any on the safe road."""
    shall_end_well(10_000, 7)


@pytest.mark.long
def test_a_million_random_presses():
    """A million random presses to 414 MPa and back shall end in balance, hardly any on the safe road."""
    for seed in range(100):
        shall_end_well(10_000, seed + 100)


def test_example_of_the_page():
    """The example of docs/press-many.md shall run, all of its cases to the end."""
    page = Path(__file__).parents[2] / "docs" / "press-many.md"
    (text,) = re.findall(r"```python\n(.*?)```", page.read_text(), re.S)
    names = {}
    exec(compile(text, "docs/press-many.md", "exec"), names)
    assert (names["ds"].status >= 0).all()
    assert ((names["cathode"] > 0.15) & (names["cathode"] < 0.40)).all()
