"""Running the rules so that one that cannot run is told from one that found nothing."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from pyoxigraph import BlankNode, NamedNode, Triple

from bpsgraph.errors import BpsError, StoreError
from bpsgraph.library import Library
from bpsgraph.store.base import Store
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.terms import DCT, Term
from bpsgraph.validation.second_opinion import finding_queries, findings_by, says
from bpsgraph.validation.shapes import Engine, Result, ShapesGraph, run_shapes


def run_rules(
    shapes: ShapesGraph,
    data: Sequence[Triple],
    engine: Engine = Engine.AUTO,
    *,
    focus: Collection[Term] | None = None,
) -> tuple[set[Result], dict[str, str]]:
    """The results as `run_shapes` gives them, and the engine's words for each shape that it could not run.

    The shapes run at once; where that fails, they are halved until those that fail are alone. Raises
    `BadParameter` where the engine itself cannot be used.
    """
    try:
        return run_shapes(shapes, data, engine, focus=focus), {}
    except BpsError:
        raise
    except Exception as error:
        rules = sorted({t.subject.value for t in shapes.triples if _names_a_rule(t)})  # type: ignore[union-attr]
        if len(rules) <= 1:
            return set(), {rule: _words(error) for rule in rules}
        half = len(rules) // 2
        results: set[Result] = set()
        failed: dict[str, str] = {}
        for part in (rules[:half], rules[half:]):
            found, problems = run_rules(_only(shapes, part), data, engine, focus=focus)
            results |= found
            failed |= problems
        return results, failed


def run_queries(
    work: Store, library: Library, catalogue: str, graph: str, shapes: ShapesGraph
) -> tuple[set[Result], dict[str, str]]:
    """What `run_rules` gives, by the queries that say the same as the shapes (`derive_findings`).

    A rule that no query says is run as a shape.
    """
    rules = {triple.subject.value for triple in shapes.triples if _names_a_rule(triple)}  # type: ignore[union-attr]
    results: set[Result] = set()
    failed: dict[str, str] = {}
    said: set[str] = set()
    for name in finding_queries(library):
        stated = {rule for rule in rules if says(library.text(name), rule)}
        said |= stated
        try:
            found = findings_by(library.text(name), work, catalogue, graph)
        except StoreError:
            raise
        except BpsError as error:
            failed |= {rule: _words(error) for rule in stated}
        else:
            results |= {result for result in found if result.shape in rules}
    if rules <= said:
        return results, failed
    triples = tuple(work.triples()) if isinstance(work, EmbeddedStore) else ()
    focus = {triple.subject for triple in work.graph(graph)}
    found, problems = run_rules(_only(shapes, rules - said), triples, focus=focus)  # type: ignore[arg-type]
    return results | found, failed | problems


def _names_a_rule(triple: Triple) -> bool:
    return triple.predicate.value == DCT + "identifier"


def _only(shapes: ShapesGraph, rules: Collection[str]) -> ShapesGraph:
    """The shapes with some of the rules only, and with the prefixes that all of them share."""
    of_subject: dict[object, list[Triple]] = defaultdict(list)
    for triple in shapes.triples:
        of_subject[triple.subject].append(triple)
    named = {triple.subject for triple in shapes.triples if _names_a_rule(triple)}
    wanted = [
        subject
        for subject in of_subject
        if not isinstance(subject, BlankNode)
        and (subject not in named or (isinstance(subject, NamedNode) and subject.value in rules))
    ]
    kept: list[Triple] = []
    seen: set[object] = set()
    while wanted:
        subject = wanted.pop()
        if subject not in seen:
            seen.add(subject)
            kept += of_subject[subject]
            wanted += [t.object for t in of_subject[subject] if isinstance(t.object, BlankNode)]
    return ShapesGraph(tuple(kept))


def _words(error: Exception) -> str:
    """What the engine says, on one line."""
    return " ".join(str(error).split()) or type(error).__name__
