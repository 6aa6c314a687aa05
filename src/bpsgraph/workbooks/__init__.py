"""Workbooks to fill in and workbooks filled: what stands in their cells, and the files."""
