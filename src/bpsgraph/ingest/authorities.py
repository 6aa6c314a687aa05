"""What a text leaves to a document or to an authority: 按《…》执行, 由各县（市、区）确定."""

from dataclasses import dataclass

from bpsgraph.ingest.names import Names, folded
from bpsgraph.ingest.patterns import Pattern


@dataclass(frozen=True, slots=True)
class Referred:
    """The documents that a text follows: those known, by IRI, and the titles of those that are not."""

    known: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """The authority that a text leaves a matter to: its IRI, or how it is called where it is not known."""

    known: str | None
    unknown: tuple[str, ...] = ()


_BY = "(?:按照|按|依照|依据|根据|参照|遵照|执行)"
_TITLE = Pattern("(国家)?《([^《》]*(?:《[^《》]*》[^《》]*)*)》")
_NUMBERED = Pattern("[\u4e00-\u9fff]{1,10}[〔\\[(](?:19|20)[0-9]{2}[〕\\])][0-9]+号")
_FOLLOWS = Pattern(f"{_BY}[^。;；]*?(?:执行|办理|落实|规定|标准|办法|《|〔)")
_NAMED_RULES = Pattern(
    f"{_BY}(?:照)?([^,，。;；]{{2,40}}?(?:有关规定|相关规定|规定|办法|规范|标准))(?:执行|办理|落实|$|[,，。;；])"
)


def referred(text: str, names: Names) -> Referred | None:
    """The documents that a plain text follows; None where it follows none."""
    if not _FOLLOWS.search(text):
        return None
    known: dict[str, None] = {}
    unknown: list[str] = []
    for cited in _TITLE.finditer(text):
        title = cited[2]
        found = _entitled(cited[1] or "", title, names)
        if len(found) == 1:
            known[found[0]] = None
        else:
            unknown.append(title)
    if not known and not unknown:
        for written in _NUMBERED.findall(text):
            # 按国发〔2015〕52号: what stands before the number is not all of it.
            found = next(
                (f for n in range(len(written) - 8) if len(f := names.find("document", written[n:])) == 1), ()
            )
            if found:
                known[found[0]] = None
            else:
                unknown.append(_LEADING.sub("", written))
    if not known and not unknown:
        for rules in _NAMED_RULES.findall(text):
            found = names.find("document", rules)
            if len(found) == 1:
                known[found[0]] = None
    return Referred(tuple(known), tuple(unknown))


def _entitled(prefix: str, title: str, names: Names) -> tuple[str, ...]:
    """The documents with a title, which is often cited without the name of the State or of who issued it."""
    for written in (title, prefix + title, "中华人民共和国" + title):
        found = names.find("document", written)
        if found:
            return found
    key = folded(title)
    if "关于" not in key:
        return ()
    key = key[key.index("关于") :]
    titles = names.bearing("document")
    return tuple(sorted({iri for name in titles if name.endswith(key) for iri in titles[name]}))


_LEADING = Pattern(f"^.*?{_BY}")
_DECIDES = "(?:规定|确定|制定|制订|明确|公布|决定|核定|批准|审定|设定|掌握|统筹)"
_LEFT_TO = Pattern(
    f"由([^,，。;；]{{1,40}}?)(?:统一|另行|自行|分别|按规定|结合[^,，。;；]{{0,12}}|根据[^,，。;；]{{0,12}}|依法|研究|具体)*{_DECIDES}"
)
_THEIR_OWN = Pattern(
    f"((?:各地|各[省市县区]|地方|[省市县]级?人民政府)[^,，。;；]{{0,20}}?)(?:自行|结合实际|根据实际|因地制宜)[^,，。;；]{{0,10}}{_DECIDES}"
)
_AS_SET_BY = Pattern(
    f"{_BY}([^,，。;；《》]{{1,30}}?)(?:批准|核定|规定|制定|公布|确定|颁布|定)的?[^,，。;；《》]{{0,16}}标准"
)
_STATE = Pattern("国家|国务院|中央|国办|教育部|[^省市县地]部$|法律|法规")


def delegated(text: str, names: Names) -> Left | None:
    """The authority that a plain text leaves a matter to; None where it leaves none."""
    for pattern in (_LEFT_TO, _THEIR_OWN):
        found = pattern.search(text)
        if found is not None:
            authority = authority_in(found[1], names)
            if authority is not None:
                return Left(authority)
            if not _STATE.search(found[1]):
                return Left(None, (found[1],))
    found = _AS_SET_BY.search(text)
    if found is not None:
        authority = authority_in(found[0], names)
        if authority is not None:
            return Left(authority)
    return None


def authority_in(text: str, names: Names) -> str | None:
    """The authority that a plain text names with the longest name; None where there is none, or several."""
    key = folded(text)
    called = names.bearing("delegate")
    best = max((name for name in called if name in key), key=len, default=None)
    return next(iter(called[best])) if best is not None and len(called[best]) == 1 else None
