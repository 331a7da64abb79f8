"""The commands that README.md shows are run: those after "$ " in its ```console blocks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from isosim import case as cases

ROOT = Path(__file__).parents[1]


def shown(program: str) -> list[str]:
    """The commands of README.md that call this program; a backslash continues a line."""
    blocks = re.findall(r"^```console\n(.*?)^```", (ROOT / "README.md").read_text(), flags=re.M | re.S)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line[2:].strip() for line in lines if re.match(rf"\$ {program}\b", line)]


def test_isosim_commands_run(tmp_path):
    """Every isosim command shown shall run as it stands, one after the other in one folder."""
    commands = shown("isosim")
    assert commands, "README.md shows no isosim command in a console block"
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for command in commands:
        done = subprocess.run(
            command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def test_make_targets_exist():
    """Every make command shown shall name targets that the Makefile has."""
    commands = shown("make")
    assert commands, "README.md shows no make command in a console block"
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    named = {word for command in commands for word in command.split("#")[0].split()[1:] if "=" not in word}
    assert named <= targets


def blocks(language: str) -> list[str]:
    """The code blocks of README.md in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "README.md").read_text(), flags=re.M | re.S)


def test_python_runs(tmp_path):
    """Every Python block shall run as it stands."""
    assert blocks("python")
    for block in blocks("python"):
        done = subprocess.run([sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, f"{block}\n{done.stderr}"


def test_cases_load(tmp_path):
    """Every case shown shall be valid."""
    assert blocks("toml")
    for block in blocks("toml"):
        path = tmp_path / "case.toml"
        path.write_text(block)
        cases.load(path)
