"""Measurements: how long the steps take on catalogues of a given size."""
