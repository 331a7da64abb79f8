"""The labelled dataset that every fidelity returns.

Dimensions
    step      the time steps taken, the unpressed start included
    layer     the layers of the stack from the top downwards
    state     "unpressed", "loaded" (end of the ramp), "held", "released", "disassembled"
    x         stations from the centre to the edge (one for the column)
    y         of a solid only: lines of stations from the cut y = 0 to its other edge

Layer means are over the reference footprint of the layer. Profiles are NaN where a layer does not
reach, and in the state "disassembled" for layers that are not part of an electrode. A solid has its profiles
along the line of stations nearest to y = 0, and a map over (x, y) for each of them: `thickness_map` ...
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

STATES = ("unpressed", "loaded", "held", "released", "disassembled")

# name: (dims, unit, meaning)
VARIABLES: dict[str, tuple[tuple[str, ...], str, str]] = {
    "pressure": (("step",), "Pa", "fluid pressure on the bag"),
    "temperature": (("step",), "K", "temperature, uniform in the cell"),
    "lateral_strain_x": (("step",), "1", "logarithmic in-plane strain along the cut, at the centre"),
    "lateral_strain_y": (("step",), "1", "logarithmic in-plane strain across the cut"),
    "iterations": (("step",), "1", "Newton iterations of the step"),
    "thickness": (("step", "layer"), "m", "mean layer thickness"),
    "porosity": (("step", "layer"), "1", "mean porosity of the unloaded configuration; 0 for dense layers"),
    "axial_pressure": (("step", "layer"), "Pa", "mean of minus the Cauchy stress square to the layer"),
    "stress_x": (("step", "layer"), "Pa", "mean Cauchy stress along the layer in the cut"),
    "stress_y": (("step", "layer"), "Pa", "mean in-plane Cauchy stress across the cut"),
    "plastic_strain": (
        ("step", "layer"),
        "1",
        "mean equivalent plastic strain, of porous layers its distortion",
    ),
    "thickness_profile": (("state", "layer", "x"), "m", "layer thickness at the station"),
    "porosity_profile": (("state", "layer", "x"), "1", "porosity at the station"),
    "axial_pressure_profile": (("state", "layer", "x"), "Pa", "minus the Cauchy stress square to the layer"),
    "plastic_strain_profile": (("state", "layer", "x"), "1", "equivalent plastic strain at the station"),
    "strain_x_profile": (("state", "layer", "x"), "1", "logarithmic in-plane strain along the cut"),
    "strain_y_profile": (("state", "layer", "x"), "1", "logarithmic in-plane strain across the cut"),
}

PROFILES = tuple(name for name, (dims, _, _) in VARIABLES.items() if "x" in dims)


def assemble(
    stack: Any,
    schedule: Any,
    x: np.ndarray,
    x_width: np.ndarray,
    values: dict[str, np.ndarray],
    attrs: dict[str, Any],
    y: np.ndarray | None = None,
    y_width: np.ndarray | None = None,
) -> xr.Dataset:
    """Label what a fidelity has computed.

    Parameters
    ----------
    stack
        The `isosim.stack.Stack` that was pressed.
    schedule
        The `isosim.recipe.Schedule` really taken, cut steps included.
    x, x_width
        Reference distance of the stations from the centre and the width each stands for [m], shape (X,).
    values
        One array for each name of `VARIABLES` that the schedule does not give; with y, maps in place of
        profiles.
    attrs
        Attributes of the dataset (fidelity, lateral kinematics, case name ...).
    y, y_width
        Of a solid: reference distance of the lines of stations from y = 0 and the width each stands for [m].

    Raises
    ------
    ValueError
        When a variable is missing, unknown or has the wrong shape.
    """
    values = {"pressure": schedule.pressure, "temperature": schedule.temperature, **values}
    sizes = {"step": len(schedule.time), "layer": len(stack.layers), "state": len(STATES), "x": len(x)}
    variables = dict(VARIABLES)
    if y is not None:
        sizes["y"] = len(y)
        for name in PROFILES:
            dims, unit, meaning = VARIABLES[name]
            variables[_map_of(name)] = ((*dims[:-1], "y", "x"), unit, meaning)
            values[name] = np.asarray(values[_map_of(name)])[:, :, 0]
    if unlike := set(values) ^ set(variables):
        raise ValueError(f"dataset variables missing or unknown: {sorted(unlike)}")
    data = {}
    for name, (dims, unit, meaning) in variables.items():
        array = np.asarray(values[name], dtype=float)
        if array.shape != (shape := tuple(sizes[d] for d in dims)):
            raise ValueError(f"{name}: shape {array.shape}, needed {shape} for {dims}")
        data[name] = (dims, array, {"units": unit, "long_name": meaning})
    layers = stack.layers
    coords = {
        "time": ("step", np.asarray(schedule.time, float), {"units": "s"}),
        "phase": ("step", np.asarray(schedule.phase, dtype=str)),
        "state": ("state", list(STATES)),
        "layer": ("layer", [layer.name for layer in layers]),
        "role": ("layer", [layer.role for layer in layers]),
        "material": ("layer", [layer.material for layer in layers]),
        "layer_electrode": (
            "layer",
            np.array([layer.electrode or 0 for layer in layers], np.int32),
            {"long_name": "number of the electrode from the top; 0 for none"},
        ),
        "half_width": ("layer", [layer.half_width for layer in layers], {"units": "m"}),
        "x": ("x", np.asarray(x, float), {"units": "m", "long_name": "distance from the centre, unpressed"}),
        "x_width": ("x", np.asarray(x_width, float), {"units": "m"}),
        "x_area": ("x", *_footprint(x, x_width, attrs)),
    }
    if y is not None:
        coords |= {
            "half_length": ("layer", [layer.extent[1] for layer in layers], {"units": "m"}),
            "y": ("y", np.asarray(y, float), {"units": "m", "long_name": "distance from the cut, unpressed"}),
            "y_width": ("y", np.asarray(y_width, float), {"units": "m"}),
        }
    return xr.Dataset(data, coords, attrs)


def _map_of(profile: str) -> str:
    return profile.replace("_profile", "_map")


def _footprint(
    x: np.ndarray, x_width: np.ndarray, attrs: dict[str, Any]
) -> tuple[np.ndarray, dict[str, str]]:
    """What the stations count for in means over a footprint: rings in a disc, strips elsewhere."""
    width, meaning = np.asarray(x_width, float), {"long_name": "unpressed footprint of the station"}
    if attrs["fidelity"] == "axisymmetric":
        return 2.0 * np.pi * np.asarray(x, float) * width, {"units": "m2", **meaning}
    return width, {"units": "m", **meaning}
