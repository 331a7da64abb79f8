"""The rows of the dossier: what is predicted, what was measured, and of which kind each row is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

import isosim
from isosim import materials
from isosim.case import Case, load_set
from isosim.column import press_many
from isosim.data import measured, validate
from isosim.data.calibration import calibrate, load
from isosim.data.calibration.model import CARRIER, REFINE, Presses
from isosim.data.published import declared, dixit2024
from isosim.law import Damage, Dense
from isosim.materials.material import Material
from isosim.measure.instruments import from_dataset
from isosim.measure.instruments.relations import constant
from isosim.recipe import ROOM, Recipe
from isosim.stack import Layer, Stack
from isosim.uncertainty import intervals, laws
from isosim.uncertainty.intervals import LEVEL, Uncertainty
from isosim.uncertainty.scores import coverage, interval_score
from studies.solid_state import solid_state

SECOND_HAND = "D"
Z = 1.645  # standard deviations of an interval of 90 %


@dataclass(frozen=True)
class Row:
    """A row: numbers in `unit`; `source` one of the provenance codes of the cards, D and M second-hand.

    kind: identity, fitted, ordering, prediction, open, or declined (no number; `remark` says why).
    """

    id: str
    what: str
    kind: str
    unit: str
    predicted: float | None = None
    low: float | None = None
    high: float | None = None
    measured: tuple[float, float] | None = None  # ends of the measured interval
    source: str = "S"
    remark: str = ""

    @property
    def inside(self) -> bool | None:
        """Whether the prediction lies in the measured interval; None where there is nothing to compare."""
        if self.predicted is None or self.measured is None:
            return None
        return self.measured[0] <= self.predicted <= self.measured[1]

    @property
    def outcome(self) -> str:
        """In words. A second-hand row carries no verdict alone."""
        if self.inside is None:
            return self.remark
        if self.measured[0] == self.measured[1]:  # nothing says its error
            return f"off by {self.predicted - self.measured[0]:+.2g}; {self.remark}"
        overlap = self.low is not None and self.low <= self.measured[1] and self.measured[0] <= self.high
        words = "inside" if self.inside else ("outside, intervals overlap" if overlap else "**outside**")
        if self.source in "DM":
            words += " (second-hand, no verdict)"
        return f"{words}; {self.remark}" if self.remark else words


def sangros2019() -> tuple[list[Row], dict[str, float]]:
    """V1: points 1 to 4 fitted, point 5 predicted; and the skill against two lines."""
    found = calibrate(load(measured.path_of("sangros2019")), "nmc622_log")
    rows = [
        Row(
            "V1",
            f"porosity of NMC111 90:4:2:4 at {one.pressure / 1e6:.4g} MPa, law {found.chosen.model.law.name}",
            "fitted" if one.role == "fit" else "prediction",
            "1",
            one.predicted,
            one.low,
            one.high,
            (one.measured - Z * 0.0125, one.measured + Z * 0.0125),
            SECOND_HAND,
        )
        for one in found.rows
        if one.pressure > 0.0
    ]
    skill = {name: part["skill"] for name, part in found.skill.items() if isinstance(part, dict)}
    return rows, skill


def ngandjong2021() -> list[Row]:
    """V2: another formulation by the card of V1: pressed at 60 degC, confined, from 42 %."""
    card = materials.load("nmc622_log")
    carrier = Material("carrier", "dense", "carrier", Dense(70e9, 26e9, np.inf))
    stack = Stack(
        (
            Layer("coating", "coating", "card", 60e-6, 1.0, porosity=0.42, electrode=1, kind="cathode"),
            Layer("carrier", "foil", "carrier", 60e-6 * CARRIER, 1.0, electrode=1, kind="cathode"),
        ),
        {"card": card, "carrier": carrier},
    )
    known = ((5.9, 0.32, 0.01), (86.0, 0.263, 0.008), (160.0, 0.27, 0.01))
    pressure = np.array([1e6 * p for p, _, _ in known])
    warm = ROOM + 35.0
    what = {"pressure": pressure, "temperature": warm}
    porosity = press_many(stack, what, Recipe(1e8, ROOM), lateral="confined", refine=REFINE).porosity
    predicted = porosity.sel(state="released").values[:, 0]
    found = calibrate(load(measured.path_of("sangros2019")), "nmc622_log")
    presses = Presses(pressure, np.full(3, ROOM), np.full(3, 300.0))
    low, high, *_ = found.interval(
        found.chosen.model.predicted(found.chosen.unknowns[None], presses)[0], pressure, presses
    )
    half = 0.5 * (high - low)
    return [
        Row(
            "V2",
            f"porosity of NMC111 96:2:2 at {p:g} MPa, 60 degC, from 0.42",
            "prediction",
            "1",
            float(predicted[k]),
            float(predicted[k] - half[k]),
            float(predicted[k] + half[k]),
            (phi - s, phi + s),
            SECOND_HAND,
            "less binder than the card was fitted to",
        )
        for k, (p, phi, s) in enumerate(known)
    ]


def mass_balance() -> list[Row]:
    """V3: thickness and porosity of one loading; the first row gives the solid, the others follow."""
    thickness, porosity = (59.0, 53.0, 49.0), (0.341, 0.255, 0.207)
    solid = thickness[0] * (1.0 - porosity[0])
    spread = np.hypot(0.005, (1.0 - porosity[0]) * 0.5 / thickness[0])  # of the porosity, and half a um
    return [
        Row(
            "V3",
            f"porosity at {t:g} um of a coating of 59 um at 34.1 %",
            "identity",
            "1",
            1.0 - solid / t,
            1.0 - solid / t - Z * spread,
            1.0 - solid / t + Z * spread,
            (phi - 0.005, phi + 0.005),
            SECOND_HAND,
        )
        for t, phi in zip(thickness[1:], porosity[1:], strict=True)
    ]


def dixit(found: Mapping[str, Uncertainty], pressed: Mapping[str, Sequence]) -> Iterator[Row]:
    """V4: every statement about the seven cells, with the intervals of the declared reading."""
    names = {"identity": "V4c", "fitted": "V4", "ordering": "V4", "open": "V4"}
    rows = validate.validate(pressed)
    worst = [row for row in rows if row.kind == "identity"]
    for row in rows:
        if row.kind == "identity":
            continue
        low, high = _interval(found, row) if row.kind != "ordering" else (None, None)
        ends = (row.low if row.low is not None else -np.inf, row.high if row.high is not None else np.inf)
        remark = {"fitted": "target chosen inside the band", "open": "not judged"}.get(row.kind, "")
        what = f"{row.cell}: {row.quantity}".replace("|", " to ")
        unit = "grey" if row.unit == "0-255" else row.unit
        yield Row(names[row.kind], what, row.kind, unit, row.predicted + 0.0, low, high, ends, "S", remark)
    held = sum(bool(row.holds) for row in worst)
    words = f"{held} of {len(worst)} hold: film pressure inside, ceiling of mass balance, mass of the solid"
    yield Row("V4c", "statics and mass balance, all cells", "identity", "", remark=words)


def _interval(found: Mapping[str, Uncertainty], row: validate.Row) -> tuple[float | None, float | None]:
    kind, _, quantity = row.quantity.partition(" ")
    name = {
        "reduction": f"reduction_{kind}_coating",
        "reduction with foil": f"reduction_{kind}_with_foil",
        "porosity left": f"porosity_{kind}_disassembled",
    }.get(quantity)
    for headline in found[row.cell].headlines if row.cell in found and name else ():
        if headline.name == name:
            return 100.0 * headline.both[0], 100.0 * headline.both[1]
    return None, None


def instruments(pressed: Mapping[str, Sequence]) -> list[Row]:
    """V4d, V12, V13: foil, peel, relations and broken particles."""
    rows = []
    cell = pressed[declared()["scenario"]][0]
    for reading in from_dataset(cell):
        if reading.quantity == "adhesion ratio" and reading.value is not None:
            rows.append(
                Row(
                    "V4d",
                    f"120RT-2: peel of the {reading.subject} over that before",
                    "prediction",
                    "1",
                    reading.value,
                    reading.low,
                    reading.high,
                    (10.0, np.inf),
                    "S",
                    "a **failed model**: the paper's tape-limited 10 is a lower bound",
                )
            )
    strain = cell.foil_strain_x.sel(state="disassembled").values
    rows.append(
        Row(
            "V4d",
            "120RT-2: largest stretch of a foil taken out",
            "open",
            "%",
            100.0 * float(strain.max()),
            None,
            None,
            (-np.inf, 2.0),
            "S",
            "foils tear at 2 % and more (remembered); texture is not computed",
        )
    )
    before, after = 0.417, 0.270
    for what, ratio, exponent, scale in (
        (
            "electronic conductivity",
            1.55 / 0.45,
            constant("conduction", "exponent").value,
            (1 - after) / (1 - before),
        ),
        ("adhesion", 2.78 / 1.78, constant("adhesion", "exponent").value, (1 - after) / (1 - before)),
    ):
        rows.append(
            Row(
                "V12",
                f"{what} at porosity 0.270 over that at 0.417",
                "fitted",
                "1",
                scale**exponent,
                None,
                None,
                (0.85 * ratio, 1.15 * ratio),
                SECOND_HAND,
                "the exponent is from these two points",
            )
        )
    exponent, ratio = 1.0 + constant("tortuosity", "NMC").value, 0.0012 / 0.0030
    scale = after / before
    rows.append(
        Row(
            "V12",
            "ionic conductivity at porosity 0.270 over that at 0.417",
            "prediction",
            "1",
            scale**exponent,
            scale**2.0,
            scale**1.5,
            (0.85 * ratio, 1.15 * ratio),
            SECOND_HAND,
            "0.270 is doubtful: the 2019 paper prints 0.217 for this electrode",
        )
    )
    damage = Damage.read()
    number = np.array(damage.share) / np.array(damage.diameter) ** 3
    for p, broken in ((19.8, 0.0), (42.7, 0.0009), (79.1, 0.0054), (159.4, 0.0152)):
        predicted = float(damage.broken_by_size(p * 1e6) @ (number / number.sum()))
        rows.append(
            Row(
                "V13",
                f"share of NMC particles broken at {p:g} MPa, by number",
                "fitted",
                "%",
                100.0 * predicted,
                None,
                None,
                (100 * broken, 100 * broken),
                SECOND_HAND,
                "second-hand, itself a model",
            )
        )
    return rows


def solid() -> list[Row]:
    """V7, V8: sulfide cards fitted to two cold pressings and a warm film; the warm composite follows."""
    ids = ("V7", "V7", "V8", "V8", "V8")
    low, high = solid_state.band()
    found = []
    for one, row in zip(ids, solid_state.rows().itertuples(), strict=True):
        ends = (low, high) if row.kind == "prediction" and "free" not in row.what else (None, None)
        what = f"porosity of {row.what}"
        measured_ends = (row.measured_low, row.measured_high)
        found.append(Row(one, what, row.kind, "1", row.porosity, *ends, measured_ends, SECOND_HAND))
    return found


DECLINED = (
    ("V2b", "Duquesnoy 2020", "line load and roll gap, not pressure"),
    ("V3b", "Vickers indentation", "no indentation in the model"),
    ("V5", "springback over three weeks", "the law has no creep of the skeleton at zero load"),
    ("V6", "PVDF-carbon modulus, 80 against 25 degC", "an input: it bounds the cards' strength factor"),
    ("V8b", "hold of 1 s against 60 s", "an input: it sets the order of the viscosity"),
    (
        "V10",
        "PE separator at 60 MPa",
        "thickness and porosity contradict each other; the card takes the latter and is suspect",
    ),
    ("V11", "wetting of graphite", "rises and falls; the wetting balance declines"),
    ("V15", "Li/LPSCl contact resistance", "contact is not modelled"),
    ("V16", "modulus of copper foil", "an input of the card"),
)


def all_rows(
    samples: int, told: Callable[[str], None]
) -> tuple[list[Row], dict[str, float], dict[str, float]]:
    """Every row, the skill of V1 against the two lines, and the scores of the second-hand predictions."""
    v1, skill = sangros2019()
    told("V1")
    v2 = ngandjong2021()
    scenarios = [one["scenario"] for one in dixit2024()["reading"]]
    pressed = {
        name: [isosim.press(case, "column") for case in load_set("dixit2024", name)] for name in scenarios
    }
    told("V4: seven cells in three readings")
    found: dict[str, Uncertainty] = {}
    others = None
    cells: list[Case] = load_set("dixit2024")
    for cell in cells:
        others = others or laws.alternatives(cell)
        found[cell.name] = intervals.of(cell, samples, others)
    told("V4: intervals")
    declined = [Row(i, what, "declined", "", source="", remark=why) for i, what, why in DECLINED]
    rows = [*v1, *v2, *mass_balance(), *dixit(found, pressed), *instruments(pressed), *solid(), *declined]
    return rows, skill, scores(rows)


def scores(rows: Sequence[Row]) -> dict[str, float]:
    """Coverage and mean interval score of the predicted porosities that were measured elsewhere."""
    own = [
        row
        for row in rows
        if row.id in ("V1", "V2", "V8") and row.low is not None and row.kind == "prediction"
    ]
    low, high = [row.low for row in own], [row.high for row in own]
    middle = [0.5 * sum(row.measured) for row in own]
    width = float(np.mean(np.subtract(high, low)))
    score = float(interval_score(low, high, middle, LEVEL).mean())
    return {"rows": len(own), "coverage": coverage(low, high, middle), "width": width, "score": score}


def as_dict(row: Row) -> dict[str, object]:
    """For the CSV."""
    ends = row.measured or (None, None)
    own = {
        **dataclasses.asdict(row),
        "measured_low": ends[0],
        "measured_high": ends[1],
        "outcome": row.outcome,
    }
    own.pop("measured")
    return own
