"""Alerts as an Atom feed (RFC 4287).

Ids and dates come from the alerts and never from the clock, so that the same alerts give the same bytes and
a reader shows each once: `atom:id` is a tag URI (RFC 4151) made of what tells an alert from every other, and
`atom:updated` the day on which it happens, at midnight in China.
"""

from collections.abc import Mapping
from datetime import date
from urllib.parse import quote
from xml.etree import ElementTree

from bpsgraph.analysis.monitoring.alerts import Alert, Watch
from bpsgraph.results import Text
from bpsgraph.terms import BASE

ATOM = "http://www.w3.org/2005/Atom"
_TAG = "tag:w3id.org,2021:bps/alerts"
_TITLE = Text("基本公共服务标准：监测预警", "Basic public service standards: alerts")
_SEPARATOR = Text("：", ": ")
_PROMISED = Text("承诺或观测值", "promised or observed")
_REQUIRED = Text("要求", "required")
_COMING = Text("将发生", "coming")


def atom(found: Watch, labels: Mapping[str, Text], language: str, jurisdiction: str | None = None) -> str:
    """The feed in `zh` or `en`, newest first; `jurisdiction` is the place that it is about."""
    ElementTree.register_namespace("", ATOM)
    feed = ElementTree.Element(
        f"{{{ATOM}}}feed",
        {"{http://www.w3.org/XML/1998/namespace}lang": "zh-CN" if language == "zh" else "en"},
    )
    place = f"/{quote(jurisdiction.removeprefix(BASE).removeprefix('jurisdiction/'))}" if jurisdiction else ""
    _add(feed, "id", f"{_TAG}{place}")
    _add(feed, "title", _TITLE.in_language(language))
    come = [alert.date for alert in found.alerts if not alert.coming]
    _add(feed, "updated", _moment(max(come, default=found.as_of)))
    _add(feed, "generator", "bpsgraph")
    author = _add(feed, "author")
    _add(author, "name", "bpsgraph")
    for alert in reversed(found.alerts):
        _entry(feed, alert, labels, language)
    ElementTree.indent(feed)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(feed, "unicode") + "\n"


def _entry(feed: ElementTree.Element, alert: Alert, labels: Mapping[str, Text], language: str) -> None:
    entry = _add(feed, "entry")
    colon = _SEPARATOR.in_language(language)
    label = labels[alert.kind].in_language(language)
    if alert.coming:
        label = f"{_COMING.in_language(language)}{colon}{label}"
    _add(entry, "id", f"{_TAG}/{quote(alert.key)}")
    _add(
        entry,
        "title",
        f"{alert.place.name(language)}{colon}{label}{colon}{alert.thing.name(language)}",
    )
    _add(entry, "updated", _moment(alert.date))
    _add(entry, "category", term=alert.kind, scheme=f"{BASE}scheme/alert")
    _add(entry, "link", rel="alternate", href=alert.thing.iri)
    if alert.source:
        _add(entry, "link", rel="via", href=alert.source)
    said = [
        f"{words.in_language(language)}{colon}{value}"
        for words, value in ((_PROMISED, alert.stated), (_REQUIRED, alert.required))
        if value
    ]
    _add(entry, "summary", "\n".join([alert.date.isoformat(), *said]))


def _add(
    parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str
) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    element.text = text
    return element


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00+08:00"
