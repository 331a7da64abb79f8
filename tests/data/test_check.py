"""Mass balance of coatings: what cannot be true together, and what would mend it."""

import json
from itertools import combinations

import numpy as np
import pytest

from isosim import cli
from isosim.data.check import STATEMENTS, check, explained
from isosim.data.measured import path_of
from isosim.errors import InputError

# a coating that is pressed: everything that can be said of it, in the units of the headers
T0, PHI0, PHI, RHO = 68.0, 0.50, 0.35, 2.21
T = T0 * (1 - PHI0) / (1 - PHI)
TRUE = {
    "thickness0_um": T0,
    "porosity0": PHI0,
    "density0_g/cm3": RHO * (1 - PHI0),
    "thickness_um": T,
    "porosity": PHI,
    "density_g/cm3": RHO * (1 - PHI),
    "reduction": 1 - T / T0,
    "loading_mg/cm2": RHO * (1 - PHI) * T * 0.1,
    "solid_density_g/cm3": RHO,
}


@pytest.fixture
def judged(tmp_path):
    """Judges the rows of a table of texts."""

    def judge(text):
        path = tmp_path / "a.csv"
        path.write_text(text)
        return check(path)

    return judge


def one(judged, **columns):
    """The verdict on one row; names without unit, percentages as such."""
    units = {"thickness": "_um", "thickness0": "_um", "reduction": "_%", "porosity": "_%", "porosity0": "_%"}
    names = [name + units.get(name, "") for name in columns]
    (verdict,) = judged(",".join(names) + "\n" + ",".join(map(str, columns.values())) + "\n")
    return verdict


def test_half_as_thick_from_35_percent(judged):
    """An anode 50 % thinner from 35 % porosity shall be incompatible, and mended by 50 % porosity or more."""
    verdict = one(judged, porosity0=35, reduction=50)
    words = explained(verdict)
    assert verdict.status == "incompatible"
    assert "from 35 % porosity a coating alone loses at most 35 %" in words
    assert "the unpressed porosity was 50 % or more" in words
    assert "the reduction of thickness was 35 % or less" in words
    assert "at least 23.1 % of the solid was lost" in words
    assert "wrong" not in words


def test_a_cathode_below_15_percent(judged):
    """A cathode 20 % thinner and below 15 % porosity from 35 % shall be told that it needs 23.5 %."""
    verdict = one(judged, porosity0=35, reduction=20, porosity="<15")
    assert verdict.status == "incompatible"
    assert "needs a reduction of 23.5 %" in " ".join(verdict.reasons)
    assert "the reduction of thickness was 23.5 % or more" in verdict.mends
    assert "the porosity was 18.8 %" in verdict.mends
    assert one(judged, porosity0=35, reduction=24, porosity="<15").status == "compatible"


def test_the_claims_of_dixit2024():
    """The two claims that contradict 35 % porosity shall be flagged, the others not."""
    status = [verdict.status for verdict in check(path_of("dixit2024_claims"))]
    assert status == ["compatible", "incompatible", "compatible", "compatible", "incompatible"]


def test_the_curve_of_sangros2019_keeps_its_solid():
    """Thickness and porosity of V1 (physics.md) shall be compatible: they share their solid."""
    verdicts = check(path_of("sangros2019"))
    assert {verdict.status for verdict in verdicts[1:]} == {"compatible"}
    assert verdicts[0].status == "undetermined"  # one state alone contradicts nothing


@pytest.mark.parametrize("names", list(combinations(TRUE, 4)))
def test_what_is_true_is_compatible(judged, names):
    """Any statements about one real coating shall be compatible, and what they imply shall be true."""
    (verdict,) = judged(",".join(names) + "\n" + ",".join(f"{TRUE[name]:.7g}" for name in names) + "\n")
    assert verdict.status in ("compatible", "undetermined")
    for name, (value, sigma) in verdict.implied.items():
        header = next(h for h in TRUE if h == name or h.startswith(f"{name}_"))
        scale = {"um": 1e-6, "g/cm3": 1e3, "mg/cm2": 1e-2}.get(header.removeprefix(f"{name}_"), 1.0)
        assert value == pytest.approx(TRUE[header] * scale, rel=1e-5)
        assert sigma >= 0.0


