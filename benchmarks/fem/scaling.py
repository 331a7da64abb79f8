"""One Newton iteration of a section and of a small solid on the ranks there are, elastic layers.

    mpirun -n 2 python -m benchmarks.fem.scaling

prints a line of JSON for each: wall time and the most CPU time of a rank, strong (the body as it is) and weak
(as many columns a rank). Means something only on a machine with an idle core for every rank.
"""

from __future__ import annotations

import json

from mpi4py import MPI

from .cells import CELLS, FLUSH, Cell
from .timed import newton

SECTION = CELLS["40 electrodes, section, flush"]
SOLID = Cell("120RT-2", {**FLUSH, "model.fidelity": "solid"})
COLUMNS = {"section": 24, "solid": 10}  # of a rank; of a solid along x and along y


def main() -> None:
    comm = MPI.COMM_WORLD
    for body, cell in (("section", SECTION), ("solid", SOLID)):
        alone = COLUMNS[body]
        shared = round(alone * (comm.size if body == "section" else comm.size**0.5))
        for scaling, columns in (("strong", alone), ("weak", shared)):
            row = newton(cell._replace(changes={**cell.changes, f"model.{body}.columns": columns}), comm)
            wall, cpu = (
                comm.allreduce(row[f"{clock}_s_per_iteration"], MPI.MAX) for clock in ("wall", "cpu")
            )
            if comm.rank == 0:
                found = {"name": f"{scaling} scaling, {body}", "ranks": comm.size, "dofs": row["dofs"]}
                found |= {"wall_s": wall, "cpu_s": cpu, "solver": row["solver"]}
                print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
