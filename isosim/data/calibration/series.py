"""A compaction series: what was pressed how, what was read, and which rows may be fitted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from isosim.data import measured
from isosim.data.measured import Table
from isosim.errors import InputError, Problem
from isosim.recipe import PRESSURES, ROOM

HOLD = 300.0  # s, where the file does not say it
ROLES = ("fit", "predict")
QUANTITIES = {
    "pressure": measured.PRESSURE,
    "temperature": measured.TEMPERATURE,
    "hold": measured.Quantity("s", "hold_min", low=0.0, needed="zero or more"),
    "thickness": measured.THICKNESS,
    "porosity": measured.POROSITY,
    "sigma": measured.SIGMA,
    "sigma_porosity": measured.SIGMA_POROSITY,
    "thickness0": measured.THICKNESS,
    "porosity0": measured.POROSITY,
    "areal_mass": measured.AREAL_MASS,
    "solid_density": measured.DENSITY,
}


@dataclass(frozen=True)
class Known:
    """What is known of the unpressed coating, SI; None for what is not."""

    areal_mass: float | None = None  # kg/m2, one side
    solid_density: float | None = None  # kg/m3
    thickness0: float | None = None  # m
    porosity0: float | None = None


@dataclass(frozen=True)
class Series:
    """Rows of a series, arrays (rows,) in SI.

    `reading` is porosity or thickness [m], as `quantity` says; `sigma` its standard deviation, NaN throughout
    where it is to be found from the scatter. `solid` is the thickness of the coating without pores [m] and
    `porosity0` the porosity of the unpressed coating, NaN where they are not stated.
    """

    source: str
    lines: list[int]
    quantity: str
    pressure: np.ndarray
    temperature: np.ndarray
    hold: np.ndarray
    reading: np.ndarray
    sigma: np.ndarray
    fitted: np.ndarray  # role "fit"
    other: np.ndarray  # the other quantity, where the file has it; NaN
    solid: float
    porosity0: float
    assumptions: tuple[str, ...]

    @property
    def pressed(self) -> np.ndarray:
        """Rows above zero pressure."""
        return self.pressure > 0.0

    @property
    def unpressed(self) -> np.ndarray:
        """Rows that are fitted and at zero pressure."""
        return self.fitted & ~self.pressed

    @property
    def informative(self) -> np.ndarray:
        """Rows that are fitted and under pressure."""
        return self.fitted & self.pressed

    @property
    def with_sigma(self) -> bool:
        """Whether the errors are stated."""
        return bool(np.isfinite(self.sigma).all())

    def porosities(self) -> np.ndarray:
        """Porosity of each row where it follows from the data alone and nothing spreads sideways; NaN."""
        return self.reading if self.quantity == "porosity" else 1.0 - self.known_solid() / self.reading

    def known_solid(self) -> float:
        """Thickness of the solid [m]: stated, or by the rows at zero pressure (by all without); NaN."""
        if np.isfinite(self.solid):
            return self.solid
        thickness, porosity = self.reading, self.other
        if self.quantity == "porosity":
            thickness, porosity = porosity, thickness
        if np.isfinite(self.porosity0):
            porosity = np.where(self.pressed, porosity, self.porosity0)
        solid = thickness * (1.0 - porosity)
        both = np.isfinite(solid)
        if (both & ~self.pressed).any():
            both &= ~self.pressed
        return float(solid[both].mean()) if both.any() else np.nan


def load(path: Path, options: Known | None = None) -> Series:
    """Read a series; `options` stand for columns that the file does not have.

    Raises
    ------
    InputError
        What `measured.read` refuses; no pressures or readings, pressure that falls, thickness alone without
        what gives its porosity, one thing said twice, no row to fit.
    """
    table = measured.read(path, QUANTITIES)
    options = options or Known()
    if problems := list(_problems(table, options)):
        raise InputError(problems, table.source)
    known = _known(table, options)
    quantity = _quantity(table)
    reading = table.get(quantity)
    keep = np.isfinite(reading) | ~_roles(table)
    sigma = table.get("sigma" if quantity == "thickness" else "sigma_porosity")
    assumptions = []
    fitted = _roles(table)
    if np.isfinite(sigma).any() and not np.isfinite(sigma[fitted & keep]).all():
        raise InputError(
            Problem("sigma", "empty cells", "a sigma in every fitted row, or none at all"), table.source
        )
    if np.isfinite(sigma).any():
        sigma = np.where(np.isfinite(sigma), sigma, np.median(sigma[fitted & keep]))
    temperature, hold = table.get("temperature"), table.get("hold")
    for name, column, default, words in (
        ("temperature", temperature, ROOM, "25 degC"),
        ("hold", hold, HOLD, "5 min"),
    ):
        if np.isnan(column).any():
            column[np.isnan(column)] = default
            assumptions.append(f"{name} is not stated everywhere and taken as {words} there")
    solid, porosity0 = _unpressed(known, quantity)
    series = Series(
        table.source,
        [line for line, kept in zip(table.lines, keep, strict=True) if kept],
        quantity,
        **{
            name: column[keep]
            for name, column in {
                "pressure": table.get("pressure"),
                "temperature": temperature,
                "hold": hold,
                "reading": reading,
                "sigma": sigma,
                "fitted": fitted,
                "other": table.get("porosity" if quantity == "thickness" else "thickness"),
            }.items()
        },
        solid=solid,
        porosity0=porosity0,
        assumptions=tuple(assumptions),
    )
    if problems := list(_series_problems(series)):
        raise InputError(problems, table.source)
    return series


def _quantity(table: Table) -> str:
    """The fitted quantity: the one with a sigma where there are two, else the porosity."""
    if "porosity" not in table.values:
        return "thickness"
    only_thickness_has = "sigma" in table.values and "sigma_porosity" not in table.values
    return "thickness" if "thickness" in table.values and only_thickness_has else "porosity"


def _roles(table: Table) -> np.ndarray:
    words = table.texts.get("role", [""] * len(table))
    return np.array([(word.lower() or "fit") == "fit" for word in words])


def _known(table: Table, options: Known) -> Known:
    """Columns and options together."""
    found: dict[str, Any] = {}
    for field in fields(Known):
        column = table.get(field.name)
        stated = column[np.isfinite(column)]
        found[field.name] = float(stated[0]) if stated.size else getattr(options, field.name)
    return Known(**found)


def _unpressed(known: Known, quantity: str) -> tuple[float, float]:
    """Thickness of the solid [m] and unpressed porosity, NaN for what is not stated."""
    solid, porosity0 = np.nan, np.nan if known.porosity0 is None else known.porosity0
    if known.areal_mass is not None and known.solid_density is not None:
        solid = known.areal_mass / known.solid_density
        if known.thickness0 is not None:
            porosity0 = 1.0 - solid / known.thickness0
    elif known.thickness0 is not None and known.porosity0 is not None:
        solid = known.thickness0 * (1.0 - known.porosity0)
    return solid, porosity0


def _problems(table: Table, options: Known) -> Iterator[Problem]:
    if "pressure" not in table.values:
        yield Problem("column", "no pressure", "pressure_MPa or the like")
    if not {"thickness", "porosity"} & table.values.keys():
        yield Problem("column", "neither thickness nor porosity", "thickness_um, or porosity")
    for i, word in enumerate(table.texts.get("role", [])):
        if word and word.lower() not in ROLES:
            yield Problem(f"row {table.lines[i]} of role", repr(word), "'fit' or 'predict'")
    for name in ("sigma", "sigma_porosity"):
        owner = "thickness" if name == "sigma" else "porosity"
        if name in table.values and owner not in table.values:
            yield Problem(name, "a column", f"nothing: there is no {owner}")
    if {"sigma", "sigma_porosity", "thickness", "porosity"} <= table.values.keys():
        yield Problem("sigma", "of thickness and of porosity", "one of them", "it says which one is fitted")
    for field in fields(Known):
        stated = table.get(field.name)[np.isfinite(table.get(field.name))]
        if stated.size and np.ptp(stated) > 1e-9 * stated[0]:
            got = f"{stated.size} values that differ"
            yield Problem(field.name, got, "one value: a series is of one coating")
        option = getattr(options, field.name)
        if option is None:
            continue
        if stated.size:
            yield Problem(field.name, "a column and an option", "one of them")
        quantity = QUANTITIES[field.name]
        if not quantity.low <= option <= quantity.high:
            yield Problem(f"--{field.name.replace('_', '-')}", f"{option:g} (SI)", quantity.needed)
    known = _known(table, options)
    if (known.areal_mass is None) != (known.solid_density is None):
        have, need = ("areal_mass", "solid_density")[:: 1 if known.solid_density is None else -1]
        yield Problem(
            need.replace("_", " "), "nothing", f"a value: {have.replace('_', ' ')} alone is no porosity"
        )
    if known.areal_mass is not None and known.thickness0 is not None and known.porosity0 is not None:
        yield Problem("unpressed", "areal mass beside thickness and porosity", "two of the three")
    if "pressure" in table.values:
        yield from _pressure_problems(table)
    if "thickness" in table.values and "porosity" not in table.values:
        yield from _porosity_problems(table, known)
    elif known.thickness0 is not None and "thickness" not in table.values and known.areal_mass is None:
        yield Problem("thickness0", "a value", "nothing: there is no thickness to read from it")


def _pressure_problems(table: Table) -> Iterator[Problem]:
    pressure, fit = table.get("pressure"), _roles(table)
    for i in np.flatnonzero(np.isnan(pressure)):
        yield Problem(f"row {table.lines[i]} of pressure", "nothing", "a pressure")
    for i in np.flatnonzero((pressure > 0.0) & ~((pressure >= PRESSURES[0]) & (pressure <= PRESSURES[1]))):
        yield Problem(
            f"row {table.lines[i]} of pressure",
            f"{pressure[i]:g} Pa",
            "zero, or 1 kPa to 10 GPa",
            "mPa is not MPa",
        )
    last: dict[tuple, int] = {}
    for i in range(len(table)):
        group = (bool(fit[i]), table.get("temperature")[i], table.get("hold")[i], *(_sample(table, i)))
        group = tuple("" if item != item else item for item in group)
        j = last.get(group)
        if j is not None and pressure[i] < pressure[j]:
            yield Problem(
                f"row {table.lines[i]} of pressure",
                f"{pressure[i] / 1e6:g} MPa after {pressure[j] / 1e6:g} MPa",
                "pressure that does not fall",
                "sort the rows; each is one press from zero, not a way back",
            )
        last[group] = i


def _sample(table: Table, row: int) -> Iterator[str]:
    return (table.texts[name][row] for name in measured.NAMES if name in table.texts)


def _porosity_problems(table: Table, known: Known) -> Iterator[Problem]:
    zero = (table.get("pressure") == 0.0) & np.isfinite(table.get("thickness")) & _roles(table)
    solid = known.areal_mass is not None and known.solid_density is not None
    start = known.porosity0 is not None and (known.thickness0 is not None or zero.any())
    if not solid and not start and (known.areal_mass is None) == (known.solid_density is None):
        yield Problem(
            "thickness alone",
            "no porosity, nor what gives it",
            "the unpressed thickness and porosity, or areal mass and solid density",
            "columns thickness0_um and porosity0, or areal_mass_mg/cm2 and solid_density_g/cm3, or the "
            "options of these names; a row at zero pressure is an unpressed thickness",
        )
    if solid:
        least = known.areal_mass / known.solid_density  # type: ignore[operator]
        thickness = np.append(table.get("thickness"), known.thickness0 or np.nan)
        for i in np.flatnonzero(thickness <= least):
            where = f"row {table.lines[i]} of thickness" if i < len(table) else "thickness0"
            got = f"{thickness[i] * 1e6:.4g} um"
            needed = f"more than {least * 1e6:.4g} um, the solid alone"
            yield Problem(where, got, needed, "`isosim check` says what would mend it")


def _series_problems(series: Series) -> Iterator[Problem]:
    if not series.informative.any():
        yield Problem("role", "no row to fit above zero pressure", "rows with role 'fit' (or without a role)")
        return
    porosities = series.porosities()[series.informative]
    if (bad := porosities[porosities <= 0.0]).size:
        yield Problem("porosity", f"{bad[0]:.3g} from a thickness", "more than zero", "see `isosim check`")
    if np.isfinite(series.porosity0) and not 0.0 < series.porosity0 < 1.0:
        yield Problem("porosity0", f"{series.porosity0:.3g}", "a fraction between 0 and 1")
