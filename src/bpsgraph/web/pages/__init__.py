"""What the pages show, as plain values made from saved queries; templates only lay them out."""

PAGES: dict[str, str] = {
    "item": "items:item:items/item.html.jinja",
    "jurisdiction": "jurisdictions:jurisdiction:jurisdictions/jurisdiction.html.jinja",
    "catalogue": "catalogue:catalogue:catalogues/catalogue.html.jinja",
    "agency": "agencies:agency:agencies/agency.html.jinja",
    "document": "documents:document:documents/document.html.jinja",
    "measure": "measures:measure:measures/measure.html.jinja",
    "pilot": "pilots:pilot:pilots/pilot.html.jinja",
    "standard": "standards:standard:standards/standard.html.jinja",
    "target": "targets:target:targets/target.html.jinja",
}
"""Where the page of a thing is made, by the class segment of its key: `module:function:template`.

The function in `bpsgraph.web.pages.<module>` takes the view and the key within the class (`legal-aid`,
`140500/2021`) and gives the model; it raises `NotFound` where there is no such thing. The template lies in
`web/templates`. Classes that are not here have the page that fits every thing.
"""
