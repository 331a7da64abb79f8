"""The edge fillings against true contact, on small cells of elastic layers.

    python -m studies.edge_gap.run

Presses small dummy cells with overhang to 120 MPa: with the gaps beside short layers empty and in contact
when they close (`contact.py`), with a third medium in them (`third_medium.py`), and in isosim with either
edge filling. Writes `edge_gap.csv`, `profiles.csv`, `edge_gap.svg`, `full_overhang.csv` without contact,
and `third_medium.csv` over the parameters of the medium.
"""

from __future__ import annotations

import io
import re
import tempfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import matplotlib.pyplot as plt
import meshio
import numpy as np
import pandas as pd

from isosim import fem
from isosim.recipe import Recipe, Schedule
from isosim.stack import SectionMesh, Stack
from studies.edge_gap import cell
from studies.edge_gap.contact import WEIGHT, Answer, ContactSection, Gap, NoContact
from studies.edge_gap.third_medium import MediumSection

HERE = Path(__file__).parent
CELLS = ((2, 2e-3), (4, 1e-3))  # electrodes, overhang of the separators [m]
FULL_OVERHANG = (4, 2e-3)
FILLINGS = ("open gap", "frame")
FROM_EDGE = (3.0, 2.0, 1.0, 0.5, 0.2, 0.1)  # mm inwards of the cathodes' edge
CONTRASTS = (1e-5, 1e-6, 1e-7)  # of the third medium to the softest layer
REGULARISATIONS = (3e-3, 10e-3, 30e-3)  # N
MOST_STEP = 10e6  # Pa, of the pressure in contact
CLOSED = 1e-6  # m, of the height of a gap
TOLERANCE = 0.02  # of the compaction in the middle
DRAWN = (-1.5, -0.05)  # mm beyond the edge; closer the stress is singular
STYLES = {
    "contact": {"color": "black", "lw": 2.2},
    "third medium": {"color": "tab:red", "lw": 1.2, "ls": "--"},
    "open gap": {"color": "tab:blue", "lw": 1.2},
    "frame": {"color": "tab:orange", "lw": 1.2},
    "flush": {"color": "tab:green", "lw": 1.2},
}


@dataclass(frozen=True)
class Pressed:
    """What is compared: along x the mean over the cathodes' coatings, and every gap.

    thickness is relative to the unpressed one, pressure [Pa] square to the layer; gaps hold reference x [m]
    and what is left of the height [m].
    """

    x: np.ndarray
    thickness: np.ndarray
    pressure: np.ndarray
    gaps: list[tuple[np.ndarray, np.ndarray]]


def in_contact(stack: Stack, mesh: SectionMesh, body: ContactSection) -> Pressed:
    """With empty gaps, or a third medium in them."""
    return read(stack, mesh, body, body.solve(cell.PRESSURE, MOST_STEP))


def read(stack: Stack, mesh: SectionMesh, body: ContactSection, answer: Answer) -> Pressed:
    """What is compared, of the answer of a body."""
    F, P = answer.F.reshape(-1, 3, 3, 2, 2), answer.P.reshape(-1, 3, 3, 2, 2)
    along = np.linalg.norm(F[..., 0], axis=-1)
    normal = np.stack([-F[..., 1, 0], F[..., 0, 0]], axis=-1) / along[..., None]
    values = np.stack([np.linalg.det(F) / along, -(normal * P[..., 1]).sum(axis=-1) / along])
    values = np.einsum("kets,t->kes", values, WEIGHT) / 2.0
    layers, columns = mesh.layer[body.section.cell], mesh.column[body.section.cell]
    corner = body.section.nodes[body.section.elements]
    of_cathode = np.isin(layers, _cathodes(stack))
    inner = np.unique(columns[of_cathode])
    mean = np.stack([values[:, of_cathode & (columns == c)].mean(axis=1) for c in inner], axis=1)
    left, right = (np.array([corner[columns == c][0, node, 0] for c in inner]) for node in (0, 1))
    x = 0.5 * (left + right)[:, None] + 0.5 * (right - left)[:, None] * np.polynomial.legendre.leggauss(3)[0]
    return Pressed(x.ravel(), mean[0].ravel(), mean[1].ravel(), [gap[:2] for gap in body.gaps(answer.u)])


