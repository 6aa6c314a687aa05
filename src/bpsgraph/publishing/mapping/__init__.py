"""Places on a picture: tiles in about their positions, or the boundaries of a file that is given."""
