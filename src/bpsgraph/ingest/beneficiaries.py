"""Whom a published table says an item is for: the words of its column 服务对象 as a segment."""

from bpsgraph.ingest.names import Names
from bpsgraph.ingest.patterns import Pattern
from bpsgraph.ingest.plain import LONGEST, plain_text

_LEAD = Pattern("^(?:[本我全][省市县区]|国家)?(?:服务对象|保障对象|对象)?(?:范围)?(?:为|是|:)?")
# These name a duty of whoever checks, not a narrower group.
_QUALIFIER = Pattern(
    "^(?:具有正式学籍的|辖区内的?|辖区|全[省市县区](?:范围内)?的?|[本我][省市县区]的?"
    "|经[^,，。;；]{2,24}?(?:审批设立|批准设立|批准|认定)的?)"
)


def beneficiary_of(text: str, item: str, names: Names) -> str | None:
    """The segment that the words for the beneficiaries of an item name; None where no name is all of them.

    A wider or a narrower group is another one: it is never put in the place of the one that is written. A
    name that several segments bear is that of the one that the State's promises for the item are for.
    """
    if len(text) > LONGEST:
        return None
    words = plain_text(text).strip("。.;；,，")
    words = words[_LEAD.match(words).end() :]  # type: ignore[union-attr]
    while words:
        found = names.find("segment", words)
        if len(found) == 1:
            return found[0]
        if found:
            expected = {one.segment for one in names.expected(item)}
            known = [segment for segment in found if segment in expected]
            return known[0] if len(known) == 1 else None
        qualifier = _QUALIFIER.match(words)
        if qualifier is None:
            return None
        words = words[qualifier.end() :]
    return None
