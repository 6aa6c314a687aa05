"""Reports in different formats, all of the same findings."""
