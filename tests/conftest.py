"""What all tests share: a built store, and the command as people run it, in a process of its own."""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyoxigraph import NamedNode
from starlette.testclient import TestClient

try:
    import fcntl
except ImportError:  # On Windows every process builds a store of its own.
    fcntl = None  # type: ignore[assignment]

from bpsgraph.building import build
from bpsgraph.cli import main
from bpsgraph.config import Settings
from bpsgraph.endpoint import Endpoint
from bpsgraph.formats import FORMATS
from bpsgraph.ingest import parse
from bpsgraph.ingest.names import Names
from bpsgraph.library import bundled
from bpsgraph.sources import Sources, find_sources, inputs_of
from bpsgraph.store import open_store
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.store.marker import Marker
from bpsgraph.store.remote import RemoteStore
from bpsgraph.store.remote.publication import Published
from bpsgraph.terms import BPS, RDF_TYPE
from bpsgraph.validation import verdicts
from bpsgraph.validation.workspace import keep_shared
from bpsgraph.vocabulary import names_of
from bpsgraph.web.app import application
from bpsgraph.web.site import Site
from sampling import LONG, SEED
from small_world import Town, small_sources
from sparql_servers import oxigraph, virtuoso

_HERE = Path(__file__).resolve().parent
# Programs that the tests start find the same code as the tests.
os.environ["PYTHONPATH"] = os.pathsep.join([str(_HERE.parent / "src"), str(_HERE)])

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def pytest_report_header() -> str:
    """Which cases are tried: see `sampling`."""
    return "cases: all" if LONG else f"cases: a sample (TESTS_SEED={SEED})"


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run of the tests share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ and fcntl is not None else base


@pytest.fixture(scope="session")
def built(shared: Path) -> Path:
    """A store of the bundled sources, to be read only; the first process that needs it builds it for all.

    Who has just built one with this code names it in TESTS_STORE; it is taken where the sources are the same.
    """
    path, made = shared / "built" / "store", os.environ.get("TESTS_STORE")
    with once(path.parent) as first:
        if first and made and fresh(Path(made)):
            shutil.copytree(made, path)
        elif first:
            build(path, find_sources())
    return path


def fresh(store: Path) -> bool:
    """Whether a store holds what a build of the bundled sources would now, and nothing accepted since."""
    marker = Marker.read(store)
    return (marker.inputs, marker.entry) == (inputs_of(find_sources()), 0)


@pytest.fixture(scope="session")
def small_town(shared: Path) -> Callable[..., Town]:
    """The small world with the local files named and its store, made once for all: to be read and copied."""

    def small_town(*local: str) -> Town:
        folder = shared / "-".join(("small", *local))
        town = Town(folder, Sources(folder / "sources"))
        with once(folder) as first:
            if first:
                build(town.store, small_sources(town.sources.root, *local))
        return town

    return small_town


@contextmanager
def once(folder: Path) -> Iterator[bool]:
    """True for the first process that comes here, which fills the folder while the others wait; else False."""
    folder.mkdir(exist_ok=True)
    done = folder / "done"
    with (folder / "lock").open("wb") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield not done.exists()
        done.touch()


@pytest.fixture(scope="session")
def names(built: Path) -> Iterator[Names]:
    """The names of the bundled vocabulary."""
    with open_store(built) as store:
        yield names_of(store)


@pytest.fixture(scope="session")
def national_store() -> EmbeddedStore:
    """The bundled data in memory with the State's floors; floors of places are left out to be quick."""
    store = EmbeddedStore.in_memory()
    for file, graph in find_sources().data().items():
        store.replace_graph(graph, parse(file.read_bytes(), str(file), FORMATS["turtle"]))
    baseline = NamedNode(BPS + "NationalBaseline")
    baselines = {
        str(triple.subject.value)  # type: ignore[union-attr]
        for graph in store.graphs()
        for triple in store.graph(graph)
        if triple.predicate == RDF_TYPE and triple.object == baseline
    }
    verdicts.cover_segments(store, bundled())
    verdicts.derive_quantities(store, bundled(), sorted(baselines))
    verdicts.derive_floors(store, bundled(), [verdicts.STATE])
    keep_shared(store, bundled())
    return store


@pytest.fixture
def spawn(tmp_path: Path, built: Path) -> Run:
    """Run `bpsgraph` as a process in an empty folder, with the built store unless another is named."""

    def spawn(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "bpsgraph", *map(str, arguments)],
            capture_output=True,
            encoding="utf-8",
            cwd=tmp_path,
            env=os.environ | {"BPSGRAPH_STORE": str(built)},
            timeout=120,
        )

    return spawn


@pytest.fixture
def run(
    tmp_path: Path, built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Like `spawn`, in this process, which is quicker; with settings and standard input. Line ends are LF."""

    def run(*arguments: str | Path, input: str = "", **settings: str) -> "subprocess.CompletedProcess[str]":
        with monkeypatch.context() as patch:
            patch.chdir(tmp_path)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(input.encode()), encoding="utf-8"))
            for name, value in ({"BPSGRAPH_STORE": str(built)} | settings).items():
                patch.setenv(name, value)
            code = main([str(argument) for argument in arguments])
        words = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code, words.out.replace("\r\n", "\n"), words.err)

    return run


@pytest.fixture(scope="session")
def site(built: Path) -> Iterator[Site]:
    """The site over the bundled data, read-only."""
    opened = Site(Settings(store=built))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def web(site: Site) -> TestClient:
    """Asks the site as a client would; redirects are not followed."""
    return TestClient(
        application(site, close=False),
        base_url="http://bps.test",
        raise_server_exceptions=False,
        follow_redirects=False,
        headers={"accept": "*/*"},
    )


@pytest.fixture(scope="session")
def oxigraph_url() -> Iterator[str]:
    with oxigraph() as url:
        yield url


@pytest.fixture(scope="session")
def virtuoso_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not LONG:
        pytest.skip("Virtuoso takes seconds to start: `make remote-test` tries it")
    with virtuoso(tmp_path_factory.mktemp("virtuoso")) as url:
        yield url


@pytest.fixture
def on_oxigraph(oxigraph_url: str) -> Endpoint:
    """An empty store on Oxigraph."""
    return emptied(Endpoint(url=oxigraph_url))


@pytest.fixture
def on_virtuoso(virtuoso_url: str) -> Endpoint:
    """An empty store on Virtuoso."""
    return emptied(Endpoint(url=virtuoso_url, authentication="digest", user="dba", secret="dba"))


def emptied(endpoint: Endpoint) -> Endpoint:
    with RemoteStore.open(endpoint) as store:
        for graph in store.graphs():
            store.remove_graph(graph)
        store.put_published(Published({}, None))
        assert store.graphs() == []
    return endpoint
