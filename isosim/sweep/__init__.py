"""Sweeps: many cases from one spec, none lost and none run twice."""
