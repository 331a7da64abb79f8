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
