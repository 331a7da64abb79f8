"""A pressed cell handed over to cell models."""

import json

import pandas as pd
import pytest

from isosim import case, handover, session
from isosim.errors import InputError
from isosim.progress import Silent


class Quiet(Silent):
    """A progress display that shows nothing."""

    def __init__(self, name):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The 2-layer cell at 120 MPa, pressed as a column into a run folder."""
    folder = tmp_path_factory.mktemp("run") / "out"
    session.press_into([case.load("120RT-2", {"model.fidelity": "column"})], folder, Quiet)
    return folder


@pytest.fixture(scope="module")
def cells(run):
    from isosim.handover.source import pressed

    ((ds, read),) = pressed(run)
    return handover.cells(ds, read)


def test_volume_and_mass_are_kept(cells):
    """Solid mass shall be kept, and pores and active material leave room for the binder."""
    for kind in ("cathode", "anode"):
        before, after = (getattr(cells[state], kind) for state in ("unpressed", "pressed"))
        assert before.areal_mass == after.areal_mass == pytest.approx(before.density * before.thickness)
        assert after.density / before.density == pytest.approx((1 - after.porosity) / (1 - before.porosity))
        for electrode in (before, after):
            assert 0.0 < 1.0 - electrode.porosity - electrode.active_fraction < 0.23
    assert cells["unpressed"].cathode.areal_mass == pytest.approx(0.1145)


def test_bruggeman_gives_the_tortuosity_back(cells):
    """porosity^b shall be porosity over tortuosity."""
    for cell in cells.values():
        for electrode in (cell.cathode, cell.anode):
            b = electrode.bruggeman
            assert electrode.porosity**b == pytest.approx(electrode.porosity / electrode.tortuosity)


def test_figures_of_the_rate_study(cells):
    """studies/rate shall quote what is computed: MacMullin numbers 4.4 and 7.5 times, separator at 4 %."""
    ratios = []
    for kind in ("cathode", "anode"):
        before, after = (getattr(cells[state], kind) for state in ("unpressed", "pressed"))
        ratios.append(after.tortuosity / after.porosity / (before.tortuosity / before.porosity))
    assert ratios == pytest.approx([4.4, 7.5], abs=0.1)
    assert cells["pressed"].separator.porosity == pytest.approx(0.044, abs=0.001)


def test_files_of_the_verb(run, tmp_path):
    """to-pybamm shall write both states of each cell in both forms and a table, all numbers in SI."""
    written = handover.write(run, tmp_path / "cells")
    assert len(written) == 5 and all(file.is_file() for file in written)
    values = json.loads((tmp_path / "cells" / "120RT-2.pressed.pybamm.json").read_text())
    assert 25e-6 < values["Positive electrode thickness [m]"] < 40e-6
    assert "Contact resistance [Ohm]" not in values
    table = pd.read_csv(written[-1])
    assert list(table.state) == ["unpressed", "pressed"]
    assert table.cathode_press_density_g_cm3[0] == pytest.approx(2.67, abs=0.01)


def test_energy_per_volume(run, cells, tmp_path):
    """Wh/L shall be the energy of the facing coatings over all heights, and gain what the volume loses."""
    before, after = cells["unpressed"], cells["pressed"]
    assert before.pairs == 1
    kinds = (before.cathode, before.anode)
    layers = sum(one.thickness + one.foil_thickness for one in kinds) + before.separator.thickness
    pouch = 2 * (25e-6 + 40e-6 + 48e-6)
    assert before.height == pytest.approx(layers + pouch, rel=0.01)
    gain = after.energy_density(1.0) / before.energy_density(1.0) - 1.0
    assert gain == pytest.approx(after.energy_density_change)
    table = pd.read_csv(handover.write(run, tmp_path / "cells", energy="8 mWh/cm^2")[-1])
    assert table.energy_density_Wh_L[0] == pytest.approx(0.08 / before.height, rel=1e-4)
    assert pd.read_csv(handover.write(run, tmp_path / "none")[-1]).energy_density_Wh_L.isna().all()
    with pytest.raises(InputError, match="energy per area"):
        handover.write(run, tmp_path / "bad", energy="8 mAh/cm^2")
    assert not (tmp_path / "bad").exists()


def test_bpx_keeps_the_chemistry_of_its_base(run, tmp_path):
    """With a base the layers shall be replaced and everything else kept, the base file untouched."""
    electrode = {"Thickness [m]": 1.0, "Particle radius [m]": 5e-6, "Conductivity [S.m-1]": 7.0}
    base = {
        "Header": {"BPX": "1.0.0", "Title": "base", "Model": "DFN"},
        "Parameterisation": {
            "Cell": {"Electrode area [m2]": 0.1},
            "Positive electrode": electrode,
            "Negative electrode": electrode,
            "Separator": {"Transport efficiency": 0.3},
        },
    }
    file = tmp_path / "base.json"
    file.write_text(json.dumps(base))
    handover.write(run, tmp_path / "cells", file)
    made = json.loads((tmp_path / "cells" / "120RT-2.pressed.bpx.json").read_text())["Parameterisation"]
    assert made["Cell"] == base["Parameterisation"]["Cell"]
    assert made["Positive electrode"]["Conductivity [S.m-1]"] == 7.0
    values = json.loads((tmp_path / "cells" / "120RT-2.pressed.pybamm.json").read_text())
    active = values["Positive electrode active material volume fraction"]
    assert made["Positive electrode"]["Surface area per unit volume [m-1]"] == pytest.approx(
        3 * active / 5e-6
    )
    assert made["Separator"]["Transport efficiency"] == 0.3
    assert json.loads(file.read_text()) == base


def test_bad_input_writes_nothing(run, tmp_path):
    """A folder without results, a result without manifest and a base that is no BPX shall be refused."""
    out = tmp_path / "cells"
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "result.nc").write_bytes((run / "120RT-2" / "result.nc").read_bytes())
    with pytest.raises(InputError, match="folder of a run"):
        handover.write(tmp_path / "nothing", out)
    with pytest.raises(InputError, match=r"manifest\.json"):
        handover.write(alone, out)
    with pytest.raises(InputError, match="BPX document"):
        handover.write(run, out, run / "manifest.json")
    assert not out.exists()
