"""What a batch system is asked for: the table [sweep.cluster]."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

from pydantic import Field

from isosim.tables import Count, Quantity, Table

Walltime = Annotated[float, Quantity("s", above=0.0, bounds="a time above zero")]


class ClusterTable(Table):
    """The resources of one job; `jobs` of them at a time."""

    jobs: Count = Field(8, description="at a time")
    ranks: Count = Field(1, description="MPI ranks of a section; slurm only")
    pmi: str = Field("pmix", description="how ranks find each other, of srun --mpi=list; slurm only")
    walltime: Walltime | None = Field(None, description="of a job; that of the queue when left out")
    partition: str | None = Field(None, description="partition or queue")
    account: str | None = None
    memory: Annotated[int, Field(ge=1)] | None = Field(None, description="of a job, in GB")
    setup: list[str] = Field(default_factory=list, description="shell lines before a worker; pilots only")
    cache: str | None = Field(
        None,
        description="folder of a node for compiled code, such as '$TMPDIR/isosim'; the user's when left out",
    )


def job_name(folder: Path) -> str:
    """The name of all jobs of a store, by which those of a killed driver are found."""
    return f"isosim-{hashlib.sha256(str(folder).encode()).hexdigest()[:10]}"


def clock(seconds: float) -> str:
    """A walltime as batch systems write it."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest:02d}"
