"""Press small bodies on the ranks of an mpirun; rank 0 writes the datasets: press_on_ranks.py OUT [WHAT].

WHAT "law" lets the law fail in one step on the last rank alone, "crash" raises an error there that nobody
expects; "solid" presses but a solid of 4 columns a side; "restart" goes on with the draped body from
OUT/checkpoint.npz and writes a checkpoint after every step.
"""

import pickle
import sys
from pathlib import Path

import numpy as np

from isosim import fem, law, parallel
from isosim.fem import checkpoint
from isosim.fem.ranks import MPI
from isosim.materials import Material
from isosim.stack import solid_mesh
from isosim.stack.stack import Electrode
from tests.fem.bodies import MPA, body, cycle, elastic, mesh_of
from tests.fem.test_pouch_edge import DRAPED, laminate
from tests.fem.test_tangent import POROUS

FACES = {"top", "bottom", "edge"}


def small_body():
    """An electrode of foil and coating on a soft sheet, a few stack heights wide."""
    laws = [elastic(70e9, 0.33), POROUS, elastic(3e9, 0.35)]
    stack = body(laws, [2e-5, 7e-5, 1e-4], half_width=6e-4, porosity=[None, 0.5, None])
    stack.electrodes = (Electrode(1, "anode", (1,), 0),)
    return stack


def press(name, fields_to=None, columns=2, **more):
    """The dataset of the small body as a "section" or "solid", or of a "draped" pouch over a short core."""
    if name == "draped":
        stack, mesh = laminate(DRAPED, short=1.5e-3, columns=6)
        stack.materials["frame"] = Material("frame", "dense", "", elastic(5e7, 0.3))
    else:
        stack = small_body()
        mesh = solid_mesh(stack, columns) if name == "solid" else mesh_of(stack, 6)
    schedule = cycle((20 if name == "draped" else 60) * MPA, steps=4)
    fidelity = "solid" if name == "solid" else "section"
    return fem.run(stack, mesh, schedule, FACES, fields_to=fields_to, fidelity=fidelity, **more)


def break_law(message=None):
    """Let the law fail on this rank at the start of the first step, from the guess and from the last state;
    with a message, raise that instead."""
    calls, advance = [], law.advance_into

    def once(*args):
        advance(*args)
        calls.append(1)
        if len(calls) in (2, 3):
            if message:
                raise RuntimeError(message)
            args[-1][0] = -1

    law.advance_into = once


def main(out, what=""):
    """Press and write."""
    if what == "solid":
        datasets = {"solid": press("solid", columns=4)}
    elif what == "restart":
        checkpoint.SHARE = np.inf
        datasets = {"draped": press("draped", checkpoint=Path(out) / "checkpoint.npz")}
    else:
        if what and MPI.COMM_WORLD.rank == MPI.COMM_WORLD.size - 1:
            break_law("a defect of one rank" if what == "crash" else None)
        names = ["section"] if what else ["section", "solid", "draped"]
        datasets = {name: press(name, Path(out) / name) for name in names}
    if fem.is_root():
        (Path(out) / "datasets").write_bytes(pickle.dumps(datasets))


if __name__ == "__main__":
    np.seterr(all="raise", under="ignore")
    try:
        main(*sys.argv[1:])
    except Exception as error:
        parallel.leave(error)
        raise
