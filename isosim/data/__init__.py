"""Measured series and published statements, and how predictions stand against them."""
