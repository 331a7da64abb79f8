"""Compilation: one source for compiled and plain runs, and no stale machine code."""

import os
import subprocess
import sys

import numpy as np

from isosim import law
from isosim.law import compiling
from isosim.law.batch import _advance
from isosim.law.lanes import SOURCES
from tests.law.laws import ROOM, VISCOSITY, cathode, random_steps

PLAIN = """
import sys
import numpy as np
from isosim import law
from tests.law.laws import ROOM, VISCOSITY, cathode
with np.load(sys.argv[1]) as given:
    P, A, state, status = law.advance(given["F"], given["state"], 1.0, ROOM, [cathode(viscosity=VISCOSITY)])
np.savez(sys.argv[2], P=P, A=A, state=state, status=status)
"""


def test_the_law_runs_as_plain_python(tmp_path):
    """The same source shall give the same numbers compiled and as plain Python."""
    F, state = random_steps(cathode(viscosity=VISCOSITY), np.random.default_rng(0), 5)
    np.savez(tmp_path / "given.npz", F=F, state=state)
    plain = [sys.executable, "-c", PLAIN, str(tmp_path / "given.npz"), str(tmp_path / "got.npz")]
    subprocess.run(plain, check=True, env={**os.environ, "NUMBA_DISABLE_JIT": "1"})
    P, A, new, status = law.advance(F, state, 1.0, ROOM, [cathode(viscosity=VISCOSITY)])
    with np.load(tmp_path / "got.npz") as got:
        np.testing.assert_allclose(got["P"], P, rtol=1e-10, atol=1e-3)
        np.testing.assert_allclose(got["A"], A, rtol=1e-8, atol=1.0)
        np.testing.assert_allclose(got["state"], new, rtol=1e-12, atol=1e-14)
        np.testing.assert_array_equal(got["status"], status)


def test_a_change_of_any_source_makes_the_cache_old(tmp_path):
    """Cached machine code shall belong to a digest of all sources of the law."""
    (tmp_path / "a.py").write_text("one")
    first = compiling.digest(tmp_path)
    (tmp_path / "b.py").write_text("two")
    assert compiling.digest(tmp_path) != first
    assert all(member._cache_file._source_stamp[-1] == SOURCES for member in _advance._cache.members)


SHARED = """
import tempfile
import numba.core.caching
from pathlib import Path
from isosim.law.compiling import compiler

def unwritable(**options):
    raise PermissionError("this folder is not yours")

if {read_only}:
    numba.core.caching.tempfile.TemporaryFile = unwritable

from tests.law import cached_sample
print(cached_sample.double(2.0), sum(cached_sample.double.stats.cache_hits.values()))
"""


def run_sample(folder, read_only):
    command = [sys.executable, "-c", SHARED.format(read_only=read_only)]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    )
    return done.stdout.split()


def test_machine_code_in_a_folder_that_can_only_be_read(tmp_path):
    """A filled cache that cannot be written shall be used, and without any the law shall still compile."""
    assert run_sample(tmp_path / "other", read_only=True) == ["4.0", "0"]
    assert run_sample(tmp_path / "shared", read_only=False) == ["4.0", "0"]
    assert run_sample(tmp_path / "shared", read_only=True) == ["4.0", "1"]


def test_a_fresh_process_finds_the_kernel_compiled():
    """A second process shall take the kernel of the lanes from the cache, and compile nothing."""
    code = (
        "import numpy as np; from isosim import law; from tests.law.laws import cathode;"
        "from isosim.law.batch import _advance; m = cathode();"
        "law.advance(np.eye(3).reshape(1, 9), m.initial_state()[None], 1.0, 298.15, [m]);"
        "print(sum(_advance.stats.cache_hits.values()), sum(_advance.stats.cache_misses.values()))"
    )
    run = [sys.executable, "-c", code]
    subprocess.run(run, check=True, capture_output=True)
    again = subprocess.run(run, check=True, capture_output=True, text=True)
    assert again.stdout.split() == ["1", "0"]
