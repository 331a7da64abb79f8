"""What is read off many presses, as `isosim.measure` reads one."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from isosim.law import Porous

from .many_cases import Cases, Indices, Member
from .many_plan import STAGES
from .many_press import MEMBERS

STATES = (*STAGES, "disassembled")
DEFINITIONS = ("coating", "with_foil")
HELD, DISASSEMBLED = 0, 2

_BY_KIND = ("case", "kind")
VARIABLES: dict[str, tuple[tuple[str, ...], str, str]] = {
    "reduction": ((*_BY_KIND, "definition"), "1", "reduction of thickness, disassembled against unpressed"),
    "thickness": ((*_BY_KIND, "definition", "state"), "m", "thickness of an electrode, mean of the kind"),
    "porosity": ((*_BY_KIND, "state"), "1", "porosity of the coating, mean of the kind"),
    "springback": (_BY_KIND, "1", "(disassembled - held)/disassembled thickness of the coating"),
    "foil_strain_x": (_BY_KIND, "1", "logarithmic in-plane strain of the disassembled foil along the cut"),
    "foil_strain_y": (_BY_KIND, "1", "logarithmic in-plane strain of the disassembled foil across the cut"),
    "height": (("case", "stage"), "m", "height of the stack"),
    "lateral_strain_x": (("case", "stage"), "1", "logarithmic in-plane strain of the stack along the cut"),
    "lateral_strain_y": (("case", "stage"), "1", "logarithmic in-plane strain of the stack across the cut"),
}


class Raw(NamedTuple):
    """Records of some cases, cases first; see `many_press.Records`."""

    stretch: np.ndarray
    u: np.ndarray
    plane: np.ndarray


def kinds_of(cases: Cases) -> list[str]:
    """The kinds of electrode in the stack."""
    return [kind for kind in ("cathode", "anode") if any(m.kind == kind for m in cases.members)]


def empty(cases: Cases) -> dict[str, np.ndarray]:
    """Readings of all cases, NaN so far."""
    sizes = {
        "case": cases.count, "kind": len(kinds_of(cases)), "definition": len(DEFINITIONS),
        "state": len(STATES), "stage": len(STAGES),
    }  # fmt: skip
    return {
        name: np.full([sizes[dim] for dim in dims], np.nan)
        for name, (dims, _, _) in VARIABLES.items()
        if cases.members or "kind" not in dims
    }


def read(cases: Cases, which: Indices, raw: Raw, into: dict[str, np.ndarray]) -> None:
    """Put the readings of some cases into those of all."""
    sheets = len(cases.sheets)
    for stage in range(len(STAGES)):
        stretch = np.exp(raw.stretch[:, stage * sheets : (stage + 1) * sheets])
        into["height"][which, stage] = sum(
            cases.weight(sheet, which) * stretch[:, k] for k, sheet in enumerate(cases.sheets)
        )
        into["lateral_strain_x"][which, stage] = raw.plane[:, 2 * stage]
        into["lateral_strain_y"][which, stage] = raw.plane[:, 2 * stage + 1]
    for k, kind in enumerate(kinds_of(cases)):
        members = [(e, member) for e, member in enumerate(cases.members) if member.kind == kind]
        total = sum(member.count for _, member in members)
        means: dict[str, Any] = {}
        for e, member in members:
            for name, value in _electrode(cases, which, raw, e, member).items():
                means[name] = means.get(name, 0.0) + member.count / total * value
        for name, value in means.items():
            into[name][which, k] = value


def _electrode(cases: Cases, which: Indices, raw: Raw, e: int, member: Member) -> dict[str, np.ndarray]:
    """Readings of one electrode in some cases."""
    n, sheets = len(which), len(cases.sheets)
    first = len(STAGES) * sheets + e * MEMBERS
    plane = 2 * (len(STAGES) + e)
    columns = np.array([[s, sheets + s, first + i] for i, s in enumerate(member.sheets)])
    unpressed = np.stack([np.broadcast_to(cases.thickness(i, which), n) for i in member.layers])
    heights = unpressed[..., None] * np.exp(raw.stretch[:, columns].swapaxes(0, 1))  # (layers, cases, states)
    pores = np.zeros((n, len(STATES)))
    for i, s in enumerate(member.sheets[:-1]):
        law = cases.law(cases.sheets[s], which)
        if isinstance(law, Porous):
            floor = np.broadcast_to(law.floor, n)[:, None]
            pores += heights[i] * (floor + np.exp(raw.u[:, columns[i]]))
    coating, before = heights[:-1].sum(0), unpressed[:-1].sum(0)
    thickness = np.stack([coating, coating + heights[-1]], axis=1)
    start = np.stack([before, before + unpressed[-1]], axis=1)
    return {
        "reduction": 1.0 - thickness[..., DISASSEMBLED] / start,
        "thickness": thickness,
        "porosity": pores / coating,
        "springback": 1.0 - coating[:, HELD] / coating[:, DISASSEMBLED],
        "foil_strain_x": raw.plane[:, plane],
        "foil_strain_y": raw.plane[:, plane + 1],
    }


def label(cases: Cases, readings: dict[str, np.ndarray], status: np.ndarray) -> xr.Dataset:
    """The readings with names and units."""
    data = {
        name: (dims, readings[name], {"units": unit, "long_name": meaning})
        for name, (dims, unit, meaning) in VARIABLES.items()
        if name in readings
    }
    words = "0 done, 1 done alone on the safe road, -1 values that a case cannot have, -2 no balance"
    coords = {name: ("case", values) for name, values in cases.values.items()}
    dims = {"kind": kinds_of(cases), "definition": list(DEFINITIONS), "state": list(STATES)}
    if not cases.members:
        dims = {}
    return xr.Dataset(
        {**data, "status": (("case",), status, {"long_name": words})},
        {**dims, "stage": list(STAGES), **coords},
        {"fidelity": "column", "sheets": len(cases.sheets)},
    )
