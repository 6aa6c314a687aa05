"""Generated catalogues: the same for the same seed, large enough, faultless but for what is planted."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import NamedNode, RdfFormat, Store, Triple, parse

from bpsgraph.cli.app import command
from bpsgraph.errors import BadParameter
from bpsgraph.generator import DEFECTS, Setting, Truth, catalogues, generate, is_truth, read_setting
from bpsgraph.generator.catalogue import Catalogue, turtle
from bpsgraph.generator.defects import AMONG_PEERS
from bpsgraph.quantity import ByReference, PercentOf, Value, ValueVerdict, compare, resolve
from bpsgraph.stated import read_value
from bpsgraph.store import open_store, select
from bpsgraph.terms import BASE, BPS

DATA = Path(__file__).resolve().parents[1] / "data" / "ttl"
PREFECTURE = "330100"


@pytest.fixture(scope="module")
def setting() -> Setting:
    return read_setting(DATA)


@pytest.fixture(scope="module")
def county(setting: Setting) -> tuple[Catalogue, list[Truth]]:
    ((catalogue, truth),) = catalogues(setting, "county")
    return catalogue, truth


def graph(catalogue: Catalogue) -> Store:
    store = Store()
    store.load(turtle(catalogue).encode(), RdfFormat.TURTLE)
    return store


def objects(store: Store, subject: str, predicate: str) -> list[str]:
    quads = store.quads_for_pattern(NamedNode(subject), NamedNode(BPS + predicate), None)
    return sorted(quad.object.value for quad in quads if not isinstance(quad.object, Triple))


def verdicts(catalogue: Catalogue, setting: Setting) -> Iterator[tuple[str, str, ValueVerdict]]:
    """Guarantee, floor and verdict by `quantity` alone, of what the Turtle says."""
    store = graph(catalogue)
    floors = {(p.item, g.measure, g.covers): g for p in setting.provisions for g in p.guarantees}
    own: dict[tuple[str, str, str], Value] = {}
    found = []
    for provision in objects_of_class(store, "Provision"):
        (item,) = (iri.removeprefix(BASE + "item/") for iri in objects(store, provision, "item"))
        beneficiary = objects(store, provision, "beneficiary")
        for guarantee in objects(store, provision, "guarantee"):
            (measure,) = objects(store, guarantee, "measure")
            segment = next(iter(objects(store, guarantee, "segment") or beneficiary), "all")
            key = (item, measure.removeprefix(BASE + "measure/"), segment.removeprefix(BASE + "segment/"))
            if key in floors:
                triples = [q.triple for q in store.quads_for_pattern(NamedNode(guarantee), None, None)]
                found.append((guarantee, key))
                own[key] = read_value(triples, setting.units)

    def lookup(value: PercentOf | ByReference) -> Value | None:
        if isinstance(value, ByReference) or not value.base_measure or not value.base_segment:
            return None
        base = (
            value.base_measure.removeprefix(BASE + "measure/"),
            value.base_segment.removeprefix(BASE + "segment/"),
        )
        if value.base_owner == "own":
            return next((v for key, v in own.items() if key[1:] == base), None)
        return next((g.value for key, g in floors.items() if key[1:] == base), None)

    for guarantee, key in found:
        floor, promise = resolve(floors[key].value, lookup), resolve(own[key], lookup)
        direction = setting.directions[key[1]]
        yield guarantee, BASE + floors[key].floor, compare(promise, floor, direction)


def objects_of_class(store: Store, name: str) -> list[str]:
    kind = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    subjects = (q.subject for q in store.quads_for_pattern(None, kind, NamedNode(BPS + name)))
    return sorted(subject.value for subject in subjects if isinstance(subject, NamedNode))


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first, again, other = (tmp_path / name for name in ("first", "again", "other"))
    for folder, seed in ((first, 7), (again, 7), (other, 8)):
        assert sum(1 for _ in generate(DATA, folder, "county", seed=seed)) == 1
    names = sorted(path.name for path in first.iterdir())
    assert names == ["330106-2023.ttl", "truth.csv"]
    assert all((first / name).read_bytes() == (again / name).read_bytes() for name in names)
    assert all((first / name).read_bytes() != (other / name).read_bytes() for name in names)


def test_a_county_is_as_large_as_a_real_one(county: tuple[Catalogue, list[Truth]], setting: Setting) -> None:
    ((faultless, truth),) = catalogues(setting, "county", defects=())
    assert truth == []
    assert 1400 <= len(graph(faultless)) <= 1900
    assert 1400 <= len(graph(county[0])) <= 1900
    assert len(objects_of_class(graph(faultless), "Provision")) == 81


def test_a_county_has_one_fault_of_each_kind(county: tuple[Catalogue, list[Truth]]) -> None:
    _, truth = county
    assert Counter(row.defect for row in truth) == Counter(set(DEFECTS) - AMONG_PEERS)
    assert all(row.rule == DEFECTS[row.defect][0] for row in truth)
    assert len({(row.rule, row.focus, row.value) for row in truth}) == len(truth)


def test_every_focus_is_in_the_catalogue(county: tuple[Catalogue, list[Truth]]) -> None:
    catalogue, truth = county
    store = graph(catalogue)
    subjects = {q.subject.value for q in store if isinstance(q.subject, NamedNode)}
    assert {row.focus for row in truth} <= subjects
    assert all(row.catalogue == catalogue.iri for row in truth)


def test_faultless_catalogues_meet_every_floor(setting: Setting) -> None:
    for catalogue, _ in catalogues(setting, "province", defects=(), jurisdiction=PREFECTURE):
        seen = [verdict for _, _, verdict in verdicts(catalogue, setting)]
        assert len(seen) == sum(len(p.guarantees) for p in setting.provisions)
        assert set(seen) <= {ValueVerdict.MEETS, ValueVerdict.ABOVE, ValueVerdict.NO_FLOOR}


def test_what_is_planted_is_what_the_values_say(setting: Setting) -> None:
    """The verdicts of `quantity` on the written Turtle are the truth about values: an opinion of its own."""
    expected = {ValueVerdict.BELOW: "baseline-below", ValueVerdict.NOT_COMPARABLE: "baseline-not-comparable"}
    kinds = set()
    for catalogue, truth in catalogues(setting, "province", jurisdiction=PREFECTURE, seed=3):
        found = {
            (expected[verdict], guarantee, floor)
            for guarantee, floor, verdict in verdicts(catalogue, setting)
            if verdict in expected
        }
        planted = {(row.rule, row.focus, row.value) for row in truth if row.rule in expected.values()}
        assert found == planted
        kinds |= {rule for rule, _, _ in found}
    assert kinds == set(expected.values())


def test_places_below_promise_no_less_than_those_above(setting: Setting) -> None:
    """So that a catalogue higher up, when it is a floor too, finds nothing that was not planted."""
    drawn = {c.place.code: c for c, _ in catalogues(setting, "province", defects=(), jurisdiction=PREFECTURE)}
    upper = {(p.item, g.key): g.value for p in drawn[PREFECTURE].provisions for g in p.promises}
    for code, catalogue in drawn.items():
        for provision in catalogue.provisions:
            for promise in provision.promises:
                verdict = compare(promise.value, upper[provision.item, promise.key])
                assert verdict in (ValueVerdict.MEETS, ValueVerdict.ABOVE, ValueVerdict.DEFERRED), code


def test_what_is_a_floor_for_others_is_faultless(setting: Setting) -> None:
    of_values = {"baseline-below", "baseline-not-comparable", "structure-promise-duplicate"}
    for catalogue, truth in catalogues(setting, "province", jurisdiction=PREFECTURE):
        if catalogue.place.code == PREFECTURE:
            assert not of_values & {row.rule for row in truth}


def test_a_province_has_every_fault_and_its_truth_file_says_so(tmp_path: Path) -> None:
    planted = [truth for _, rows in generate(DATA, tmp_path, "province") for truth in rows]
    assert {row.defect for row in planted} == set(DEFECTS)
    with (tmp_path / "truth.csv").open(encoding="utf-8", newline="") as file:
        rows = [Truth(**row) for row in csv.DictReader(file)]
    assert rows == sorted(planted)
    files = sorted(tmp_path.glob("*.ttl"))
    assert len(files) == 102
    assert all(any(True for _ in parse(path=file, format=RdfFormat.TURTLE)) for file in files)


def test_what_stands_out_among_peers_is_above_a_floor_in_force(setting: Setting, built: Path) -> None:
    """Of floors that have ended no peers are counted, so that nothing would be found."""
    asked = f"SELECT ?floor {{ ?floor a <{BPS}Floor> ; <{BPS}validUntil> ?end }}"
    with open_store(built) as store:
        ended = {str(row["floor"].value) for row in select(store, asked)}  # type: ignore[union-attr]
    planted = [
        truth.value
        for _, faults in catalogues(setting, "province", defects=sorted(AMONG_PEERS))
        for truth in faults
    ]
    assert planted
    assert ended
    assert not ended & {*planted}


def test_only_the_faults_asked_for(setting: Setting) -> None:
    ((_, truth),) = catalogues(setting, "county", defects=("below",), jurisdiction="140502")
    assert [row.rule for row in truth] == ["baseline-below"]
    assert truth[0].catalogue == f"{BASE}catalogue/140502/2023"


@pytest.mark.parametrize(
    ("size", "options", "words"),
    [
        ("village", {}, "county, province, nation"),
        ("county", {"defects": ("belov",)}, "below"),
        ("county", {"jurisdiction": "999999"}, "six digits"),
    ],
)
def test_what_cannot_be_generated_is_explained(
    setting: Setting, size: str, options: dict[str, str], words: str
) -> None:
    with pytest.raises(BadParameter, match=words):
        list(catalogues(setting, size, **options))  # type: ignore[arg-type]


def test_the_command_says_what_it_wrote(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        command("generate"), ["-o", str(tmp_path), "--defects", "below, no-validity", "--seed", "2"]
    )
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "1 catalogues and 2 findings" in result.stderr
    assert len((tmp_path / "truth.csv").read_text(encoding="utf-8").splitlines()) == 3
    assert [path.name for path in tmp_path.iterdir() if is_truth(path)] == ["truth.csv"]


def test_data_without_the_national_edition_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match="national edition"):
        read_setting(tmp_path)
