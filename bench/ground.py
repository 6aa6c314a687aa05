"""What is measured on: generated catalogues of a size and a store built of them, kept below `build/bench`."""

import hashlib
import shutil
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench.measuring import Run, run
from bpsgraph.generator import generate
from bpsgraph.sources import find_sources, inputs_of


@dataclass(frozen=True)
class Ground:
    """The folder of generated catalogues and the store of one size; both are made when they are asked for.

    A store from elsewhere may be named, which holds these catalogues.
    """

    size: str
    folder: Path
    given: Path | None = None
    given_catalogues: Path | None = None

    @cached_property
    def catalogues(self) -> Path:
        """The folder of the generated catalogues, one Turtle file each, and `truth.csv`."""
        if self.given_catalogues is not None:
            return self.given_catalogues
        made = self.folder / f"catalogues-{self.size}"
        key = self._key()
        if _kept(made / "key") != key:
            print(f"generating a {self.size}", file=sys.stderr)
            shutil.rmtree(made, ignore_errors=True)
            for _ in generate(find_sources().root / "data" / "ttl", made, self.size):
                pass
            (made / "key").write_text(key, encoding="utf-8")
        return made

    @cached_property
    def files(self) -> list[Path]:
        """The files of the catalogues, sorted."""
        return sorted(self.catalogues.glob("*.ttl"))

    @cached_property
    def store(self) -> Path:
        """A store with these catalogues and all that is derived from them, built by the command."""
        if self.given is not None:
            return self.given
        path = self.folder / f"store-{self.size}"
        key = inputs_of(find_sources(None, self.catalogues))
        if _kept(self.folder / f"store-{self.size}.key") != key:
            print(f"building a {self.size}", file=sys.stderr)
            self.build(path)
            (self.folder / f"store-{self.size}.key").write_text(key, encoding="utf-8")
        return path

    def build(self, path: Path) -> Run:
        """Build a store of the catalogues as a user does."""
        shutil.rmtree(path, ignore_errors=True)
        command = ["-m", "bpsgraph", "build", "--store", path, "--catalogues", self.catalogues]
        return run([sys.executable, *command])

    def _key(self) -> str:
        digest = hashlib.sha256(self.size.encode())
        sources = find_sources()
        for folder in (
            sources.root / "data" / "ttl",
            Path(sys.modules[generate.__module__].__file__ or "").parent,
        ):
            for file in sorted((*folder.rglob("*.ttl"), *folder.rglob("*.py"))):
                digest.update(file.name.encode() + file.read_bytes())
        return digest.hexdigest()


def _kept(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.is_file() else ""
