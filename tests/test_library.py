"""Saved queries: what a file may say, and how values get into it."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, QueryTriples, Store

from bpsgraph.errors import BadParameter, BadQuery, UnknownQuery
from bpsgraph.library import Library, Query, bind, bundled, filled, load_query
from bpsgraph.library.header import FormatError, read_header, read_outline
from bpsgraph.library.listing import listed
from bpsgraph.library.saved import kind_of
from bpsgraph.library.values import write
from bpsgraph.results import Text
from bpsgraph.terms import BASE, BPS, XSD

HEADER = """\
#+ summary: {zh: 事项, en: Items}
#+ description: {zh: 每行一个事项。, en: One row per item.}
#+ tags: [items]
#+ columns:
#+   item: {zh: 事项, en: item}
"""
PARAMETER = """\
#+ parameters:
#+   value: {type: %s, help: {zh: 值, en: the value}%s}
"""
BODY = """\
SELECT ?item WHERE {
  VALUES $value { %s }
  ?item <https://w3id.org/bps/ns#code> $value .
}
"""
RESTRICTED = "SELECT ?item WHERE { VALUES $value { UNDEF } ?item ?p $value\n"
HOSTILE = [
    'x" } UNION { ?s ?p ?o',
    "> . ?s ?p ?o #",
    'x" } ?s ?p ?o . #',
    "a\nb",
    "a\r\nb",
    "back\\slash",
    "\\",
    '"""',
    "'''",
    "\\u0022 } ?s ?p ?o #",
    "\\U00000022",
    "$value",
    "}",
    "UNDEF",
    "",
    "\x00",
    "教育\U0001f600",
]


def saved(folder: Path, text: str, name: str = "items/all") -> Query:
    path = folder / f"{name}.rq"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return load_query(path, name)


def typed(folder: Path, type_: str, more: str = "", slot: str = "UNDEF") -> Query:
    return saved(folder, HEADER + PARAMETER % (type_, more) + BODY % slot)


def slot_of(text: str) -> str:
    return text.split("VALUES $value {", 1)[1].split("}", 1)[0].strip()


def with_codes(codes: Mapping[str, str]) -> Store:
    store = Store()
    for iri, code in codes.items():
        store.add(Quad(NamedNode(iri), NamedNode(BPS + "code"), Literal(code)))
    return store


def solutions(graph: rdflib.Graph, text: str) -> list[Any]:
    return list(graph.query(text))


def items(store: Store, text: str) -> list[str]:
    rows = store.query(text)
    assert isinstance(rows, QuerySolutions)
    return sorted(row["item"].value for row in rows)


def test_the_text_runs_unchanged_and_its_slot_is_the_default(tmp_path: Path) -> None:
    query = typed(tmp_path, "string", slot='"one"')
    store = with_codes({"urn:one": "one", "urn:two": "two"})
    assert items(store, query.text) == ["urn:one"]
    assert bind(query) == query.text
    assert items(store, bind(query, {"value": "two"})) == ["urn:two"]
    assert items(store, bind(query, {"value": ["two", "one", "two"]})) == ["urn:one", "urn:two"]
    assert items(store, bind(query, {"value": None})) == ["urn:one", "urn:two"]


@pytest.mark.parametrize(
    ("type_", "more", "value", "slot"),
    [
        ("iri", ", class: jurisdiction", "140500", f"<{BASE}jurisdiction/140500>"),
        ("iri", ", class: jurisdiction", "jurisdiction/140500", f"<{BASE}jurisdiction/140500>"),
        ("iri", ", class: catalogue", "140500/2021", f"<{BASE}catalogue/140500/2021>"),
        ("iri", "", "item/legal-aid", f"<{BASE}item/legal-aid>"),
        ("iri", ", class: item", "<http://example.org/a>", "<http://example.org/a>"),
        ("iri", "", "bps:Floor", f"<{BPS}Floor>"),
        ("iri", "", NamedNode("http://example.org/é"), "<http://example.org/é>"),
        ("code", ", scheme: kind", "fixed", f"<{BASE}kind/fixed>"),
        ("string", "", "2021", '"2021"'),
        ("lang-string", "", "a@b@zh-CN", '"a@b"@zh-cn'),
        ("integer", "", "+007", f'"7"^^<{XSD}integer>'),
        ("integer", "", 7, f'"7"^^<{XSD}integer>'),
        ("decimal", "", "650", f'"650.0"^^<{XSD}decimal>'),
        ("decimal", "", Decimal("1E+2"), f'"100.0"^^<{XSD}decimal>'),
        ("decimal", "", 0.25, f'"0.25"^^<{XSD}decimal>'),
        ("date", "", "2024-06-01", f'"2024-06-01"^^<{XSD}date>'),
        ("date", "", date(2024, 6, 1), f'"2024-06-01"^^<{XSD}date>'),
        ("boolean", "", True, f'"true"^^<{XSD}boolean>'),
        ("boolean", "", "False", f'"false"^^<{XSD}boolean>'),
        ("string", ", choices: [2021, 2023]", "2023", '"2023"'),
    ],
)
def test_a_value_becomes_a_term_of_its_type(
    tmp_path: Path, type_: str, more: str, value: Any, slot: str
) -> None:
    assert slot_of(bind(typed(tmp_path, type_, more), {"value": value})) == slot


