"""Fit a card's compaction law to pressure-thickness or pressure-porosity data, by the column model."""

from isosim.data.calibration.calibrate import Calibration, calibrate
from isosim.data.calibration.series import Known, Series, load

__all__ = ["Calibration", "Known", "Series", "calibrate", "load"]
