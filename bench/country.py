"""The questions about the whole country: the saved one over derived graphs, the plain one over the sources.

The plain question asks the catalogues as they were received, in the form that is the fastest known for the
engine (MINUS, and no FILTER NOT EXISTS over a product). Each run is a process that opens the store and asks
once. `python -m bench.country STORE QUESTION saved|plain` is one run.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.ground import Ground
from bench.measuring import Clock, Row, Run, interleaved, median, run, wall
from bpsgraph.library import bind, bundled
from bpsgraph.publishing.searching import index_of, kept_beside
from bpsgraph.results import Rows
from bpsgraph.sources import find_sources
from bpsgraph.store import EmbeddedStore, open_store
from bpsgraph.terms import BASE, Term

GOAL_TIMES, GOAL_SECONDS = 50.0, 0.15
_STATE = "<jurisdiction/100000>"
_EDITION = "<catalogue/100000/2023>"
_PREFIXES = f"""
BASE <{BASE}>
PREFIX bps: <https://w3id.org/bps/ns#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
# A number of a catalogue, brought to the unit of its dimension.
_AMOUNT = """
  ?{row} bps:guarantee ?{guarantee} .
  ?{guarantee} bps:measure ?measure ; bps:value ?{guarantee}_value ; bps:unit ?{guarantee}_unit .
  ?{guarantee}_unit bps:multiplier ?{guarantee}_multiplier ; bps:dimension ?dimension .
  OPTIONAL {{ ?{guarantee} bps:segment ?{guarantee}_own }}
  OPTIONAL {{ ?{row} bps:beneficiary ?{row}_people }}
  BIND(COALESCE(?{guarantee}_own, ?{row}_people) AS ?{guarantee}_segment)
  BIND(?{guarantee}_value * ?{guarantee}_multiplier AS ?{guarantee}_amount)
"""
# Only the newest catalogue of a place counts; of what is missing, the newest complete one.
_NEWEST = """
  {{
    SELECT ?place (MAX(STR(?each)) AS ?newest) WHERE {{
      ?any bps:jurisdiction ?place ; {kind} ; bps:edition ?each
    }}
    GROUP BY ?place
  }}
"""
_STANDARDS = (
    "<standard/GB-T-43507-2023> <standard/GB-T-13016-2018> <standard/GB-T-28220-2023> "
    "<standard/GB-T-24421.1-2023> <standard/GB-T-20647.9-2006>"
)
_WORD = "救助"


@dataclass(frozen=True, slots=True)
class Question:
    """One of the six: what is asked, the saved question with its parameters, and the plain one.

    `columns` are those of the saved question that the plain one answers too, in its order. The last is a
    number; all of these together may differ by the share `tolerance`.
    """

    words: str
    saved: str
    parameters: dict[str, str]
    columns: tuple[str, ...]
    plain: str
    is_plain: bool = False
    tolerance: float = 0.0


_MISSING = f"""
  {{
    SELECT DISTINCT ?item WHERE {{
      ?national bps:catalogue {_EDITION} ; bps:item ?item ; a bps:Provision
    }}
  }}
  ?catalogue bps:extent <extent/complete> ; bps:jurisdiction ?place .
  FILTER(?place != {_STATE})
  MINUS {{ ?row bps:catalogue ?catalogue ; bps:item ?item ; a bps:Provision }}
  MINUS {{ ?catalogue bps:scope ?part }}
"""
_BELOW = f"""
  {{
    SELECT ?item ?measure ?dimension ?floor_segment ?floor_amount WHERE {{
      ?national bps:catalogue {_EDITION} ; bps:item ?item .
      {_AMOUNT.format(row="national", guarantee="floor")}
    }}
  }}
  ?row bps:item ?item ; bps:catalogue ?catalogue .
  {_AMOUNT.format(row="row", guarantee="promise")}
  ?catalogue bps:jurisdiction ?place .
  FILTER(?place != {_STATE} && ?promise_segment = ?floor_segment)
  OPTIONAL {{ ?measure bps:direction ?direction }}
  FILTER(IF(COALESCE(?direction = <direction/less>, false),
            ?promise_amount > ?floor_amount, ?promise_amount < ?floor_amount))
"""
# Asked for whole, as files are made of them: they grow with what they list, and no goal is set for them.
LISTS = {
    "list missing": Question(
        "items of the 2023 edition that catalogues lack: the whole list",
        "gaps/missing-items",
        {"edition": "2023"},
        ("catalogue", "item"),
        f"SELECT ?catalogue ?item WHERE {{ {_MISSING} }}",
    ),
    "list below": Question(
        "promises below the 2023 edition: the whole list",
        "floors/below-floor",
        {"edition": "2023"},
        ("catalogue", "item"),
        f"SELECT DISTINCT ?catalogue ?item WHERE {{ {_BELOW} }}",
    ),
}