def with_filling(stack: Stack, mesh: SectionMesh) -> Pressed:
    """In isosim; flush where the stack has no filling."""
    recipe = Recipe(pressure=cell.PRESSURE, hold=0.0, faces=("top", "bottom"))
    plan = recipe.schedule()
    up = np.isin(plan.phase, ("start", "load"))
    load = Schedule(plan.time[up], plan.pressure[up], plan.temperature[up], plan.phase[up])
    with tempfile.TemporaryDirectory() as folder:
        ds = fem.run(stack, mesh, load, {"top", "bottom"}, "confined", Path(folder))
        # a schedule that ends loaded: the last state goes by the name of the last one of a cycle
        field = meshio.read(Path(folder) / "released.vtu")
    cathodes = _cathodes(stack)
    profile = ds.isel(layer=cathodes).sel(state="released")
    start = np.array([stack.layers[i].thickness for i in cathodes])
    thickness = (profile.thickness_profile.values / start[:, None]).mean(axis=0)
    pressure = profile.axial_pressure_profile.values.mean(axis=0)
    inside = np.isfinite(thickness)
    gaps = [_left(field.points, field.point_data["displacement [m]"], gap) for gap in Gap.of(mesh)]
    return Pressed(ds.x.values[inside], thickness[inside], pressure[inside], gaps)


def _left(points: np.ndarray, displacement: np.ndarray, gap: Gap) -> tuple[np.ndarray, np.ndarray]:
    moved = points + displacement
    inside = (points[:, 0] > gap.inner - 1e-9) & (points[:, 0] < gap.outer + 1e-9)
    lines = []
    for height in (gap.top, gap.bottom):
        on = np.flatnonzero(inside & (np.abs(points[:, 1] - height) < 1e-9))
        lines.append(on[np.argsort(points[on, 0])])
    top, bottom = lines
    return points[top, 0], moved[top, 1] - np.interp(moved[top, 0], moved[bottom, 0], moved[bottom, 1])


def _cathodes(stack: Stack) -> list[int]:
    return [i for i, layer in enumerate(stack.layers) if layer.role == "coating" and layer.kind == "cathode"]


def study(cells: tuple[tuple[int, float], ...] = CELLS) -> dict[tuple[int, str], Pressed]:
    """All cells by electrodes and what is in the gaps.

    Raises
    ------
    NoContact
        Contact or the third medium did not come to the full pressure.
    """
    found = {}
    for count, overhang in cells:
        for filling in FILLINGS:
            stack = cell.stack(count, filling, overhang)
            found[count, filling] = with_filling(stack, cell.mesh(stack))
        mesh = cell.mesh(stack)
        found[count, "contact"] = in_contact(stack, mesh, ContactSection(stack, mesh))
        found[count, "third medium"] = in_contact(stack, mesh, MediumSection(stack, mesh))
        flush = cell.stack(count, None, overhang)
        found[count, "flush"] = with_filling(flush, cell.mesh(flush))
        print(f"{count} electrodes done", flush=True)
    return found


def parameters(found: dict[tuple[int, str], Pressed]) -> pd.DataFrame:
    """The third medium over its parameters, a row for each: how far it comes, how far off contact it ends."""
    rows = []
    for (count, overhang), contrast, regularisation in product(CELLS, CONTRASTS, REGULARISATIONS):
        stack, true = cell.stack(count, FILLINGS[0], overhang), found[count, "contact"]
        mesh = cell.mesh(stack)
        row = {"electrodes": count, "contrast": contrast, "regularisation_mN": 1e3 * regularisation}
        try:
            pressed = in_contact(stack, mesh, MediumSection(stack, mesh, contrast, regularisation))
        except NoContact as stopped:
            rows.append({**row, "reached_MPa": stopped.pressure / 1e6})
            continue
        (_, left), (_, touching) = pressed.gaps[-1], true.gaps[-1]
        row |= {"reached_MPa": cell.PRESSURE / 1e6, **_off(pressed, true)}
        rows.append({**row, "closed_gap_left_um": 1e6 * np.median(left[touching < CLOSED])})
    return pd.DataFrame(rows)


def _off(pressed: Pressed, true: Pressed) -> dict[str, float]:
    """Largest distance from contact, but for the singular edge."""
    inner = pressed.x < cell.HALF_WIDTH + 1e-3 * DRAWN[1]
    thickness = np.abs(pressed.thickness - true.thickness)[inner].max() / (1 - true.thickness[0])
    pressure = np.abs(pressed.pressure - true.pressure)[inner].max()
    return {"compaction_off_%_of_middle": 100 * thickness, "pressure_off_MPa": pressure / 1e6}


