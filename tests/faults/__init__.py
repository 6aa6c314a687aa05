"""Faults of every kind tried on the real thing; `python -m faults --help` says which and how."""
