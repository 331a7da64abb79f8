"""What docs/sweep.md and docs/cluster.md show is valid."""

import re
from pathlib import Path

import pytest

from isosim.sweep.design import load_design
from isosim.sweep.readings import FILMS
from isosim.sweep.spec import load_sweep

DOCS = Path(__file__).parents[2] / "docs"
BLOCKS = {
    name: re.findall(r"^```toml\n(.*?)^```", (DOCS / name).read_text(), flags=re.M | re.S)
    for name in ("sweep.md", "cluster.md")
}


@pytest.mark.parametrize("name", BLOCKS)
def test_specs_shown_are_valid(name, tmp_path):
    """Every spec shown shall load; a table [sweep.cluster] shown alone belongs to the first."""
    path = tmp_path / "shown.toml"
    sweeps = [block for block in BLOCKS[name] if "[sweep]" in block]
    assert sweeps
    for block in BLOCKS[name]:
        alone = block.lstrip().startswith("[sweep.cluster]")
        path.write_text(f"{sweeps[0]}\n{block}" if alone else block)
        if "[design]" in block:
            assert load_design(path).confirm
        else:
            assert load_sweep(path).count > 0


def test_readings_of_films_are_named():
    """Every reading that only a section has shall be named on the page."""
    text = (DOCS / "sweep.md").read_text()
    assert all(f"`{name}`" in text for name in FILMS)
