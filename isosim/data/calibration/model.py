"""The column as the model of a series: readings as a function of the logarithms of the parameters."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import qmc

from isosim import law, materials, units
from isosim.column import press_many
from isosim.data.calibration.laws import FitLaw, Parameter
from isosim.data.calibration.series import Series
from isosim.errors import InputError, Problem
from isosim.materials.card import Card
from isosim.materials.material import Material, from_card
from isosim.recipe import ROOM, Recipe
from isosim.stack import Layer, Stack
from isosim.tables import validate

REFINE = 4  # of the default steps, so that a card does not absorb their error
LOOSER = 0.05  # porosity above the largest one read, where nothing says how loose the coating began
CARRIER = 1e-8  # thickness of the carrier relative to the coating: it carries nothing
STARTS = 64
DIFFERENCE = 1e-3  # of logarithms


class Presses(NamedTuple):
    """Single presses: pressure [Pa], temperature [K], hold [s], arrays (rows,)."""

    pressure: np.ndarray
    temperature: np.ndarray
    hold: np.ndarray


class Outside(Exception):
    """The column has no answer for these parameters."""


@dataclass(frozen=True)
class Model:
    """A law in the column, for a series.

    The vector of unknowns holds logarithms: the law's parameters, the factor of strength at the hottest
    temperature where the fitted rows have several, the unpressed porosity where rows at zero pressure
    measure it, the thickness of the solid where they alone do.
    """

    material: str
    law: FitLaw
    series: Series
    lateral: str

    # --- unknowns

    @cached_property
    def hottest(self) -> float | None:
        """Where the factor of strength is fitted [K]; None where it is not."""
        reached = np.unique(self.series.temperature[self.series.informative])
        return float(reached[-1]) if len(reached) > 1 else None

    @cached_property
    def unknowns(self) -> tuple[Parameter, ...]:
        """Every fitted number."""
        series = self.series
        found = []
        pressed = series.porosities()[series.informative]
        scatter = 0.0
        if series.with_sigma:
            scatter = float(np.max(series.sigma[series.informative]))
            scatter = scatter if series.quantity == "porosity" else scatter / series.reading.min()
        floor = min(float(pressed.min()) + 2.0 * scatter, 0.98 * self.porosity0)
        for parameter in self.law.parameters:
            if parameter.name == "minimum_porosity":
                parameter = dataclasses.replace(parameter, high=floor)
            found.append(parameter)
        if self.hottest is not None:
            found.append(Parameter("strength", "", 1e-2, 1e2))
        if self.porosity_fitted:
            low = max(0.8 * self.porosity0, 1.01 * floor)
            found.append(Parameter("porosity0", "", low, min(1.2 * self.porosity0, 0.999 * self.loosest)))
        if self.solid_fitted:
            solid = series.known_solid()
            found.append(Parameter("solid", "m", 0.5 * solid, 2.0 * solid))
        return tuple(found)

    @property
    def porosity_fitted(self) -> bool:
        """Whether the unpressed porosity is unknown and measured by fitted rows at zero pressure."""
        return bool(np.isnan(self.series.porosity0) and self.series.unpressed.any()) and not self.solid_fitted

    @property
    def solid_fitted(self) -> bool:
        """Whether the thickness of the solid is unknown and measured by fitted rows at zero pressure."""
        series = self.series
        return series.quantity == "thickness" and np.isnan(series.solid) and bool(series.unpressed.any())

    @property
    def loose(self) -> bool:
        """Whether nothing says how porous the unpressed coating was."""
        series = self.series
        return bool(np.isnan(series.porosity0) and not (~series.pressed).any())

    @cached_property
    def porosity0(self) -> float:
        """Unpressed porosity: stated, the mean of the rows at zero pressure, or a loose one."""
        series = self.series
        if np.isfinite(series.porosity0):
            return series.porosity0
        porosities = series.porosities()
        if self.loose:
            return min(float(np.nanmax(porosities)) + LOOSER, 0.99 * self.loosest)
        zero = ~series.pressed
        both = np.where(np.isfinite(porosities), porosities, series.other)[zero]
        return float(np.nanmean(both))

    @cached_property
    def bounds(self) -> np.ndarray:
        """Logarithms (2, k)."""
        return np.log(np.array([[p.low for p in self.unknowns], [p.high for p in self.unknowns]]))

    @cached_property
    def loosest(self) -> float:
        """The porosity that the law of the base card is defined below."""
        base = materials.load(self.material)
        if not isinstance(base.law, law.Porous):
            raise InputError(Problem("--material", self.material, "the card of a porous coating"))
        return base.porosity_limits()[1]

    # --- the coating

    @cached_property
    def document(self) -> dict[str, Any]:
        """The base card with this law in it, at middling values of the parameters."""
        middle = np.exp(self.bounds.mean(0))
        return self.card({p.name: float(x) for p, x in zip(self.unknowns, middle, strict=True)})

    def card(self, values: dict[str, float], source: str = "under calibration") -> dict[str, Any]:
        """The base card as a document, its cap and factor of strength replaced; values in SI by name."""
        document = dict(materials.document(self.material))
        porosity0 = values.get("porosity0", self.porosity0)

        def entry(value: Any, source: str, provenance: str) -> dict[str, Any]:
            return {"value": value, "source": source, "provenance": provenance, "confidence": "L"}

        stated = "assumed looser than anything measured" if self.loose else f"unpressed coating, {source}"
        cap: dict[str, Any] = {
            "law": self.law.cap,
            "reference_porosity": entry(float(f"{porosity0:.6g}"), stated, "A" if self.loose else "C"),
        }
        for parameter in self.law.parameters:
            cap[parameter.name] = entry(parameter.text(values[parameter.name]), source, "C")
        cap |= {name: entry(value, reason, "A") for name, (value, reason) in self.law.fixed.items()}
        document["cap"] = cap
        if self.hottest is not None:
            thermal = {
                key: value
                for key, value in document.get("thermal", {}).items()
                if key in ("reference_temperature", "expansion")
            }
            thermal.setdefault("reference_temperature", "25 degC")
            thermal["temperature"] = f"{units.convert(self.hottest, 'degC'):.6g} degC"
            thermal["strength"] = entry(float(f"{values['strength']:.6g}"), source, "C")
            document["thermal"] = thermal
        return document

    @cached_property
    def stack(self) -> Stack:
        """The coating on a carrier too thin to carry anything; electrodes have a foil."""
        coating = from_card("coating", validate(Card, self.document, f"card {self.material}"))
        carrier = Material("carrier", "dense", "carrier", law.Dense(70e9, 26e9, np.inf))
        own: dict[str, Any] = {"half_width": 1.0, "electrode": 1, "kind": "cathode"}
        layers = (
            Layer("coating", "coating", "coating", 1.0, porosity=self.porosity0, **own),
            Layer("carrier", "foil", "carrier", CARRIER, **own),
        )
        return Stack(layers, {"coating": coating, "carrier": carrier})

    # --- readings

    @property
    def presses(self) -> Presses:
        """Those of the series."""
        return Presses(self.series.pressure, self.series.temperature, self.series.hold)

    def readings(self, unknowns: np.ndarray, presses: Presses | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Porosity and thickness over that of the solid, (B, rows) each, for unknowns (B, k).

        Read after the release, while what holds the coating in plane (a foil, a die) still does. NaN where
        the column has no answer. `presses` are those of the series when None.
        """
        values = {p.name: np.exp(unknowns[:, i]) for i, p in enumerate(self.unknowns)}
        own, count = presses or self.presses, len(unknowns)
        porosity0 = np.broadcast_to(values.get("porosity0", self.porosity0), count)
        porosity = np.repeat(porosity0[:, None], len(own.pressure), axis=1)
        height = 1.0 / (1.0 - porosity)
        pressed = np.flatnonzero(own.pressure > 0.0)
        conditions = np.stack(own)[:, pressed]
        distinct, which = np.unique(conditions, axis=1, return_inverse=True)
        names = {p.name: f"coating.cap.{p.name}" for p in self.law.parameters}
        names["strength"] = "coating.thermal.strength"
        n = distinct.shape[1]
        overrides: dict[str, Any] = {
            names[name]: np.repeat(value, n) for name, value in values.items() if name in names
        }
        overrides["coating.cap.reference_porosity"] = overrides["coating.porosity"] = np.repeat(porosity0, n)
        for name, column in zip(("pressure", "temperature", "hold"), distinct, strict=True):
            overrides[name] = np.tile(column, count)
        recipe = Recipe(1e8, ROOM)
        found = press_many(self.stack, overrides, recipe, lateral=self.lateral, refine=REFINE)
        after = found.porosity.sel(state="released").values[:, 0].reshape(count, n)
        stretch = found.height.sel(stage="released").values.reshape(count, n) / self.stack.height
        porosity[:, pressed] = after[:, which.ravel()]
        height[:, pressed] *= stretch[:, which.ravel()]
        return porosity, height

    def solid(self, unknowns: np.ndarray) -> np.ndarray:
        """Thickness of the solid [m] for unknowns (B, k); NaN where nothing says it."""
        names = [p.name for p in self.unknowns]
        if "solid" in names:
            return np.exp(unknowns[:, names.index("solid")])
        return np.full(len(unknowns), self.series.known_solid())

    def predicted(self, unknowns: np.ndarray, presses: Presses | None = None) -> np.ndarray:
        """The fitted quantity (B, rows)."""
        porosity, height = self.readings(unknowns, presses)
        return porosity if self.series.quantity == "porosity" else height * self.solid(unknowns)[:, None]

    def with_slope(
        self, unknowns: np.ndarray, presses: Presses | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The fitted quantity (rows,) and its derivative by the unknowns (rows, k).

        Raises
        ------
        Outside
            When the column has no answer here or close by.
        """
        k = len(unknowns)
        low, high = self.bounds
        below = np.maximum(unknowns - DIFFERENCE, low)
        above = np.minimum(unknowns + DIFFERENCE, high)
        batch = np.repeat(unknowns[None], 2 * k + 1, axis=0)
        batch[1 : k + 1][np.diag_indices(k)] = below
        batch[k + 1 :][np.diag_indices(k)] = above
        found = self.predicted(batch, presses)
        if not np.isfinite(found).all():
            raise Outside
        slope = (found[k + 1 :] - found[1 : k + 1]) / (above - below)[:, None]
        return found[0], slope.T

    def starts(self, best: int = 3) -> np.ndarray:
        """The best of many vectors spread over the bounds, (best, k); pressures near those of the series."""
        series = self.series
        low, high = self.bounds.copy()
        applied = series.pressure[series.informative]
        near = np.log([0.1 * applied.min(), 10.0 * applied.max()])
        for i, parameter in enumerate(self.unknowns):
            if parameter.unit in ("Pa", "1/Pa"):
                ends = near if parameter.unit == "Pa" else -near[::-1]
                low[i], high[i] = max(low[i], ends[0]), min(high[i], ends[1])
            elif parameter.name == "strength":
                low[i], high[i] = np.log(0.5), np.log(1.2)
            elif parameter.name in ("porosity0", "solid"):
                value = self.porosity0 if parameter.name == "porosity0" else series.known_solid()
                low[i] = high[i] = np.clip(np.log(value), low[i], high[i])
        spread = qmc.Sobol(len(low), seed=0).random(STARTS)
        tried = low + (high - low) * spread
        rows = series.fitted
        misfit = self.predicted(tried)[:, rows] - series.reading[rows]
        sums = np.where(np.isfinite(misfit), misfit, np.inf)
        cost = (sums**2).sum(axis=1)
        order = np.argsort(cost)[:best]
        if not np.isfinite(cost[order[0]]):
            raise Outside
        return tried[order[np.isfinite(cost[order])]]
