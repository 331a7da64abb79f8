"""A laboratory's own readings beside what was computed."""

from isosim.data.compare.compare import (
    Comparison,
    compare,
    holds,
    load_results,
    result_files,
    write_json,
)
from isosim.data.compare.model import load as load_intervals
from isosim.data.compare.model import summary

__all__ = [
    "Comparison",
    "compare",
    "holds",
    "load_intervals",
    "load_results",
    "result_files",
    "summary",
    "write_json",
]
