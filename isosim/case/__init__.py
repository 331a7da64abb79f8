"""Case files: read, checked as a whole, and turned into what is pressed and how."""

from isosim.case.case import Case, from_document, schema
from isosim.case.library import load, load_set, names
from isosim.case.scenarios import Scenario, scenarios

__all__ = ["Case", "Scenario", "from_document", "load", "load_set", "names", "scenarios", "schema"]