@pytest.mark.parametrize(
    ("type_", "more", "value", "says"),
    [
        ("iri", ", class: item", "a b", "is no IRI and no key"),
        ("iri", "", "> . ?s ?p ?o #", "is no IRI and no key"),
        ("iri", "", Literal("x"), "is no iri"),
        ("integer", "", "9" * 19, "is no whole number that a store holds"),
        ("integer", "", "1.5", "is no whole number"),
        ("integer", "", True, "is no integer"),
        ("decimal", "", "many", "is no number"),
        ("decimal", "", "NaN", "is no number that a store holds"),
        ("date", "", "2024-13-01", "is no day of the calendar"),
        ("date", "", "2024", "such as 2024-06-01"),
        ("boolean", "", "yes", "write true or false"),
        ("string", "", 5, "is no text"),
        ("string", "", "\ud800", "is no character"),
        ("lang-string", "", "words", "names no language"),
        ("string", ", choices: [2021, 2023]", "2022", "choose of 2021, 2023"),
        ("string", "", [], "no value is given"),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(
    tmp_path: Path, type_: str, more: str, value: Any, says: str
) -> None:
    with pytest.raises(BadParameter, match=r"^value: ") as caught:
        bind(typed(tmp_path, type_, more), {"value": value})
    assert says in str(caught.value)


def test_an_unknown_parameter_is_told_the_nearest(tmp_path: Path) -> None:
    query = typed(tmp_path, "string")
    with pytest.raises(BadParameter, match="did you mean value"):
        bind(query, {"valeu": "x"})
    with pytest.raises(BadParameter, match="it takes value"):
        bind(query, {"zzz": "x"})


def test_a_required_parameter_is_explained_with_an_example(tmp_path: Path) -> None:
    query = typed(tmp_path, "iri", ", class: item, required: true", f"<{BASE}item/legal-aid>")
    with pytest.raises(BadParameter, match=r"needs it \(the value\); give value=legal-aid"):
        bind(query)
    with pytest.raises(BadParameter, match="no value is given"):
        bind(query, {"value": None})


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_text_gives_the_rows_of_the_bound_literal(tmp_path: Path, value: str) -> None:
    query = typed(tmp_path, "string")
    data = {f"urn:{n}": text for n, text in enumerate([*HOSTILE, "other"])}
    expected = [iri for iri, text in data.items() if text == value]
    assert items(with_codes(data), bind(query, {"value": value})) == expected
    graph = rdflib.Graph()
    for iri, text in data.items():
        graph.add((rdflib.URIRef(iri), rdflib.URIRef(BPS + "code"), rdflib.Literal(text)))
    text = bind(query, {"value": value})
    assert [str(row[0]) for row in solutions(graph, text)] == expected


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(st.text(), st.sampled_from([None, "zh", "en-GB"]))
def test_what_is_bound_is_read_back(tmp_path: Path, text: str, language: str | None) -> None:
    term = Literal(text, language=language) if language else Literal(text)
    query = f"SELECT ?v WHERE {{ VALUES ?v {{ {write(term)} }} }}"
    rows = Store().query(query)
    assert isinstance(rows, QuerySolutions)
    assert [row["v"] for row in rows] == [term]
    [row] = solutions(rdflib.Graph(), query)
    assert (str(row[0]), row[0].language) == (text, language and language.lower())


HEADER_SLIPS: Mapping[str, tuple[str, int, str]] = {
    "no header": ("SELECT ?item WHERE { ?item ?p ?o }", 1, "there is no header"),
    "key of no column": (HEADER + "#+ key: [itme]\n" + BODY % "UNDEF", 6, "did you mean item"),
    "chart of no column": (
        HEADER + "#+ chart: {mark: bar, x: count, y: itme}\n" + BODY % "UNDEF",
        6,
        "did you mean item",
    ),
    "chart without x": (HEADER + "#+ chart: {mark: bar, y: item}\n" + BODY % "UNDEF", 6, "lacks `x`"),
    "chart of another mark": (
        HEADER + "#+ chart: {mark: pie, x: count, y: item}\n" + BODY % "UNDEF",
        6,
        "bar",
    ),
    "chart with one end": (
        HEADER + "#+ chart: {mark: dumbbell, x: item, y: item}\n" + BODY % "UNDEF",
        6,
        "lacks `x2`",
    ),
    "denominator of no column": (
        HEADER.replace("en: item}", "en: item, of: total}") + BODY % "UNDEF",
        5,
        "`total` is no column",
    ),
    "unknown key": (HEADER + "#+ sumary: x\n" + BODY % "UNDEF", 6, "did you mean summary"),
    "a default in the header": (
        HEADER + PARAMETER % ("string", ", default: x") + BODY % "UNDEF",
        7,
        "`default`",
    ),
    "key twice": (HEADER + "#+ tags: [x]\n" + BODY % "UNDEF", 6, "has `tags` twice"),
    "parameter twice": (
        HEADER + PARAMETER % ("string", "") + "#+   value: {}\n" + BODY % "UNDEF",
        8,
        "twice",
    ),
    "one language": (HEADER.replace(", en: Items", "") + BODY % "UNDEF", 1, "lacks its words in `en`"),
    "no YAML": (HEADER + "#+ version: [\n" + BODY % "UNDEF", 6, "is no YAML"),
    "unknown type": (HEADER + PARAMETER % ("text", "") + BODY % "UNDEF", 7, "choose of iri, string"),
    "code without scheme": (HEADER + PARAMETER % ("code", "") + BODY % "UNDEF", 7, "`scheme`"),
    "not in the header": (HEADER + BODY % "UNDEF", 7, "$value is not in the header"),
    "no slot": (HEADER + PARAMETER % ("string", "") + "SELECT ?item WHERE { ?item ?p ?o }", 7, "has no slot"),
    "no slot for a use": (HEADER + "SELECT ?item WHERE { ?item ?p $value }", 6, "add VALUES $value"),
    "unused": (
        HEADER + PARAMETER % ("string", "") + "SELECT ?item WHERE { VALUES $value { UNDEF }\n ?item ?p ?o }",
        8,
        "only in its slot",
    ),
    "two slots": (
        HEADER
        + PARAMETER % ("string", "")
        + (BODY % "UNDEF").replace("}\n  ?item", "}\n VALUES $value { UNDEF }\n  ?item"),
        10,
        "two slots in one group",
    ),
    "shared slot": (
        HEADER + PARAMETER % ("string", "") + "SELECT ?item WHERE { VALUES ($value ?item) { (1 2) } }",
        8,
        "shares a slot",
    ),
    "empty slot": (HEADER + PARAMETER % ("string", "") + BODY % "", 9, "is empty"),
    "default of another type": (HEADER + PARAMETER % ("string", "") + BODY % "5", 9, "of type string"),
    "default beside the choices": (
        HEADER + PARAMETER % ("string", ", choices: [a, b]") + BODY % '"c"',
        9,
        "choose of a, b",
    ),
    "no SPARQL": (HEADER + "SELECT ?item WHERE {\n  ?item ?p }", 7, "is no SPARQL"),
    "other columns": (HEADER + "SELECT ?item ?p WHERE { ?item ?p ?o }", 5, "the SELECT has item, p"),
    "all columns": (HEADER + "SELECT * WHERE { ?item ?p ?o }", 5, "the SELECT has *"),
    "another form": (HEADER + "ASK { ?item ?p ?o }", 1, "this is ASK"),
    "another server": (
        HEADER + "SELECT ?item WHERE { SERVICE <urn:x> { ?item ?p ?o } }",
        6,
        "SERVICE would call another server",
    ),
    "own dataset": (HEADER + "SELECT ?item FROM <urn:x> WHERE { ?item ?p ?o }", 6, "its own dataset"),
    "filter in a group without slot": (
        HEADER + PARAMETER % ("string", "") + RESTRICTED + "MINUS { ?item ?q ?o FILTER(?o = $value) } }",
        9,
        "in a group without its slot",
    ),
    "sub-SELECT without slot": (
        HEADER + PARAMETER % ("string", "") + RESTRICTED + "{ SELECT ?item WHERE { ?item ?q $value } } }",
        9,
        "sub-SELECT",
    ),
    "different slots": (
        HEADER
        + PARAMETER % ("string", "")
        + RESTRICTED
        + '{ SELECT ?item WHERE { VALUES $value { "x" } ?item ?q $value } } }',
        9,
        "differ",
    ),
}


@pytest.mark.parametrize("slip", HEADER_SLIPS)
def test_a_slip_is_refused_with_file_and_line(tmp_path: Path, slip: str) -> None:
    text, line, says = HEADER_SLIPS[slip]
    with pytest.raises(BadQuery) as caught:
        saved(tmp_path, text)
    place = re.escape(str(tmp_path / "items/all.rq"))
    assert re.match(rf"{place}, line {line}(, column [0-9]+)?: ", str(caught.value))
    assert says in str(caught.value)


def test_a_sub_select_is_restricted_by_the_slot_it_holds(tmp_path: Path) -> None:
    text = """SELECT ?item WHERE {
  VALUES $value { UNDEF }
  ?item <urn:p> $value .
  {
    SELECT ?item (COUNT(?o) AS ?n) WHERE { VALUES $value { UNDEF } ?item <urn:p> $value ; <urn:q> ?o }
    GROUP BY ?item
  }
  FILTER(?n = 1)
}"""
    query = saved(tmp_path, HEADER + PARAMETER % ("string", "") + text)
    bound = bind(query, {"value": "x"})
    assert bound.count('VALUES $value { "x" }') == 2
    rows = [("urn:a", "x", "1"), ("urn:b", "y", "1"), ("urn:b", "x", "1")]
    store = Store()
    for subject, value, other in rows:
        store.add(Quad(NamedNode(subject), NamedNode("urn:p"), Literal(value)))
        store.add(Quad(NamedNode(subject), NamedNode("urn:q"), Literal(other)))
    assert items(store, bound) == ["urn:a", "urn:b"]


def test_comments_and_strings_are_no_parameters(tmp_path: Path) -> None:
    text = (
        "# VALUES $a { } $b\nSELECT ?item WHERE { ?item ?p \"VALUES $c { x\" , '''}$d''' , <urn:$e> } # $f }"
    )
    assert saved(tmp_path, HEADER + text).parameters == ()


def test_a_derive_query_needs_only_what_it_does(tmp_path: Path) -> None:
    text = """\
#+ summary: {zh: 清单所列事项, en: Items listed}
#+ description: {zh: 由服务供给得出。, en: From the provisions.}
#+ parameters:
#+   catalogue: {type: iri, class: catalogue, help: {zh: 清单, en: the catalogue}}
PREFIX bps: <https://w3id.org/bps/ns#>
CONSTRUCT { $catalogue bps:lists ?item } WHERE {
  VALUES $catalogue { UNDEF }
  ?provision bps:catalogue $catalogue ; bps:item ?item .
}
"""
    query = saved(tmp_path, text, "derive/lists")
    assert (query.kind, query.columns) == ("derive", ())
    provision, item = NamedNode("urn:p"), NamedNode(BASE + "item/legal-aid")
    store = Store()
    for code in ("140500", "321200"):
        store.add(Quad(provision, NamedNode(BPS + "catalogue"), NamedNode(f"{BASE}catalogue/{code}/2021")))
    store.add(Quad(provision, NamedNode(BPS + "item"), item))
    triples = store.query(bind(query, {"catalogue": "140500/2021"}))
    assert isinstance(triples, QueryTriples)
    assert [triple.subject for triple in triples] == [NamedNode(BASE + "catalogue/140500/2021")]


def test_a_check_has_problem_solution_and_three_columns(tmp_path: Path) -> None:
    text = """\
#+ summary: {zh: 缺标签, en: No label}
#+ description: {zh: 缺中文标签。, en: No label in Chinese.}
#+ problem: {zh: 没有标签。, en: It has no label.}
#+ solution: {zh: 加上标签。, en: Add a label.}
#+ columns:
#+   entity: {zh: 实体, en: entity}
#+   property: {zh: 属性, en: property}
#+   value: {zh: 值, en: value}
SELECT ?entity ?property ?value WHERE { ?entity ?property ?value }
"""
    query = saved(tmp_path, text, "checks/labels")
    assert query.header.solution is not None
    assert query.header.solution.en == "Add a label."
    with pytest.raises(BadQuery, match="lacks `solution`"):
        saved(
            tmp_path, text.replace("#+ solution: {zh: 加上标签。, en: Add a label.}\n", ""), "checks/labels"
        )


def test_a_library_is_its_files_by_name(tmp_path: Path) -> None:
    saved(tmp_path, HEADER + "SELECT ?item WHERE { ?item ?p ?o }", "items/all")
    saved(tmp_path, HEADER + "SELECT ?item WHERE { ?item ?p 1 }", "items/some")
    library = Library(tmp_path)
    assert list(library) == ["items/all", "items/some"]
    assert library["items/all"].topic == "items"
    assert library["items/all"].summary.zh == "事项"
    with pytest.raises(UnknownQuery, match="did you mean items/some"):
        library["some"]
    with pytest.raises(UnknownQuery, match="did you mean items/all"):
        library["item/all"]


def test_filled_is_what_bind_gives_for_terms() -> None:
    library = bundled()
    for name in library:
        query = library[name]
        terms: dict[str, NamedNode | Literal] = {
            parameter.name: NamedNode("urn:x-y:a")
            if parameter.header.type == "iri"
            else Literal("2024-06-01", datatype=NamedNode(XSD + "date"))
            for parameter in query.parameters
            if name.startswith("derive/")
        }
        filled_in = filled(library.text(name), terms)
        assert filled_in == (bind(query, dict(terms)) if terms else query.text), name


def test_a_text_is_asked_for_by_name() -> None:
    with pytest.raises(UnknownQuery, match="derive/floors"):
        Library(bundled().path).text("derive/flors")


# What a slip of the hand makes of a header and a query: pieces of them, in any order.
PIECES = (
    *HEADER.splitlines(),
    *(PARAMETER % ("string", "")).splitlines(),
    *(BODY % "UNDEF").splitlines(),
    "#+ key: [item]",
    "#+ key: {item: 1}",
    "#+ chart: {mark: bar, x: count, y: item}",
    "#+ chart: [bar]",
    "#+ parameters: [value]",
    "#+   value: {type: code, scheme: [kind], help: {zh: 值, en: v}, choices: {a: b}}",
    "#+ columns: 1",
    "#+   item: {zh: 1, en: , unit: [a], of: item, whole: maybe}",
    "#+ ? [a, b]",
    "#+ - &a *a",
    "#+ <<: {a: b}",
    "#+ !!python/object:os.system {}",
    "#+\tx: y",
    "VALUES $value { 1 2 } }",
    "VALUES ($value) { (1) }",
    "SELECT $value WHERE { VALUES $value",
    "CONSTRUCT { ?item ?p $value }",
    "{ } ) ' \" \\ <",
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(
    st.one_of(
        st.lists(st.sampled_from(PIECES), max_size=14).map("\n".join),
        st.tuples(st.integers(0, 400), st.text(max_size=6)).map(
            lambda cut: (HEADER + PARAMETER % ("string", "") + BODY % "UNDEF")[: cut[0]] + cut[1]
        ),
        st.text(max_size=60).map(lambda text: f"#+ {text}\nSELECT ?item WHERE {{ ?item ?p ?o }}"),
    ),
    st.sampled_from(["items/all", "checks/all", "derive/all"]),
)
def test_whatever_a_file_holds_it_is_a_query_or_a_bad_query(tmp_path: Path, text: str, name: str) -> None:
    # Anything that is raised beside BadQuery fails the test.
    with suppress(BadQuery):
        assert saved(tmp_path, text.encode("utf-8", "replace").decode(), name).name == name


def test_a_header_that_is_nested_too_deeply_is_a_bad_query(tmp_path: Path) -> None:
    with pytest.raises(BadQuery, match="nested too deeply"):
        saved(tmp_path, "#+ tags: " + "[" * 500 + "\nASK {}")


def test_the_list_says_of_every_query_what_its_header_says() -> None:
    library = bundled()
    for line in listed(library, library):
        header = read_header(library.text(line.name), kind_of(line.name))
        assert line.summary == header.summary
        assert line.required == {parameter.name: parameter.required for parameter in header.parameters}


@pytest.mark.parametrize(
    "keys",
    [
        "description: {zh: 说明, en: 'of it,\n  summary: no'}\nsummary: {zh: 问, en: asked}",
        '"summary": {zh: 问, en: asked}\ntags: [a,\nb]\ndescription: {zh: 说明, en: |\n  summary: no}',
        "{summary: {zh: 问, en: asked}, description: {zh: 说明, en: said}, tags: [a], columns: {a: {zh: 甲, en: a}}}",
        "# of it\nsummary:\n  zh: 问\n\n  en: asked\ncolumns: {summary: {zh: 甲, en: a}}",
    ],
)
def test_an_outline_is_found_however_the_header_is_written(keys: str) -> None:
    text = "".join(f"#+ {line}\n" for line in keys.split("\n"))
    assert read_outline(text, "query") == (Text("问", "asked"), ())


def test_an_outline_that_cannot_be_read_is_refused_with_its_line() -> None:
    header = HEADER + PARAMETER.replace("zh: 值, en: the value", "zh: 值") % ("iri", "")
    with pytest.raises(FormatError, match="line 7: help of parameter `value` lacks its words in `en`"):
        read_outline(header, "query")