def _by_item(words: str, counted: tuple[str, str], short: str, kind: str) -> Question:
    """How many of a variable there are, and under which name, where newest catalogues fall short."""
    variable, name = counted
    return Question(
        words,
        "coverage/shortfalls-by-item",
        {"edition": "2023"},
        ("item", name),
        f"""
        SELECT ?item (COUNT(DISTINCT ?{variable}) AS ?{name}) WHERE {{
          {short}
          {_NEWEST.format(kind=kind)}
          ?catalogue bps:edition ?edition .
          FILTER(STR(?edition) = ?newest)
        }}
        GROUP BY ?item""",
    )


QUESTIONS = {
    "missing": _by_item(
        "items of the 2023 edition that catalogues lack: in how many places, by item",
        ("place", "lacking"),
        _MISSING,
        "bps:extent <extent/complete>",
    ),
    "below": _by_item(
        "promises below the 2023 edition: how many, by item", ("promise", "below"), _BELOW, "a bps:Catalogue"
    ),
    "conflicts": Question(
        "numbers that differ from those of a standard above, by province and domain",
        "coverage/by-domain-and-province",
        {},
        ("province", "domain", "differing"),
        f"""
        SELECT ?province ?domain (COUNT(DISTINCT ?promise) AS ?differing) WHERE {{
          {{
            SELECT ?above ?item ?measure ?dimension ?floor_segment ?floor_amount WHERE {{
              # What begins on no day asks nothing of anybody.
              ?level_of bps:jurisdiction ?above ; bps:edition ?stated ; bps:validFrom|dct:issued ?begun .
              FILTER(STR(?stated) >= "2023")
              ?above bps:level ?level .
              FILTER(?level IN (<level/province>, <level/prefecture>))
              ?upper bps:catalogue ?level_of ; bps:item ?item .
              {_AMOUNT.format(row="upper", guarantee="floor")}
            }}
          }}
          ?place bps:within ?above .
          ?catalogue bps:jurisdiction ?place ; bps:edition "2023" .
          ?row bps:catalogue ?catalogue ; bps:item ?item .
          {_AMOUNT.format(row="row", guarantee="promise")}
          FILTER(?promise_segment = ?floor_segment && ?promise_amount != ?floor_amount)
          ?place bps:within ?province .
          ?province bps:level <level/province> .
          ?item bps:category/bps:domain ?domain .
        }}
        GROUP BY ?province ?domain""",
        tolerance=0.03,
    ),
    "coverage": Question(
        "items listed, by province and domain",
        "coverage/by-domain-and-province",
        {},
        ("province", "domain", "listed"),
        """
        SELECT ?province ?domain (COUNT(*) AS ?listed) WHERE {
          {
            SELECT DISTINCT ?province ?domain ?place ?item WHERE {
              { ?place bps:within ?province . ?province bps:level <level/province> }
              UNION
              { ?place bps:level <level/province> BIND(?place AS ?province) }
              { SELECT ?place (MAX(STR(?each)) AS ?newest) {
                ?any bps:jurisdiction ?place ; a bps:Catalogue ; bps:edition ?each } GROUP BY ?place }
              ?catalogue bps:jurisdiction ?place ; a bps:Catalogue ; bps:edition ?edition .
              FILTER(STR(?edition) = ?newest)
              ?row bps:catalogue ?catalogue ; a bps:Provision ; bps:item ?item .
              ?item bps:category/bps:domain ?domain .
            }
          }
        }
        GROUP BY ?province ?domain""",
    ),
    "references": Question(
        "all that five standards refer to, through any number of steps",
        "",
        {},
        ("from", "to"),
        f"SELECT DISTINCT ?from ?to WHERE {{ VALUES ?from {{ {_STANDARDS} }} ?from dct:references+ ?to }}",
        is_plain=True,
    ),
    "labels": Question(
        f"things whose name holds {_WORD}",
        "",
        {},
        ("thing",),
        f"""
        SELECT DISTINCT ?thing WHERE {{
          ?thing skos:prefLabel|dct:title ?name FILTER(CONTAINS(STR(?name), "{_WORD}"))
        }}""",
    ),
}


