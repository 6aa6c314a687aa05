"""What reads the words of officials is loaded and compiled only where there are words to read."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bpsgraph.ingest.patterns import Pattern

ROWS = "行政区划代码,140500\n版本,2024\n服务事项,指标,数值,标准原文\n普通高中国家助学金,资助标准,"
READ = """
import sys
from pathlib import Path
from bpsgraph.ingest import read
from bpsgraph.ingest.names import Name, Names

item, measure = "https://w3id.org/bps/id/item/grant", "https://w3id.org/bps/id/measure/grant"
called = {"item": [Name(item, "普通高中国家助学金", True)], "measure": [Name(measure, "资助标准", True)]}
names = Names(lambda kind: called.get(kind, []), lambda iri: [], lambda: [])
submission = read(sys.argv[1], names=names)
assert len(submission.triples) > 8, submission
print("bpsgraph.ingest.wording" in sys.modules)
"""


@pytest.mark.parametrize(("cells", "loaded"), [("2000,", "False"), ("免费提供,", "True")])
def test_words_are_what_loads_their_reader(tmp_path: Path, cells: str, loaded: str) -> None:
    file = tmp_path / "c.csv"
    file.write_text(ROWS + cells, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", READ, str(file)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.stdout.strip(), ran.stderr) == (loaded, "")


def test_a_pattern_is_compiled_when_it_is_used() -> None:
    broken = Pattern("(")
    with pytest.raises(re.error):
        broken.search("x")
    pattern = Pattern("[、,]")
    assert pattern.split("a、b,c") == ["a", "b", "c"]
    assert pattern.sub("", "a、b") == "ab"
    assert pattern.search is pattern.search
