"""`bpsgraph describe`: one thing, for people or in an RDF format."""

from typing import Annotated

from pyoxigraph import Literal

from bpsgraph import resource
from bpsgraph.cli.output import (
    FormatOption,
    LanguageOption,
    OutputOption,
    StoreOption,
    choose,
    table,
    triples_text,
    write,
)
from bpsgraph.cli.parameters import Argument
from bpsgraph.config import load_settings
from bpsgraph.formats import RDF_FORMATS
from bpsgraph.resource import Resource
from bpsgraph.store import open_store
from bpsgraph.terms import Term, short


def describe(
    name: Annotated[
        str,
        Argument(metavar="IRI|KEY", help="An IRI, a key (140500, item/legal-aid, bps:Catalogue) or a label."),
    ],
    format: FormatOption = None,
    output: OutputOption = None,
    lang: LanguageOption = None,
    store: StoreOption = None,
) -> None:
    """Say what the store knows about one thing and what points to it.

    Formats: table, turtle, jsonld, ntriples, rdfxml.
    """
    settings = load_settings({"store": store, "lang": lang})
    chosen = choose(format, output, ("table", *RDF_FORMATS), terminal="table", pipe="turtle")
    with open_store(settings.store) as opened:
        thing = resource.describe(opened, name, settings.lang)
    write(_page(thing) if chosen.name == "table" else triples_text(thing.triples, chosen), output)


def _page(thing: Resource) -> str:
    rows = []
    for predicate, values in thing.properties().items():
        rows += [(_named(thing, predicate) if n == 0 else "", _value(thing, v)) for n, v in enumerate(values)]
    for link in thing.links:
        rows.append((f"← {_named(thing, link.predicate)}", f"{link.count:,}"))
        rows += [("", f"  {_named(thing, example)}") for example in link.examples]
        if link.count > len(link.examples):
            rows.append(("", "  …"))
    return f"{thing.labels.get(thing.iri, short(thing.iri))}\n{thing.iri}\n\n" + table(("", ""), rows).lstrip(
        "\n"
    )


def _named(thing: Resource, iri: str) -> str:
    label = thing.labels.get(iri)
    return f"{label} ({short(iri)})" if label else short(iri)


def _value(thing: Resource, term: Term) -> str:
    if isinstance(term, Literal):
        return f"{term.value} @{term.language}" if term.language else term.value
    return _named(thing, term.value)
