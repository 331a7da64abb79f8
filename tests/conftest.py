"""A stack pressed by hand: known numbers for everything that reads datasets and must not need a solver."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from isosim import case, dataset, materials, measure

HALF_WIDTH = 25e-3
THICKNESS = {"bag": 160e-6, "pouch": 113e-6, "separator": 25e-6, "film": 110e-6}
FOIL = {"cathode": ("al_foil", 15e-6), "anode": ("cu_foil", 10e-6)}
COATING = {"cathode": ("nmc622", 42.8e-6), "anode": ("graphite", 68e-6)}


def stand_in_stack(electrodes: int) -> SimpleNamespace:
    """Bag, pouch, electrodes (cathode first, one-sided, facing in pairs), film and separator between them."""
    layers: list[SimpleNamespace] = []
    members = []

    def add(name: str, role: str, material: str, thickness: float, electrode: int | None = None) -> int:
        layers.append(
            SimpleNamespace(
                name=name,
                role=role,
                material=material,
                thickness=thickness,
                half_width=HALF_WIDTH,
                electrode=electrode,
            )
        )
        return len(layers) - 1

    add("bag top", "bag", "bag", THICKNESS["bag"])
    add("pouch top", "pouch", "cpp", THICKNESS["pouch"])
    for number in range(1, electrodes + 1):
        kind = "cathode" if number % 2 else "anode"
        parts = [("foil", *FOIL[kind]), ("coating", *COATING[kind])]
        index = {
            role: add(f"{kind} {number} {role}", role, material, thickness, number)
            for role, material, thickness in (parts if kind == "cathode" else parts[::-1])
        }
        members.append(
            SimpleNamespace(number=number, kind=kind, coatings=(index["coating"],), foil=index["foil"])
        )
        if number < electrodes:
            add(f"separator {number}", "separator", "celgard2325", THICKNESS["separator"])
            add(f"film {number}", "film", "pressure_film", THICKNESS["film"])
    add("pouch bottom", "pouch", "cpp", THICKNESS["pouch"])
    add("bag bottom", "bag", "bag", THICKNESS["bag"])
    films = tuple(index for index, layer in enumerate(layers) if layer.role == "film")
    bodies = {layer.material: materials.load(layer.material) for layer in layers}
    return SimpleNamespace(
        layers=tuple(layers),
        electrodes=tuple(members),
        film_planes=films,
        materials=bodies,
        edge_fill=None,
        pouch_edge=None,
    )


def stand_in_case(stack: SimpleNamespace, name: str, scenario: str) -> SimpleNamespace:
    """A case of the stack; under the name of a shipped cell it has its content, so that it is published."""

    def content() -> dict:
        return case.load(name, {"scenario": scenario}).to_dict()

    return SimpleNamespace(stack=lambda: stack, name=name, scenario=scenario, to_dict=content)


def press_by_hand(
    name: str = "120RT-4",
    electrodes: int = 4,
    pressure: float = 120e6,
    temperature: float = 298.15,
    scenario: str = "coating",
    initial: dict[str, float] | None = None,
    final: dict[str, float] | None = None,
    strain: float = -0.003,
    edge_loss: float = 0.2,
    stations: int = 50,
) -> xr.Dataset:
    """Measured dataset of a press whose answer is prescribed.

    Coatings go from porosity `initial` to `final` in proportion to the largest pressure so far, keep their
    solid exactly, and are elastic by 1 % of their thickness at full pressure. Every layer has the in-plane
    strain `strain` in both directions. The pressure falls by `edge_loss` over the outermost station.
    """
    initial = {"cathode": 0.35, "anode": 0.50} | (initial or {})
    final = {"cathode": 0.146, "anode": 0.204} | (final or {})
    stack = stand_in_stack(electrodes)
    kind_of = {layer: member.kind for member in stack.electrodes for layer in member.coatings}
    load = np.array([0.0, 0.0, 0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 0.5, 0.0, 0.0])
    schedule = SimpleNamespace(
        time=np.array([0, 600, 630, 660, 690, 720, 900, 1020, 1080, 1140, 1740.0]),
        pressure=pressure * load,
        temperature=np.r_[298.15, np.full(9, temperature), 298.15],
        phase=np.array(["start", "heat", *["load"] * 4, *["hold"] * 2, *["release"] * 2, "cool"]),
    )
    largest = np.maximum.accumulate(load)
    width = HALF_WIDTH / stations
    x = (np.arange(stations) + 0.5) * width
    in_state = {"unpressed": 0, "loaded": 5, "held": 7, "released": 10, "disassembled": 10}
    edge = 1.0 - edge_loss * (np.arange(stations) == stations - 1)

    shape = (len(schedule.time), len(stack.layers))
    step = {key: np.zeros(shape) for key in ("thickness", "porosity")}
    lateral = strain * largest
    for index, layer in enumerate(stack.layers):
        if index in kind_of:
            kind = kind_of[index]
            porosity = initial[kind] + (final[kind] - initial[kind]) * largest
            solid = layer.thickness * (1.0 - initial[kind])
            step["porosity"][:, index] = porosity
            step["thickness"][:, index] = (
                solid / (1.0 - porosity) * np.exp(-2.0 * lateral) * (1.0 - 0.01 * load)
            )
        else:
            step["thickness"][:, index] = layer.thickness * (1.0 - 0.05 * load)
    state = np.array(list(in_state.values()))
    profile = {key: np.repeat(value[state][:, :, None], stations, axis=2) for key, value in step.items()}
    pressure_profile = schedule.pressure[state][:, None, None] * edge * np.ones((1, len(stack.layers), 1))
    strain_profile = np.broadcast_to(lateral[state][:, None, None], pressure_profile.shape)
    zero = np.zeros(shape)
    raw = dataset.assemble(
        stack,
        schedule,
        x,
        np.full(stations, width),
        {
            "lateral_strain_x": lateral,
            "lateral_strain_y": lateral,
            "iterations": np.ones(len(load)),
            **step,
            "axial_pressure": np.repeat(schedule.pressure[:, None], shape[1], axis=1),
            "stress_x": zero,
            "stress_y": zero,
            "plastic_strain": zero,
            "plastic_strain_profile": np.zeros_like(pressure_profile),
            "thickness_profile": profile["thickness"],
            "porosity_profile": profile["porosity"],
            "axial_pressure_profile": pressure_profile,
            "strain_x_profile": strain_profile,
            "strain_y_profile": strain_profile,
        },
        {"fidelity": "column", "lateral": "free", "complete": 1, "solid_mass_error": 1e-15},
    )
    return measure.all(raw, stand_in_case(stack, name, scenario))


def measure_again(ds: xr.Dataset, electrodes: int = 4, forget_electrodes: bool = False) -> xr.Dataset:
    """Measure the raw part of a dataset once more, as from a stack of that many electrodes."""
    stack = stand_in_stack(electrodes)
    raw = ds[list(dataset.VARIABLES)].drop_dims(["electrode", "plane"], errors="ignore")
    if forget_electrodes:
        stack.electrodes = ()
        raw["layer_electrode"] = raw.layer_electrode * 0
    return measure.all(raw, stand_in_case(stack, "again", "coating"))


@pytest.fixture
def measured_again():
    """`measure_again`: measures changed raw data."""
    return measure_again


@pytest.fixture
def pressed():
    """`press_by_hand`: builds a measured dataset of a press whose answer is prescribed."""
    return press_by_hand


@pytest.fixture(scope="session")
def seven() -> list[xr.Dataset]:
    """The seven cells of Table 2, pressed by hand."""
    hot, strong = {"cathode": 0.131, "anode": 0.188}, {"cathode": 0.082, "anode": 0.085}
    cells = [
        press_by_hand("120RT-2", 2),
        press_by_hand("120C90-2", 2, temperature=363.15, final=hot),
        press_by_hand("414RT-2", 2, pressure=414e6, final=strong, strain=-0.011),
    ]
    return cells + [press_by_hand(f"120RT-{n}", n) for n in (4, 10, 20, 40)]
