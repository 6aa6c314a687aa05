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
    PageType("items", "/items", "main table .badge"),
    PageType("item", "/items/compulsory-education-living-subsidy", "main table .badge"),
    PageType("item for the public", "/items/compulsory-education-tuition-waiver/sheet", "article .badge"),
    PageType("places", "/jurisdictions", "main form"),
    PageType("places found", "/jurisdictions?q=140500", "main table a"),
    PageType("place", "/jurisdictions/140500", "main table .badge"),
    PageType("place without a catalogue", "/jurisdictions/140522", "main .notice a"),
    PageType("catalogues to choose", "/compare", "main form input[type=checkbox]"),
    PageType(
        "catalogues side by side", "/compare?catalogue=140500/2021&catalogue=530127/2020", "main table .badge"
    ),
    PageType("catalogues", "/catalogues", "main table"),
    PageType("catalogue", "/doc/catalogue/140500/2021", "main table .badge"),
    PageType("catalogue by its place", "/catalogues/140500/2021", "main table .badge"),
    PageType("standard system", "/catalogues/140500/2021/system", "main h1"),
    PageType("search", "/search?q=%E8%90%A5%E5%85%BB%E9%A4%90", "main a"),
    PageType("SPARQL", "/sparql", "main form textarea"),
    PageType("validation", "/validate", "main form input[type=file]"),
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
    PageType("ledger of targets", "/targets", "main table"),
    PageType("target", "/doc/target/public-services-plan-14th/nursing-bed-share", "main dl.facts"),
    PageType("network", "/network", "main table"),
    PageType("around a thing", "/network?around=GB-T-28220-2023", "main .network-list a"),
    PageType("overlaps", "/overlap", "main table"),
    PageType("equality", "/equality?measure=living-subsidy", "main table"),
    PageType("map", "/map", "main svg, main table"),
    PageType("editions", "/editions", "main table"),
    PageType("texts compared", "/editions/diff?from=2021&to=2023&impact=true", "main table"),
    PageType("standards", "/standards", "main table"),
    PageType("standard", "/doc/standard/GB-T-28220-2011", "main .network-list a"),
    PageType("clause of a standard", "/doc/standard/GB-T-43507-2023/3-1", "main h1"),
    PageType("agencies", "/agencies", "main table"),
    PageType("agency", "/doc/agency/140500/civil-affairs-bureau", "main dl.facts"),
    PageType("documents", "/documents", "main table"),
    PageType("document", "/doc/document/jincheng-2021-45", "main .clauses li[id]"),
    PageType("clause", "/doc/document/jincheng-2021-45/5-2-1-1", "main table .badge"),
    PageType("pilots", "/pilots", "main table"),
    PageType("pilot", "/doc/pilot/140500/specialised", "main dl.facts"),
    PageType("measures", "/measures", "main table"),
    PageType("measure", "/doc/measure/living-subsidy", "main table"),
    PageType("rules", "/rules", "main table, main li a"),
    PageType("rule", "/rules/baseline-below", "main h1"),
    PageType("about the data", "/about", "main table, main dl"),
    PageType("unsure cells", "/about/cells", "main table"),
    PageType("interface", "/api", "main details code"),
    PageType("feedback", "/feedback?about=/doc/item/legal-aid", "main textarea"),
    PageType("moderation", "/feedback/moderation", "main h1"),
    PageType("errors", "/problems", "main a"),
    PageType("error", "/problems/not-found", "main h1"),
    PageType("problem", "/nothing/here", "main h1", 404),
)
NO_PAGES: dict[str, str] = {
    "/dumps/{name:path}": "/dumps/graph/pilots.ttl.gz",
    "/graph/{key:path}": "/graph/items",
    "/id/{key:path}": "/id/item/legal-aid",
    "/ns/{part:path}": "/ns/module/service",
    "/shapes/{part:path}": "/shapes/structure/provision",
    "/validate/{id}": "/validate/nothing",
    "/validate/{id}/{name}": "/validate/nothing/report.json",
}
"""Routes whose path has parameters and no suffix and that never answer with a page; an example of each."""