def rows(ground: Ground, rounds: int) -> Iterator[Row]:
    """A row for each question."""
    for name, question in (QUESTIONS | LISTS).items():
        forms = ["plain"] if question.is_plain else ["saved", "plain"]
        print(f"  {question.words}", file=sys.stderr)

        def once(form: str, name: str = name) -> Run:
            return run([sys.executable, "-m", "bench.country", ground.store, name, form])

        # Of the whole country the plain questions take minutes, and are asked once.
        together = 1 if ground.size == "nation" else rounds
        runs = interleaved({form: lambda form=form: once(form) for form in forms}, together)  # type: ignore[misc]
        first = forms[0]
        runs[first] += [once(first) for _ in range(rounds - together)]
        said = {form: runs[form][0].said for form in forms}
        seconds = median(runs[first])
        fast = seconds < GOAL_SECONDS
        figures = {
            "wall": {form: wall(runs[form]) for form in forms},
            "rows": {form: said[form]["rows"] for form in forms},
        } | {key: value for key, value in said[first].items() if key.startswith("index_")}
        if question.is_plain:
            yield Row(
                work=question.words,
                contender="the saved question is the plain one",
                seconds=seconds,
                goal=f"under {1000 * GOAL_SECONDS:.0f} ms",
                reached=fast,
                figures=figures,
            )
            continue
        ratio = median(runs["plain"]) / seconds
        goal = (
            "" if name in LISTS else f"at least {GOAL_TIMES:.0f} x faster, under {1000 * GOAL_SECONDS:.0f} ms"
        )
        same, note = compared(question, said["saved"]["answer"], said["plain"]["answer"])
        yield Row(
            work=question.words,
            contender=question.saved or "the index of names",
            seconds=seconds,
            against="the plain question",
            against_seconds=median(runs["plain"]),
            ratio=ratio,
            goal=goal,
            reached=ratio >= GOAL_TIMES and fast if goal else None,
            same=same,
            note=note,
            figures=figures,
        )


def compared(question: Question, saved: list[list[str]], plain: list[list[str]]) -> tuple[bool | None, str]:
    """Whether both answers are the same, and in words how they differ where they may."""
    if not question.saved:
        return (
            None,
            "the index, kept beside the store, also ranks and knows other spellings: most of its time",
        )
    if not question.tolerance:
        return saved == plain, ""
    one = {tuple(row[:-1]): int(row[-1]) for row in saved}
    two = {tuple(row[:-1]): int(row[-1]) for row in plain}
    if one.keys() != two.keys():
        return False, ""
    off = sum(abs(one[key] - two[key]) for key in one) / max(1, sum(two.values()))
    largest = max((abs(one[key] - two[key]) for key in one), default=0)
    note = (
        f"the plain question compares equal groups of people only: its numbers differ by {off:.1%} in all, "
        f"by {largest:,} in a row at most"
    )
    return off <= question.tolerance, note


def main() -> int:
    """Ask once, and print the time and a digest of the answer as JSON."""
    path, name, form = sys.argv[1:]
    question = (QUESTIONS | LISTS)[name]
    more = {}
    with open_store(Path(path)) as store:
        assert isinstance(store, EmbeddedStore)
        if form == "saved" and question.saved:
            text = bind(bundled()[question.saved], dict(question.parameters))
            clock = Clock()
            answer = store.query(text)
            taken = clock.taken()
            assert isinstance(answer, Rows)
            found = picked(answer, question)
        elif form == "saved":
            library, shapes = bundled(), find_sources().shapes()
            # Which questions there are is read before the others are asked, too.
            assert library.files
            clock = Clock()
            index = index_of(store, library, shapes, kept_beside(Path(path)))
            more["index_opened"] = clock.taken()["seconds"]
            found = {(hit.iri,) for hit in index.search(_WORD).hits}
            taken = clock.taken()
            again = Clock()
            index.search(_WORD)
            more["index_again"] = again.taken()["seconds"]
        else:
            clock = Clock()
            found = asked_plainly(store, question)
            taken = clock.taken()
    print(json.dumps({**taken, **more, "rows": len(found), "answer": sorted(map(list, found))}))
    return 0


def asked_plainly(store: EmbeddedStore, question: Question) -> set[tuple[str, ...]]:
    """The rows of the plain question."""
    answer = store.query(text_of(question))
    assert isinstance(answer, Rows)
    return {tuple(map(_value, row)) for row in answer.rows}


def picked(answer: Rows, question: Question) -> set[tuple[str, ...]]:
    """The columns of a saved question that the plain one has; what is nought has no row there."""
    places = [answer.columns.index(column) for column in question.columns]
    found = {tuple(_value(row[place]) for place in places) for row in answer.rows}
    return {row for row in found if row[-1] != "0"}


def text_of(question: Question) -> str:
    """The plain question as any engine is asked it."""
    return _PREFIXES + question.plain


def _value(term: Term | None) -> str:
    return "" if term is None else str(term.value)


if __name__ == "__main__":
    sys.exit(main())
