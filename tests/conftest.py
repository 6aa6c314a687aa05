"""What all tests share: programs that they start find the same code as they do."""

import os
from pathlib import Path

_HERE = Path(__file__).resolve().parent
os.environ["PYTHONPATH"] = os.pathsep.join([str(_HERE.parent / "src"), str(_HERE)])
