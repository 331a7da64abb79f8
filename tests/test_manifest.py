"""What a run was made of."""

import getpass
import json
import platform
import subprocess
from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pytest

from isosim import manifest, materials


def case(pressure: float = 120e6, name: str = "one", card: str = "al_foil") -> SimpleNamespace:
    stack = SimpleNamespace(materials={card: materials.load(card)})
    return SimpleNamespace(
        name=name, stack=lambda: stack, choices=("dry",), to_dict=lambda: {"pressure": pressure}
    )


def built(*cases, **options):
    start = datetime(2026, 11, 22, 10, tzinfo=UTC)
    return manifest.build(cases or [case()], {"one": {"press": 1.5}}, start, **options)


def test_same_input_same_hash():
    """The hash shall depend on cases and cards and on nothing else."""
    assert built()["input_hash"] == built(petsc_options={"ksp_type": "preonly"})["input_hash"]
    assert built()["input_hash"] != built(case(pressure=121e6))["input_hash"]
    assert built()["input_hash"] != built(case(card="cu_foil"))["input_hash"]


def test_digest_does_not_see_the_order_of_keys():
    """The canonical text shall not depend on the order in which keys were written."""
    assert manifest.digest({"a": 1, "b": [1.5, None]}) == manifest.digest({"b": [1.5, None], "a": 1})
    assert manifest.digest({"a": 1.0}) != manifest.digest({"a": np.nextafter(1.0, 2.0)})


def test_nobody_is_named_unless_asked(tmp_path):
    """Host, user and paths shall be in the manifest only on request."""
    manifest.write(built(), tmp_path / "manifest.json")
    text = (tmp_path / "manifest.json").read_text("utf-8")
    assert set(json.loads(text)).isdisjoint({"host", "user", "folder", "package"})
    assert platform.node() not in text and str(tmp_path.parent) not in text
    asked = built(identify=True)
    assert (asked["host"], asked["user"]) == (platform.node(), getpass.getuser())


def test_sources_versions_times_are_there():
    """Cards with their sources, versions, times and the start in UTC shall be in it."""
    made = built()
    value = made["cards"]["al_foil"]["values"][0]
    assert set(value) == {"quantity", "value", "range", "confidence", "provenance", "source"}
    assert made["versions"]["numpy"] == np.__version__
    assert made["seconds"] == {"one": {"press": 1.5}}
    assert made["started_utc"] == "2026-11-22T10:00:00+00:00"
    json.dumps(made)


def test_start_without_time_zone_is_refused():
    """A start time that could be anywhere shall be refused."""
    with pytest.raises(ValueError, match="time zone"):
        manifest.build([case()], {}, datetime(2026, 11, 22))


def test_commit_is_that_of_the_packages_own_checkout(tmp_path):
    """Only a folder that the checkout tracks shall give a commit; changed files shall be marked."""

    def git(*arguments):
        identity = ["-c", "user.name=t", "-c", "user.email=t@t"]
        return subprocess.run(
            ["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True
        )

    package = tmp_path / "package"
    package.mkdir()
    (package / "a.py").write_text("1\n")
    assert manifest.git_commit(package) is None
    git("init", "-q")
    (tmp_path / "other").write_text("x")
    git("add", "other")
    git("commit", "-qm", "other")
    assert manifest.git_commit(package) is None
    git("add", "package")
    git("commit", "-qm", "package")
    commit = git("rev-parse", "HEAD").stdout.strip()
    assert manifest.git_commit(package) == commit
    (package / "a.py").write_text("2\n")
    assert manifest.git_commit(package) == commit + "+"
