"""A laboratory's own readings beside what was computed."""

from isosim.data.compare.compare import Comparison, compare, holds, load_results, write_json

__all__ = ["Comparison", "compare", "holds", "load_results", "write_json"]
