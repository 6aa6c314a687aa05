"""Where ontology, shapes, queries and data are: in the working tree, else in the copy in the wheel."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from bpsgraph import opening
from bpsgraph.errors import BadParameter, MalformedFile, UnreadableFile
from bpsgraph.terms import GRAPH

ONTOLOGY_GRAPH = GRAPH + "ontology"


@dataclass(frozen=True, slots=True)
class Sources:
    """The folder of `ontology/`, `shapes/`, `queries/`, `data/` and examples; lists of files are sorted.

    `catalogues` is a folder of further catalogues, from which the data are built as well.
    """

    root: Path
    catalogues: Path | None = None

    def ontology(self) -> list[Path]:
        """The Turtle files of the ontology: header, modules, code lists and alignments."""
        return sorted((self.root / "ontology").rglob("*.ttl"))

    def shapes(self) -> list[Path]:
        """The Turtle files of the shapes."""
        return sorted((self.root / "shapes").rglob("*.ttl"))

    def examples(self, rule: str) -> dict[str, Path]:
        """The graphs that a rule is tested with, `good` and `bad`, as far as they are here."""
        folder = self.root / "tests" / "shapes" / rule
        return {name: file for name in ("good", "bad") if (file := folder / f"{name}.ttl").is_file()}

    def page_of_errors(self) -> Path:
        """The page in Markdown that says of every error what caused it and what cures it."""
        return self.root / "docs" / "errors.md"

    def queries(self) -> list[Path]:
        """The SPARQL files: saved questions, checks and derivations."""
        return sorted((self.root / "queries").rglob("*.rq"))

    def data(self) -> dict[Path, str]:
        """The data files with the name of the graph that each of them is.

        Raises `MalformedFile` where the name of a catalogue does not say code and edition.
        """
        folder = self.root / "data" / "ttl"
        found = {file: graph_of(file, folder) for file in sorted(folder.rglob("*.ttl"))}
        if self.catalogues is not None:
            files = sorted(self.catalogues.glob("*.ttl"))
            more = {file: graph_of_catalogue(file.stem, file) for file in files}
            # As one that is accepted takes the place of an earlier one of the same name.
            replaced = set(more.values())
            found = {file: graph for file, graph in found.items() if graph not in replaced} | more
        return found


def find_sources(root: Path | None = None, catalogues: Path | None = None) -> Sources:
    """The sources in the folder given, else beside the package in a checkout, else in the installed package.

    `catalogues` is a folder of further catalogues. Raises `BadParameter` where the folder given holds no
    ontology, or that of the catalogues no Turtle file, and `UnreadableFile`.
    """
    if catalogues is not None:
        try:
            any_ = any(file.suffix == ".ttl" for file in catalogues.iterdir())
        except OSError as error:
            raise UnreadableFile(catalogues, error.strerror or str(error)) from error
        if not any_:
            raise BadParameter(
                str(catalogues),
                "there is no catalogue in it",
                "name a folder of Turtle files such as 140500-2021.ttl",
            )
    if root is not None:
        try:
            found = (root / "ontology").is_dir()
        except OSError as error:
            raise UnreadableFile(root, error.strerror or str(error)) from error
        if not found:
            raise BadParameter(
                str(root),
                "there is no folder ontology/ in it",
                "name the folder that holds ontology/ and data/",
            )
        return Sources(root, catalogues)
    package = Path(__file__).resolve().parent
    checkout = package.parents[1]
    in_checkout = (checkout / "pyproject.toml").is_file() and (checkout / "ontology").is_dir()
    return Sources(checkout if in_checkout else package / "_bundled", catalogues)


def graph_of(file: Path, folder: Path) -> str:
    """The IRI of the graph that a data file below `folder` is: one named graph per file, named by its path.

    `national/2021.ttl` and `local/140500-2021.ttl` are catalogues, `documents/x.ttl` is a document; any other
    file is called like its path. Raises `MalformedFile` where the name of a local catalogue is not
    `<code>-<edition>.ttl`.
    """
    kind, *rest = file.relative_to(folder).with_suffix("").parts
    key = "/".join(rest)
    if kind == "national":
        return f"{GRAPH}catalogue/100000/{key}"
    if kind == "local":
        return graph_of_catalogue(key, file)
    if kind == "documents":
        return f"{GRAPH}document/{key}"
    return GRAPH + "/".join((kind, *rest))


def graph_of_catalogue(key: str, file: Path) -> str:
    """The IRI of the graph that a file of a local catalogue is, by its name without the suffix.

    Raises `MalformedFile` where that is not `<code>-<edition>`.
    """
    match = re.fullmatch(r"([0-9]{6})-([^/]+)", key)
    if match is None:
        raise MalformedFile(
            file, "the name of a local catalogue says code and edition", "call it like 140500-2021.ttl"
        )
    return f"{GRAPH}catalogue/{match[1]}/{match[2]}"


def inputs_of(sources: Sources) -> str:
    """`sha256:` and the hash of names and bytes of everything that a build reads."""
    digest = hashlib.sha256()
    for file in (*sources.ontology(), *sources.data(), *sources.queries()):
        content = content_of(file)
        own = file.is_relative_to(sources.root)
        name = file.relative_to(sources.root).as_posix() if own else file.name
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return "sha256:" + digest.hexdigest()


def content_of(file: Path) -> bytes:
    """The bytes of a file; raises `UnreadableFile`."""
    return opening.content(file)
