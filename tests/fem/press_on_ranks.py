"""Press small bodies on the ranks of an mpirun; rank 0 writes the datasets: press_on_ranks.py OUT [WHAT].

WHAT "law" lets the law fail once on the last rank alone, "crash" raises an error there that nobody expects;
"solid" presses but a solid of 4 columns a side.
"""

import pickle
import sys
from pathlib import Path

import numpy as np

from isosim import fem, law, parallel
from isosim.fem.ranks import MPI
from isosim.stack import solid_mesh
from isosim.stack.stack import Electrode
from tests.fem.bodies import MPA, body, cycle, elastic, mesh_of
from tests.fem.test_tangent import POROUS

FACES = {"top", "bottom", "edge"}


def small_body():
    """An electrode of foil and coating on a soft sheet, a few stack heights wide."""
    laws = [elastic(70e9, 0.33), POROUS, elastic(3e9, 0.35)]
    stack = body(laws, [2e-5, 7e-5, 1e-4], half_width=6e-4, porosity=[None, 0.5, None])
    stack.electrodes = (Electrode(1, "anode", (1,), 0),)
    return stack


def press(fidelity, fields_to=None, comm=None, columns=2):
    """The dataset of the small body."""
    stack = small_body()
    mesh = solid_mesh(stack, columns) if fidelity == "solid" else mesh_of(stack, 6)
    schedule = cycle(60 * MPA, steps=4)
    return fem.run(stack, mesh, schedule, FACES, fields_to=fields_to, comm=comm, fidelity=fidelity)


def break_law(message=None):
    """Let the law fail on this rank at the start of the first step; with a message, raise that instead."""
    calls, advance = [], law.advance_into

    def once(*args):
        advance(*args)
        calls.append(1)
        if len(calls) == 2:
            if message:
                raise RuntimeError(message)
            args[-1][0] = -1

    law.advance_into = once


def main(out, what=""):
    """Press and write."""
    if what == "solid":
        datasets = {"solid": press("solid", columns=4)}
    else:
        if what and MPI.COMM_WORLD.rank == MPI.COMM_WORLD.size - 1:
            break_law("a defect of one rank" if what == "crash" else None)
        fidelities = ["section"] if what else ["section", "solid"]
        datasets = {fidelity: press(fidelity, Path(out) / fidelity) for fidelity in fidelities}
    if fem.is_root():
        (Path(out) / "datasets").write_bytes(pickle.dumps(datasets))


if __name__ == "__main__":
    np.seterr(all="raise", under="ignore")
    try:
        main(*sys.argv[1:])
    except Exception as error:
        parallel.leave(error)
        raise