def test_errors_are_propagated(judged):
    """The error of an implied porosity shall be that of small random errors in what it follows from."""
    text = (
        "thickness_um,sigma_um,loading_mg/cm2,sigma_loading_mg/cm2,solid_density_g/cm3,sigma_solid_density_g/cm3\n"
        "42.8,0.8,11.4,0.2,4.11,0.05\n"
    )
    (verdict,) = judged(text)
    value, sigma = verdict.implied["porosity"]
    draw = np.random.default_rng(1).normal
    n = 200_000
    porosity = 1 - draw(11.4, 0.2, n) * 10 / (draw(42.8, 0.8, n) * draw(4.11, 0.05, n))
    assert value == pytest.approx(1 - 114 / (42.8 * 4.11))
    assert sigma == pytest.approx(porosity.std(), rel=0.02)


def test_right_errors_are_seldom_flagged(judged):
    """Of rows with errors as stated about one in twenty shall be called incompatible."""
    rng = np.random.default_rng(2)
    n = 400
    rows = [
        f"{rng.normal(T0, 1)},{rng.normal(PHI0, 0.01)},{rng.normal(T, 1)},{rng.normal(PHI, 0.01)}"
        for _ in range(n)
    ]
    names = ("thickness0_um", "porosity0", "thickness_um", "porosity")
    header = ",".join((*names, *(f"sigma_{name}" for name in names)))
    verdicts = judged(header + "\n" + "\n".join(f"{row},1,0.01,1,0.01" for row in rows))
    share = np.mean([v.status == "incompatible" for v in verdicts])
    assert abs(share - 0.05) < 3.0 * np.sqrt(0.05 * 0.95 / n)


def test_each_mend_mends(judged):
    """A statement replaced by what would mend it shall make the row compatible."""
    row = {"thickness0": 60.0, "porosity0": 35.0, "thickness": 50.0, "porosity": 10.0}
    first = one(judged, **row)
    assert first.status == "incompatible"
    for name, kind in STATEMENTS.items():
        for mend in first.mends:
            if mend.startswith(f"the {kind.words} was "):
                value = mend.removeprefix(f"the {kind.words} was ").split(" ")[0]
                assert one(judged, **{**row, name: value}).status == "compatible", mend


def test_a_density_of_the_solid(judged):
    """A density that fits only as that of the solid shall be taken as such."""
    (verdict,) = judged("thickness_um,porosity,loading_mg/cm2,density_g/cm3\n42.8,0.35,11.4,4.11\n")
    assert verdict.status == "compatible"
    assert "density of the solid 4.11" in explained(verdict)


def test_a_foil_in_the_thickness(judged):
    """A thickness that holds a foil shall be told how thick that foil would be."""
    (verdict,) = judged("thickness_um,porosity,loading_mg/cm2,solid_density_g/cm3\n57.7,0.35,11.4,4.11\n")
    assert any("as with a foil of 15" in mend for mend in verdict.mends)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("thickness_um,foil_um\n10,15\n", "more than the foil"),
        ("reduction_%,foil_um\n10,15\n", "a foil beside it"),
        ("pressure_MPa,hold_min\n10,15\n", "no quantity of a coating"),
    ],
)
def test_bad_input(judged, text, says):
    """What cannot be checked shall be refused with the reason."""
    with pytest.raises(InputError, match=says):
        judged(text)


@pytest.mark.parametrize(("reduction", "code"), [(20, 0), (50, 1)])
def test_exit_code(tmp_path, monkeypatch, capsys, reduction, code):
    """An incompatible row shall end the command with 1, and the file shall be written all the same."""
    (tmp_path / "a.csv").write_text(f"electrode,porosity0_%,reduction_%\nanode,35,{reduction}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["isosim", "check", "a.csv", "--json", "a.json"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert (end.value.code or 0) == code
    (row,) = json.loads((tmp_path / "a.json").read_text())
    assert row["status"] == ("incompatible" if code else "compatible")