def profiles(found: dict[tuple[int, str], Pressed]) -> pd.DataFrame:
    """All profiles, a row a point."""
    rows = []
    for (count, what), pressed in found.items():
        rows.append(
            pd.DataFrame(
                {
                    "electrodes": count,
                    "gap": what,
                    "from_edge_mm": (cell.HALF_WIDTH - pressed.x) * 1e3,
                    "compaction_%": 100 * (1 - pressed.thickness),
                    "pressure_MPa": pressed.pressure / 1e6,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def full_overhang() -> dict[tuple[int, str], Pressed]:
    """The cell of four electrodes with the usual overhang, where contact finds no equilibrium."""
    count, overhang = FULL_OVERHANG
    stack = cell.stack(count, FILLINGS[0], overhang)
    mesh = cell.mesh(stack)
    found = {(count, "third medium"): in_contact(stack, mesh, MediumSection(stack, mesh))}
    for filling in FILLINGS:
        stack = cell.stack(count, filling, overhang)
        found[count, filling] = with_filling(stack, cell.mesh(stack))
    return found


def table(found: dict[tuple[int, str], Pressed], truth: str = "contact") -> pd.DataFrame:
    """What the study says, a row for each cell; truth is what the others differ from."""
    rows = []
    for (count, what), pressed in found.items():
        true = found[count, truth]
        inwards = (cell.HALF_WIDTH - pressed.x) * 1e3
        compaction = 100 * (1 - pressed.thickness)
        error = np.abs(pressed.thickness - true.thickness) / (1 - true.thickness[0])
        off = inwards[error > TOLERANCE]
        row = {
            "electrodes": count,
            "gap": what,
            "compaction_%": compaction[0],
            **{f"compaction_%_at_{d}": np.interp(-d, -inwards, compaction) for d in FROM_EDGE},
            **{f"pressure_MPa_at_{d}": np.interp(-d, -inwards, pressed.pressure / 1e6) for d in FROM_EDGE},
            "differs_within_mm": off.max() if len(off) else 0.0,
        }
        if pressed.gaps:
            x, left = pressed.gaps[-1]
            row["top_gap_closed_from_mm"] = (
                1e3 * (x[np.argmax(left < CLOSED)] - x[0]) if min(left) < CLOSED else np.nan
            )
            row["top_gap_left_um"] = 1e6 * float(np.interp(0.5 * (x[0] + x[-1]), x, left))
            row["least_height_um"] = 1e6 * min(left.min() for _, left in pressed.gaps)  # below 0: overlap
        rows.append(row)
    return pd.DataFrame(rows)


def draw(found: dict[tuple[int, str], Pressed]) -> plt.Figure:
    """Compaction, pressure and the highest gap of every cell."""
    counts = sorted({count for count, _ in found})
    figure, axes = plt.subplots(3, len(counts), figsize=(8.5, 8), layout="constrained", squeeze=False)
    for column, count in enumerate(counts):
        for what, style in STYLES.items():
            pressed = found[count, what]
            x = (pressed.x - cell.HALF_WIDTH) * 1e3
            near = (x > DRAWN[0]) & (x < DRAWN[1])
            axes[0, column].plot(x[near], 100 * (1 - pressed.thickness[near]), **style, label=what)
            axes[1, column].plot(x[near], pressed.pressure[near] / 1e6, **style)
            if pressed.gaps:
                x, left = pressed.gaps[-1]
                axes[2, column].plot((x - cell.HALF_WIDTH) * 1e3, left * 1e6, **style)
        axes[0, column].set(title=f"{count} electrodes", ylabel="compaction of the cathodes, %")
        axes[1, column].set(ylabel="pressure on the cathodes, MPa")
        axes[2, column].set(ylabel="height left of the top gap, um", xlabel="beyond the cathodes' edge, mm")
        axes[0, column].legend(frameon=False)
        for axis in axes[:, column]:
            axis.grid(alpha=0.3)
    return figure


def small(figure: plt.Figure) -> str:
    """As an SVG with text as text, a line for each path and coordinates to a hundredth of a point."""
    text = io.StringIO()
    with plt.rc_context({"svg.fonttype": "none", "svg.hashsalt": "edge_gap"}):
        figure.savefig(text, format="svg", metadata={"Date": None})
    return re.sub(r"(\.\d\d)\d+", r"\1", re.sub(r" \n(?=[LMQCz])", " ", text.getvalue()))


def main() -> None:
    """Run the study."""
    found = study()
    table(found).to_csv(HERE / "edge_gap.csv", index=False, float_format="%.5g")
    profiles(found).to_csv(HERE / "profiles.csv", index=False, float_format="%.6g")
    (HERE / "edge_gap.svg").write_text(small(draw(found)))
    full = table(full_overhang(), "third medium")
    full.to_csv(HERE / "full_overhang.csv", index=False, float_format="%.5g")
    parameters(found).to_csv(HERE / "third_medium.csv", index=False, float_format="%.4g")


if __name__ == "__main__":
    main()
