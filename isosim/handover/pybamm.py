"""The layers of a cell under the names of PyBaMM's parameters, and under those of BPX 1.x."""

from __future__ import annotations

from typing import Any

from isosim.handover.cell import Cell, Electrode

_SIDES = (("Positive", "cathode"), ("Negative", "anode"))


def parameters(cell: Cell) -> dict[str, float]:
    """PyBaMM parameters that pressing changes, for `ParameterValues.update`; SI units.

    Left out: the Bruggeman coefficient of a coating whose tortuosity is declined, and all contact
    resistances, which nothing public ties to pressing.
    """
    values = {
        "Separator thickness [m]": cell.separator.thickness,
        "Separator porosity": cell.separator.porosity,
    }
    for side, kind in _SIDES:
        electrode: Electrode = getattr(cell, kind)
        values |= {
            f"{side} electrode thickness [m]": electrode.thickness,
            f"{side} electrode porosity": electrode.porosity,
            f"{side} electrode active material volume fraction": electrode.active_fraction,
            f"{side} electrode density [kg.m-3]": electrode.density,
            f"{side} current collector thickness [m]": electrode.foil_thickness,
        }
        if electrode.bruggeman is not None:
            values[f"{side} electrode Bruggeman coefficient (electrolyte)"] = electrode.bruggeman
    return values


def bpx(cell: Cell, base: dict[str, Any] | None) -> dict[str, Any]:
    """A BPX document of the cell.

    Pressing knows the layers only. With `base`, a BPX document of the same chemistry, its layers are replaced
    and the rest is kept: a document that BPX accepts if it accepted the base. Without it the document holds
    the layers alone, and its description says that it is not complete.
    """
    document: dict[str, Any] = {
        "Header": {"BPX": "1.0.0", "Title": f"{cell.name}, {cell.state}", "Model": "DFN"},
        "Parameterisation": {},
    }
    if base is None:
        document["Header"]["Description"] = (
            "Not complete: the layers that pressing changes. Merge them into a BPX file of the chemistry "
            "(isosim to-pybamm --base FILE)."
        )
    else:
        document = {**base, "Header": {**base["Header"], "Title": document["Header"]["Title"]}}
        document["Parameterisation"] = dict(base["Parameterisation"])
    parts = document["Parameterisation"]
    separator = {"Thickness [m]": cell.separator.thickness, "Porosity": cell.separator.porosity}
    parts["Separator"] = {**parts.get("Separator", {}), **separator}
    for side, kind in _SIDES:
        electrode: Electrode = getattr(cell, kind)
        section = f"{side} electrode"
        layer = {"Thickness [m]": electrode.thickness, "Porosity": electrode.porosity}
        if electrode.tortuosity is not None:
            layer["Transport efficiency"] = electrode.porosity / electrode.tortuosity
        if base is not None:
            layer |= _per_volume(electrode, parts[section])
        parts[section] = {**parts.get(section, {}), **layer}
    return document


def _per_volume(electrode: Electrode, base: dict[str, Any]) -> dict[str, float]:
    """Surface area per volume [1/m], 3 active_fraction/radius; of a blend, which has no single one, none."""
    if "Particle radius [m]" not in base:
        return {}
    return {
        "Surface area per unit volume [m-1]": 3.0 * electrode.active_fraction / base["Particle radius [m]"]
    }
