"""The smallest world in which everything happens: one county, what its catalogue names, and nothing else.

A change of its store takes a tenth of a second, so that thousands of faults can be tried in minutes.
"""

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.acceptance import Accepted, Register
from bpsgraph.building import build
from bpsgraph.cli.app import COMMANDS
from bpsgraph.cli.doctor import ENGINES
from bpsgraph.ingest import Submission, read
from bpsgraph.ingest.observations import QB, Figures
from bpsgraph.library import Library
from bpsgraph.results import Report, Triples
from bpsgraph.sources import Sources
from bpsgraph.store import Store
from bpsgraph.terms import BASE, BPS, DCT, RDF_TYPE
from bpsgraph.validation import validate_submission
from bpsgraph.validation.shapes import ShapesGraph
from small_world import COUNTY, LOCAL, NOON, small_sources

COUNTY_TEXT = (LOCAL / COUNTY).read_text(encoding="utf-8")
DATASET = "faults"
_NAME = re.compile(r"^<([^>]+)>", re.MULTILINE)
_NAMED = re.compile(r"<([a-z][^>:]*/[^>]*)>")
# What is never reached from a catalogue by names, and is no part of judging or deriving.
_LEFT_OUT = ("ontology/alignments", "data/ttl/national", "data/ttl/evaluation.ttl", "data/ttl/targets.ttl")
_TERM = re.compile(r"^(bps:[A-Za-z]+)", re.MULTILINE)
_USED = re.compile(r"\bbps:[A-Za-z]+")


@dataclass
class Hamlet:
    """A folder with the sources, and how one changes a store of them."""

    root: Path

    @cached_property
    def sources(self) -> Sources:
        return Sources(self.root)

    @cached_property
    def library(self) -> Library:
        return Library(self.root / "queries")

    @cached_property
    def shapes(self) -> ShapesGraph:
        return ShapesGraph.read(self.sources.shapes())

    def warm(self) -> None:
        """Read what every process reads first, and nothing that a fork must not inherit."""
        modules = ("encodings.utf_8_sig", "getpass", "pwd", "mmap", "rich.progress", *ENGINES.values())
        for module in (*modules, *(f"bpsgraph.cli.{name}" for name in COMMANDS)):
            import_module(module)
        assert self.library
        assert self.shapes

    def build(self, store: Path) -> None:
        build(store, self.sources)

    def accept(self, store: Path, path: Path) -> Accepted:
        """Judge and accept the file as the command does; it must not be refused."""
        submission = read(path)
        done = Register(store, self.library).accept(
            submission, lambda opened: self.judge(submission, opened), by="王芳", at=NOON
        )
        assert isinstance(done, Accepted), done.report.findings
        return done

    def judge(self, submission: Submission, store: Store) -> Report:
        return validate_submission(
            submission, store, self.library, self.shapes, as_of=NOON.date(), today=NOON.date()
        )


def hamlet(root: Path) -> Hamlet:
    """Make the sources in a folder that does not exist yet."""
    small_sources(root)
    for place in _LEFT_OUT:
        path = root / place
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    for folder in (root / "queries").iterdir():
        if folder.name != "derive":
            shutil.rmtree(folder)
    files = [*root.glob("data/ttl/**/*.ttl"), *root.glob("ontology/codelists/*.ttl")]
    blocks = {path: path.read_text(encoding="utf-8").split("\n\n") for path in files}
    reached = _reached(COUNTY_TEXT, (block for found in blocks.values() for block in found))
    for path, found in blocks.items():
        kept = [block for block in found if (name := _NAME.match(block)) is None or name[1] in reached]
        if any(_NAME.match(block) for block in kept):
            path.write_text("\n\n".join(kept).rstrip() + "\n", encoding="utf-8")
        else:
            path.unlink()
    _keep_terms(root)
    return Hamlet(root)


def _keep_terms(root: Path) -> None:
    """Of the ontology what the data uses: closing it is most of a build."""
    used = {
        term for path in root.glob("data/ttl/**/*.ttl") for term in _USED.findall(path.read_text("utf-8"))
    }
    used |= set(_USED.findall(COUNTY_TEXT))
    for path in root.glob("ontology/modules/*.ttl"):
        terms = path.read_text("utf-8").split("\n\n")
        kept = [block for block in terms if (term := _TERM.match(block)) is None or term[1] in used]
        if any(_TERM.match(block) for block in kept):
            path.write_text("\n\n".join(kept).rstrip() + "\n", encoding="utf-8")
        else:
            path.unlink()


def _reached(text: str, blocks: Iterable[str]) -> set[str]:
    """The names in the text, and in what describes them, and so on."""
    described = {name[1]: block for block in blocks if (name := _NAME.match(block))}
    reached: set[str] = set()
    waiting = _NAMED.findall(text)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _NAMED.findall(described.get(name, ""))
    return reached


def catalogue(folder: Path, number: int, edition: str = "2021") -> Path:
    """A file with the county's catalogue, its title with the number, under the name of that edition."""
    text = COUNTY_TEXT
    for old, new in (
        ("/371323/2021", f"/371323/{edition}"),
        ('bps:edition "2021"', f'bps:edition "{edition}"'),
        ("（2021年，节选）", f"（第{number}稿）"),
    ):
        assert old in text
        text = text.replace(old, new)
    path = folder / f"{edition}-{number}.ttl"
    path.write_text(text, encoding="utf-8")
    return path


def numbers_of(triples: Triples) -> Iterator[int]:
    """The numbers that `catalogue` put into titles; one where the graph is whole and of one file."""
    for triple in triples:
        found = re.search("第([0-9]+)稿", str(triple.object))
        if found:
            yield int(found[1])


def figures(number: int, dataset: str = DATASET) -> Figures:
    """A data set of one figure with the number in its title."""
    subject = NamedNode(f"{BASE}dataset/{dataset}")
    observation = NamedNode(f"{BASE}observation/{dataset}/1")
    triples = {
        Triple(subject, RDF_TYPE, NamedNode(QB + "DataSet")),
        Triple(subject, NamedNode(DCT + "title"), Literal(f"第{number}稿", language="zh")),
        Triple(observation, RDF_TYPE, NamedNode(QB + "Observation")),
        Triple(observation, NamedNode(QB + "dataSet"), subject),
        Triple(observation, NamedNode(BPS + "value"), Literal(number)),
    }
    return Figures(subject.value, Triples(frozenset(triples)), values=1, missing=0)
