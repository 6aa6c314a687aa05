"""`python -m bpsgraph` is the command `bpsgraph`."""

import sys

from bpsgraph.cli import main

sys.exit(main())
