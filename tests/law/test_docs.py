"""The example of docs/law.md."""

import re
from pathlib import Path

import numpy as np


def test_example_of_the_law_page():
    """The example of docs/law.md shall run, and give a compressive stress and a tangent."""
    page = Path(__file__).parents[2] / "docs" / "law.md"
    (text,) = re.findall(r"```python\n(.*?)```", page.read_text(), re.S)
    names = {}
    exec(compile(text, "docs/law.md", "exec"), names)
    assert names["status"][0] == 0 and names["P"][0, 8] < -30e6
    assert np.isfinite(names["dPdF"]).all()


def test_the_table_of_proof_names_tests():
    """Every test that docs/law-proof.md names shall exist."""
    root = Path(__file__).parents[2]
    named = re.findall(r"`(\S+\.py)::(\w+)`", (root / "docs" / "law-proof.md").read_text())
    assert len(named) > 30
    for file, test in named:
        path = root / file if "/" in file else root / "tests" / "law" / file
        assert f"def {test}(" in path.read_text(), (file, test)
