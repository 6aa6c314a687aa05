"""Who writes the files of a copy: asks the application for each, and puts what it says where it belongs."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bpsgraph.config import Settings
from bpsgraph.errors import UnwritableFile
from bpsgraph.publishing.dumps import is_derived
from bpsgraph.terms import GRAPH
from bpsgraph.web.app import application
from bpsgraph.web.rendering import rendered
from bpsgraph.web.site import Site
from bpsgraph.web.static_copy.addresses import Copy, Target, is_dynamic
from bpsgraph.web.static_copy.asking import Answered, Asking
from bpsgraph.web.static_copy.rewriting import redirecting, rewritten
from bpsgraph.web.view import View

_REDIRECTS = (301, 302, 303, 307, 308)
# What has a page although it is not there any more.
_PAGES = (200, 410)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a target: the status, the file below the folder, if any, and what it leads to."""

    target: Target
    status: int
    file: str
    leads_to: tuple[Target, ...] = ()


class Writer:
    """Writes targets of a site into a folder; to be closed at the end. Raises what opening a store raises."""

    def __init__(self, folder: Path, settings: Settings, without: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.site = Site(settings)
        self._asking = Asking(application(self.site, close=False))
        with self.site.snapshot() as snapshot:
            self.generation = snapshot.generation
            self._published = snapshot.published.timestamp()
            graphs = snapshot.store.graphs()
        stated = frozenset(one for one in graphs if one.startswith(GRAPH) and not is_derived(one))
        self._copy = Copy(stated, without)

    def write(self, targets: Iterable[Target]) -> list[Written]:
        """Write each of them; raises `UnwritableFile` where the disk does not take it."""
        return [self._write(target) for target in targets]

    def _write(self, target: Target) -> Written:
        if is_dynamic(target.path):
            return self._page(target, 200, self._needs_server(target))
        try:
            place = target.file(html=False)
        except ValueError:
            return Written(target, 400, "")
        draft = self.folder / place.parent / f".{place.name[:200]}.{os.getpid()}.part"
        try:
            draft.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                answered = self._asking.get(target.path, target.query, file.write)
            if answered.status == 200 and not answered.is_page:
                self._keep(draft, self.folder / place)
                return Written(target, 200, place.as_posix())
        except OSError as error:
            raise UnwritableFile(draft, error.strerror or str(error)) from error
        finally:
            draft.unlink(missing_ok=True)
        if answered.status in _REDIRECTS and "location" in answered.headers:
            return self._redirect(target, answered)
        if answered.is_page:
            # A page that says that something is not there is where links to that lead.
            return self._page(target, answered.status, answered.content.decode())
        return Written(target, answered.status, "")

    def _redirect(self, target: Target, answered: Answered) -> Written:
        text, found = redirecting(answered.headers["location"], target, self._copy)
        if target in found:
            # From one spelling of a page to another, which have one file.
            return Written(target, answered.status, "")
        return self._put(target, answered.status, text, found)

    def _page(self, target: Target, status: int, text: str) -> Written:
        text, found = rewritten(text, target, self._copy)
        return self._put(target, 200 if status in _PAGES else status, text, found)

    def _put(self, target: Target, status: int, text: str, found: set[Target]) -> Written:
        try:
            place = target.file(html=True)
        except ValueError:
            return Written(target, 400, "")
        path = self.folder / place
        draft = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(text, encoding="utf-8", newline="\n")
            self._keep(draft, path)
        except OSError as error:
            raise UnwritableFile(path, error.strerror or str(error)) from error
        return Written(target, status, place.as_posix(), tuple(sorted(found)))

    def _keep(self, draft: Path, path: Path) -> None:
        # Hosts of files say when a page changed by the time of its file.
        os.utime(draft, (self._published, self._published))
        draft.replace(path)

    def _needs_server(self, target: Target) -> str:
        with self.site.snapshot() as snapshot:
            view = View(snapshot, target.language, path=target.path, chosen=target.language == "en")
            response = rendered(view, "static_copy/needs_server.html.jinja", target.path.strip("/"))
        return bytes(response.body).decode()

    def close(self) -> None:
        """Let go of the site."""
        self._asking.close()
        self.site.close()
