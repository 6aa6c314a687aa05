"""The table of formats: none share a name or a suffix, and what is not on offer is refused with the names."""

import pytest

from bpsgraph.errors import BadParameter
from bpsgraph.formats import FORMATS, RDF_FORMATS, by_name, by_suffix


def test_names_media_types_and_suffixes_are_unique_but_for_plain_text_and_xml() -> None:
    assert [name for name, format in FORMATS.items() if ".txt" in format.suffixes] == ["table", "text"]
    assert [name for name, format in FORMATS.items() if ".xml" in format.suffixes] == ["rdfxml", "junit"]
    formats = [format for format in FORMATS.values() if format.name not in {"text", "junit"}]
    suffixes = [suffix for format in formats for suffix in format.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert len({format.media_type for format in formats}) == len(formats)
    assert all(name == format.name for name, format in FORMATS.items())


@pytest.mark.parametrize("name", RDF_FORMATS)
def test_the_table_agrees_with_the_parser(name: str) -> None:
    format = FORMATS[name]
    assert format.rdf is not None
    assert format.media_type == format.rdf.media_type
    assert "." + format.rdf.file_extension in format.suffixes


def test_a_suffix_finds_its_format_among_those_on_offer() -> None:
    assert by_suffix("a/B.TTL", RDF_FORMATS) == FORMATS["turtle"]
    assert by_suffix("a.csv", RDF_FORMATS) is None
    assert by_suffix("csv", ("csv",)) is None


def test_a_name_that_is_not_on_offer_is_refused() -> None:
    assert by_name("csv", ("table", "csv")) == FORMATS["csv"]
    with pytest.raises(BadParameter, match="choose one of: turtle, jsonld, ntriples, rdfxml"):
        by_name("tutle", RDF_FORMATS)
    with pytest.raises(BadParameter, match="choose one of: table, csv"):
        by_name("turtle", ("table", "csv"))
