"""How a pressed cell is named in tables and figures."""

from __future__ import annotations

from dataclasses import dataclass

import xarray as xr


@dataclass(frozen=True)
class Label:
    """A cell and the conditions it was pressed at."""

    cell: str
    scenario: str
    fidelity: str
    electrodes: int
    pressure_MPa: float
    temperature_degC: float

    @property
    def condition(self) -> str:
        """The press condition, such as "120 MPa, 90 °C"."""
        return f"{self.pressure_MPa:.4g} MPa, {self.temperature_degC:.0f} °C"


def published(ds: xr.Dataset) -> bool:
    """Whether a measured dataset is of a cell whose published bands it can be held against."""
    return bool(ds.attrs["published"])


def contraction(ds: xr.Dataset) -> str:
    """In-plane contraction at the end of the hold along the cut [%]; negative when the cell grows."""
    percent = 100.0 * float(ds.contraction_x.sel(state="held"))
    return f"{round(percent, 2) + 0.0:.2f}"  # + 0.0: no minus sign before a zero


def label(ds: xr.Dataset) -> Label:
    """The label of a measured dataset; the temperature is that at the largest pressure."""
    peak = int(ds.pressure.argmax("step"))
    return Label(
        cell=ds.attrs["cell"],
        scenario=ds.attrs["scenario"],
        fidelity=ds.attrs["fidelity"],
        electrodes=ds.sizes.get("electrode", 0),
        pressure_MPa=float(ds.pressure[peak]) / 1e6,
        temperature_degC=float(ds.temperature[peak]) - 273.15,
    )
