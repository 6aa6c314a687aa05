"""The kinds of pages that the site has, one example of each: the one table that all trials of pages go by."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PageType:
    """A kind of page: what it is called, an example, and what has to be seen on it, script or not.

    `core` is a selector; `status` is what the document is answered with.
    """

    name: str
    path: str
    core: str = "main h1"
    status: int = 200

    def in_language(self, language: str) -> str:
        """The address of the example in a language."""
        return f"{self.path}{'&' if '?' in self.path else '?'}lang={language}"


PAGE_TYPES = (
    PageType("home", "/", "main h1"),
    PageType("questions", "/queries", "main table, main li a"),
    PageType("question", "/queries/gaps/missing-items?jurisdiction=140500", "main form"),
    PageType(
        "question with a chart", "/queries/floors/measure-across-places?measure=meal-subsidy", "main svg"
    ),
    PageType(
        "thing",
        "/doc/provision/100000/2023/compulsory-education-free-textbooks?_profile=full",
        "main table.thing .badge",
    ),
    PageType("thing with many links", "/doc/jurisdiction/100000?page=2", "nav.pages a"),
    PageType("formats of a thing", "/doc/item/legal-aid?_profile=alt", "main section a"),
    PageType("profiles", "/profiles", "main section"),
    PageType("ontology", "/ns", "main .term"),
    PageType("shapes", "/shapes", "main .term .badge"),
    PageType("data sets", "/dataset", "main table a[download]"),
    PageType("files", "/dumps", "main code.hash"),
    PageType("changes", "/changes", "main .timeline li"),
    PageType("problem", "/nothing/here", "main h1", 404),
)
NO_PAGES: dict[str, str] = {
    "/contexts/{version}.jsonld": "/contexts/bps.jsonld",
    "/dumps/{name:path}": "/dumps/graph/pilots.ttl.gz",
    "/feeds/{key:path}.atom": "/feeds/item/legal-aid.atom",
    "/graph/{key:path}": "/graph/items",
    "/id/{key:path}": "/id/item/legal-aid",
    "/ns.{suffix}": "/ns.ttl",
    "/ns/{part:path}": "/ns/module/service",
    "/profiles.{suffix}": "/profiles.ttl",
    "/shapes.{suffix}": "/shapes.ttl",
    "/sitemap-{number:int}.xml": "/sitemap-1.xml",
    "/shapes/{part:path}": "/shapes/structure/provision",
}
"""Routes that never answer with a page and whose path has parameters, and an example of each."""
SAME_PAGES = {"/dataset.html", "/queries.html"}
"""Routes that answer with a page which another address of the table shows."""
