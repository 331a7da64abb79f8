"""The examples of docs/case-file.md."""

import re
from pathlib import Path

import pytest

from isosim import case
from isosim.case.body import LayerTable, StackTable
from isosim.case.document import CaseTable, ModelTable, RecipeTable, SectionTable, SolidTable

PAGE = (Path(__file__).parents[2] / "docs" / "case-file.md").read_text("utf-8")


@pytest.mark.parametrize("text", re.findall(r"```toml\n(.*?)```", PAGE, re.S))
def test_toml_examples_load(text, tmp_path):
    """Every TOML example shall be a valid case or set."""
    path = tmp_path / "example.toml"
    path.write_text(text, encoding="utf-8")
    for c in case.load_set(path):
        assert c.stack().layers and c.recipe.pressure > 0


@pytest.mark.parametrize("text", re.findall(r"```python\n(.*?)```", PAGE, re.S))
def test_python_examples_run(text, capsys):
    """Every Python example shall run."""
    exec(compile(text, "docs/case-file.md", "exec"), {})
    assert "porosity" in capsys.readouterr().out


@pytest.mark.parametrize("table", [CaseTable, StackTable, LayerTable, RecipeTable, ModelTable])
def test_every_key_is_described(table):
    """Every key that a case may have shall be in the page."""
    parts = {"section": SectionTable, "solid": SolidTable}
    for name in table.model_fields:
        names = [f"{name}.{part}" for part in parts[name].model_fields] if name in parts else [name]
        for key in names:
            assert re.search(rf"`\[*{key}\]*`", PAGE), f"{table.__name__}: {key}"
