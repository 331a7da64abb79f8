"""The sulfide separator at the step where the cathode ends: how much thinner, how far sheared.

    python -m studies.solid_state.step

A cathode of 105 um (62 um once pressed) on a separator that reaches 1 mm beyond it, pressed warm in a pouch:
with the space beside the cathode empty, so that the cover comes down the step, and with a stiff frame in it;
with copper under the separator, and with 35 um of creeping lithium between the two.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import meshio
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from isosim.case.case import from_document
from isosim.pressing import press
from isosim.report.figures import style

HERE = Path(__file__).parent
HALF_WIDTH, OVERHANG = 3.0, 1.0  # mm, of the cathode; of the separator beyond it
CATHODE, SEPARATOR, COPPER, COVER = 105.0, 68.0, 18.0, 50.0  # um, unpressed; Jun 2026 pressed: 62 and 38
LITHIUM = 35.0  # um
CELLS = (
    ("open gap", CATHODE, 0.0),
    ("open gap", 0.5 * CATHODE, 0.0),
    ("open gap", CATHODE, LITHIUM),
    ("frame", CATHODE, 0.0),
)
COLUMNS, EDGE_CELL = 48, 10.0  # um, at the step
NEAR = 0.2  # mm to both sides of the step, where extremes are looked for
CORNER = 0.02  # mm beside the corner itself that are left out: what is there depends on the mesh


@dataclass(frozen=True)
class Profile:
    """Along the separator under load: x [mm] from the step (positive beyond), thickness [um], shear."""

    x: np.ndarray
    thickness: np.ndarray
    shear: np.ndarray


def document(filling: str, cathode: float, lithium: float) -> dict[str, Any]:
    """The case file of a cell; thicknesses in um, no lithium at zero."""

    def layer(name: str, material: str, um: float, role: str, reach: float, **more: Any) -> dict[str, Any]:
        width = {"thickness": f"{um} um", "half_width": f"{HALF_WIDTH + reach} mm"}
        return {"name": name, "material": material, "role": role, **width, **more}

    soft = [layer("lithium", "lithium", lithium, "other", OVERHANG, elements=2)] if lithium else []
    of_cathode = {"electrode": 1, "kind": "cathode"}
    return {
        "schema_version": 1,
        "edge_fill": filling,
        "layer": [
            layer("pouch top", "pouch_al", COVER, "pouch", OVERHANG),
            layer("cathode foil", "al_foil", 15.0, "foil", 0.0, **of_cathode),
            layer("cathode", "lpscl_cathode", cathode, "coating", 0.0, **of_cathode),
            layer("separator", "lpscl", SEPARATOR, "separator", OVERHANG, elements=2),
            *soft,
            layer("anode foil", "cu_foil", COPPER, "other", OVERHANG),
            layer("pouch bottom", "pouch_al", COVER, "pouch", OVERHANG),
        ],
        "recipe": {"pressure": "450 MPa", "temperature": "80 degC", "hold": "5 min"},
    }


def pressed(filling: str, cathode: float, lithium: float, edge_cell: float = EDGE_CELL) -> Profile:
    """The separator at the end of the hold, in a section.

    Shear is the tangent of the angle by which a line that went straight across leans to the layer's normal.
    """
    mesh = {"columns": COLUMNS, "edge_cell": f"{edge_cell} um"}
    model = {"model": {"fidelity": "section", "section": mesh}}
    case = from_document({**document(filling, cathode, lithium), **model}, "step")
    with tempfile.TemporaryDirectory() as folder:
        press(case, fields_to=Path(folder))
        field = meshio.read(Path(folder) / "held.vtu")
    under = COVER + COPPER + lithium
    bottom, top = (_line(field, 1e-6 * height) for height in (under, under + SEPARATOR))
    along = np.gradient(bottom[1], axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1)
    across = top[1] - bottom[1]
    through, aside = (across * normal).sum(axis=1), (across * along).sum(axis=1)
    return Profile(1e3 * bottom[0] - HALF_WIDTH, 1e6 * through, aside / through)


def name(filling: str, cathode: float, lithium: float) -> str:
    """A cell in words."""
    return f"{filling}, cathode {cathode:g} µm" + (", on lithium" if lithium else "")


def _line(field: meshio.Mesh, height: float) -> tuple[np.ndarray, np.ndarray]:
    """Reference x [m] and deformed points (n, 2) of the nodes at this height, outwards."""
    on = np.flatnonzero(np.abs(field.points[:, 1] - height) < 1e-9)
    on = on[np.argsort(field.points[on, 0])]
    moved = field.points[on, :2] + field.point_data["displacement [m]"][on, :2]
    return field.points[on, 0], moved


def summary(one: Profile) -> dict[str, float]:
    """Thickness in the middle [um], least inside and most outside the step against it [%], largest shear."""
    middle = float(one.thickness[one.x < -1.0].mean())
    near = (np.abs(one.x) < NEAR) & (np.abs(one.x) > CORNER)
    inside, outside = near & (one.x < 0.0), near & (one.x > 0.0)
    return {
        "middle_um": middle,
        "thinnest_inside_%": 100.0 * (one.thickness[inside].min() / middle - 1.0),
        "thickest_outside_%": 100.0 * (one.thickness[outside].max() / middle - 1.0),
        "shear": float(np.abs(one.shear[near]).max()),
    }


def draw(found: dict[str, Profile]) -> Figure:
    """Thickness and shear along the separator."""
    figure = style.new(3.2)
    left, right = figure.subplots(1, 2)
    for colour, (words, one) in zip(style.COLOURS, found.items(), strict=False):
        shown = np.abs(one.x) < 0.6
        left.plot(one.x[shown], one.thickness[shown], color=colour, label=words)
        right.plot(one.x[shown], one.shear[shown], color=colour)
    left.set_ylabel("thickness of the separator (µm)")
    right.set_ylabel("shear")
    for axes in (left, right):
        axes.axvline(0.0, color=style.COLOURS[2], lw=0.8, ls=":")
        axes.set_xlabel("distance beyond the cathode's edge (mm)")
        style.light_grid(axes, "both")
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def main() -> None:
    """Run the study."""
    found = {name(*cell): pressed(*cell) for cell in CELLS}
    table = [{"cell": words, "edge_cell_um": EDGE_CELL, **summary(one)} for words, one in found.items()]
    coarse = summary(pressed(*CELLS[0], edge_cell=2.0 * EDGE_CELL))
    table.append({"cell": name(*CELLS[0]), "edge_cell_um": 2.0 * EDGE_CELL, **coarse})
    frame = pd.DataFrame(table)
    frame.to_csv(HERE / "step.csv", index=False, float_format="%.3f")
    print(frame.to_string())
    with style.look():
        draw(found).savefig(HERE / "step.png")


if __name__ == "__main__":
    main()
