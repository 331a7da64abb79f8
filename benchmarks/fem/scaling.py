"""One Newton iteration of the flush section of 40 electrodes on the ranks there are, elastic layers.

    mpirun -n 2 python -m benchmarks.fem.scaling

prints wall time and the most CPU time of a rank: strong (the section as it is) and weak (24 columns a rank).
Means something only on a machine with an idle core for every rank.
"""

from __future__ import annotations

from mpi4py import MPI

from .cells import CELLS
from .timed import newton

SECTION = CELLS["40 electrodes, section, flush"]
COLUMNS = 24  # a rank


def main() -> None:
    comm = MPI.COMM_WORLD
    for name, columns in (("strong", COLUMNS), ("weak", COLUMNS * comm.size)):
        cell = SECTION._replace(changes={**SECTION.changes, "model.section.columns": columns})
        row = newton(cell, comm)
        wall, cpu = (comm.allreduce(row[f"{clock}_s_per_iteration"], MPI.MAX) for clock in ("wall", "cpu"))
        if comm.rank == 0:
            print(
                f"{name:6s} {comm.size} ranks, {row['dofs']:7d} unknowns: {wall:.3f} s an iteration, "
                f"CPU {cpu:.3f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
