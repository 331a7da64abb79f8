"""A Slurm for all tests of this folder."""

from pathlib import Path

import pytest

from tests.slurm.node import slurm


@pytest.fixture(scope="session")
def node():
    """The folder of a running Slurm of one node."""
    with slurm() as folder:
        yield folder


@pytest.fixture(autouse=True)
def surroundings(node, monkeypatch):
    """Jobs find this checkout; ranks that share a core, which Slurm does not know of, give way."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.setenv("OMPI_MCA_mpi_yield_when_idle", "1")
