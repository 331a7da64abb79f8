"""The source of the law, not compiled, on whole numpy arrays: what a user of numpy would have.

Run with NUMBA_DISABLE_JIT=1; reads F, state, a row and the length of the step from a file, prints seconds.
"""

import json
import statistics
import sys
import time

import numpy as np

from isosim.law import balance, cap, elastic, fallback, lanes, point, porous, row, strain, tensor

ARRAY_MEANING = {
    "select": np.where,
    "any_of": np.any,
    "no": np.logical_not,
    "log1p": np.log1p,
    "smaller": np.minimum,
    "larger": np.maximum,
}
for module in (lanes, balance, cap, elastic, fallback, porous, strain, tensor, point):
    for name, meaning in ARRAY_MEANING.items():
        if hasattr(module, name):
            setattr(module, name, meaning)


def main() -> None:
    with np.load(sys.argv[1]) as given:
        F, state, m = tuple(given["F"].T.copy()), tuple(given["state"].T.copy()), row.Row(*given["row"])
        dt, tangent = float(given["dt"]), bool(given["tangent"])
    seconds = []
    with np.errstate(all="ignore"):
        for _ in range(5):
            began = time.perf_counter()
            a = point.step(F, state, dt, m)
            if tangent:
                p = point.tangent(a.slope)
                for k in range(3):
                    for L in range(3):
                        point.stress_change(p, k, L)
            seconds.append(time.perf_counter() - began)
    np.savez(sys.argv[2], P=np.stack(a.stress, axis=-1))
    print(json.dumps(statistics.median(seconds)))


if __name__ == "__main__":
    main()
