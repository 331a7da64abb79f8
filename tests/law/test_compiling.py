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
