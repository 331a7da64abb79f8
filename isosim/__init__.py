"""isosim: isostatic pressing of layered battery pouch stacks."""

__version__ = "0.1.0"
