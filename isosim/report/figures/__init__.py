"""Figures. Each has `data`, the numbers, and `draw`, which sees nothing but those numbers."""
