"""The operations of the interface: what each takes, with examples that work, and what it answers with.

Only what the site answers is described: an operation names the route that it is of, and is left out where the
application has none.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bpsgraph.answers.groups import PARAMETER as PLACE
from bpsgraph.answers.writers import WRITERS
from bpsgraph.formats import FORMATS, RDF_FORMATS
from bpsgraph.library import Parameter, Query
from bpsgraph.results import Text
from bpsgraph.validation.report import WRITERS as REPORTS
from bpsgraph.web.pages import queries
from bpsgraph.web.view import View

STATUSES = {
    200: Text("答案", "The answer"),
    202: Text("已收下，等待审核", "Taken, and waits to be read"),
    303: Text("见另一个地址", "See another address"),
    400: Text("参数有误；detail 说明可以填什么", "A parameter is wrong; `detail` says what would be right"),
    401: Text("没有出示令牌", "No token was shown"),
    403: Text("这里只读", "Only reading is allowed here"),
    404: Text("没有这个", "There is no such thing"),
    406: Text("没有您要的格式", "Not to be had in a format that you accept"),
    410: Text("已经撤回", "It was withdrawn"),
    413: Text("太大", "Too large"),
    415: Text("不支持这种内容", "Of no format that is read"),
    429: Text("太多；过 Retry-After 秒再试", "Too many; try again after Retry-After seconds"),
    422: Text("读得懂，但无法处理", "It can be read and not be processed"),
    503: Text("正忙；过 Retry-After 秒再试", "Busy; try again after Retry-After seconds"),
    504: Text("超过时限", "It took longer than it may"),
}
_JSON_TYPES = {"integer": "integer", "decimal": "number", "boolean": "boolean"}
_MOST_CHOICES = 120
_TEXT = {"type": "string"}
_RDF = tuple(FORMATS[name].media_type for name in RDF_FORMATS)
_ROWS = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)


@dataclass(frozen=True, slots=True)
class Input:
    """One parameter of an operation; `place` is `query` or `path`."""

    name: str
    help: Text
    place: str = "query"
    example: Any = None
    schema: Mapping[str, Any] = field(default_factory=lambda: _TEXT)
    required: bool = False
    several: bool = False

    def described(self, view: View) -> dict[str, Any]:
        """The Parameter Object."""
        schema: Mapping[str, Any] = self.schema
        example = self.example
        if self.several:
            schema = {"type": "array", "items": self.schema, "maxItems": queries.MOST_VALUES}
            example = None if example is None else [example]
        found: dict[str, Any] = {
            "name": self.name,
            "in": self.place,
            "description": view.say(self.help),
            "required": self.required or self.place == "path",
            "schema": dict(schema),
        }
        if example is not None:
            found["example"] = example
        return found


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: what it is for, what it takes, which statuses and media types it answers with.

    `route` is the path of the route in the application; `body` are the media types that it is sent.
    """

    path: str
    route: str
    tag: str
    summary: Text
    media: tuple[str, ...]
    inputs: tuple[Input, ...] = ()
    statuses: tuple[int, ...] = (400, 406)
    method: str = "get"
    success: int = 200
    body: Mapping[str, Any] = field(default_factory=dict)
    body_required: bool = True

    def described(self, view: View) -> dict[str, Any]:
        """The Operation Object."""
        responses: dict[str, Any] = {
            str(self.success): {
                "description": view.say(STATUSES[self.success]),
                **({"content": {media: _content(media) for media in self.media}} if self.media else {}),
            }
        }
        for status in sorted({*self.statuses} - {self.success}):
            responses[str(status)] = {"$ref": f"#/components/responses/{status}"}
        found: dict[str, Any] = {
            "tags": [self.tag],
            "operationId": _identifier(self.method, self.path),
            "summary": view.say(self.summary),
            "parameters": [one.described(view) for one in self.inputs],
            "responses": responses,
        }
        if self.body:
            found["requestBody"] = {"required": self.body_required, "content": dict(self.body)}
        return found


_LANG = Input("lang", Text("语言", "Language"), schema={"type": "string", "enum": ["zh", "en"]}, example="en")
_PAGE = Input(
    "page", Text("第几页，从 1 起", "Which page, from 1"), schema={"type": "integer", "minimum": 1}, example=1
)


def _format(names: Collection[str], example: str) -> Input:
    schema = {"type": "string", "enum": list(names)}
    return Input(
        "format", Text("格式；也可用 Accept", "Format; Accept does too"), schema=schema, example=example
    )


def _path(name: str, help: Text, example: str) -> Input:
    return Input(name, help, "path", example)


def operations(view: View, routes: Collection[str]) -> list[Operation]:
    """What the site answers, the saved questions last."""
    fixed = [one for one in _FIXED if one.route in routes]
    saved = [_question(view, one) for one in queries.listed(view.snapshot.library)]
    return [*fixed, *saved]


def _question(view: View, saved: Query) -> Operation:
    if queries.builds_triples(saved):
        media, formats = ("text/html", *_RDF), ("html", *RDF_FORMATS)
    else:
        formats = ("html", *(name for name in WRITERS if name not in ("table", "html")))
        media = ("application/json", *(FORMATS[name].media_type for name in formats))
    several = [Input(**_input(view, each)) for each in saved.parameters]
    if PLACE in {each.name for each in saved.parameters}:
        several.append(Input("group", _GROUP, example="tier=2"))
    return Operation(
        f"/queries/{saved.name}",
        "/queries/{name:path}",
        "queries",
        saved.summary,
        media,
        (*several, _format(formats, "json" if "json" in formats else "turtle"), _LANG, _PAGE, _PER_PAGE),
        (400, 406, 422, 503),
    )


def _input(view: View, parameter: Parameter) -> dict[str, Any]:
    header = parameter.header
    options = queries.offered(view, parameter)
    schema: dict[str, Any] = {"type": _JSON_TYPES.get(header.type, "string")}
    if header.type == "date":
        schema["format"] = "date"
    if options and len(options) <= _MOST_CHOICES:
        # A name does as well as a key, so that these are examples and no closed list.
        schema["examples"] = [option.value for option in options]
    example: Any = parameter.example
    if example is not None and header.type == "integer":
        example = int(example)
    return {
        "name": parameter.name,
        "help": header.help,
        "example": example,
        "schema": schema,
        "required": header.required,
        "several": True,
    }


def _content(media: str) -> dict[str, Any]:
    if media in ("application/json", "application/sparql-results+json"):
        return {"schema": {"type": ["object", "array"]}}
    return {}


def _identifier(method: str, path: str) -> str:
    words = path.strip("/").replace("{", "").replace("}", "").replace(".", "-").replace("/", "-")
    return f"{method}-{words}"


TAGS = {
    "resources": Text("事物和文档", "Things and the documents about them"),
    "search": Text("搜索", "Search"),
    "validation": Text("校验", "Validation"),
    "rules": Text("规则", "Rules"),
    "sparql": Text("SPARQL 与图", "SPARQL and graphs"),
    "feedback": Text("反馈", "Feedback"),
    "harvest": Text("整体下载与变更", "Dumps, descriptions and feeds"),
    "queries": Text("已写好的问题", "Saved questions"),
}
_GROUP = Text(
    "一组地方：province=140000、tier=2、level=county",
    "A group of places: province=140000, tier=2, level=county",
)
_PER_PAGE = Input(
    "per_page",
    Text("每页几行", "Rows on a page"),
    schema={"type": "integer", "minimum": 1, "maximum": queries.LARGEST_PAGE},
    example=100,
)
_CLASS = _path("class", Text("类", "Class"), "item")
_KEY = _path("key", Text("键", "Key"), "legal-aid")
_SUFFIX_RDF = ("text/html", "application/json", *_RDF)
_VALIDATION = (
    Input("edition", Text("对照的版次", "Edition to compare with"), example="2021"),
    Input(
        "as_of",
        Text("对照该日的下限", "Floors in force on this day"),
        schema={"type": "string", "format": "date"},
        example="2024-06-01",
    ),
    Input("against", Text("对照这份清单", "Catalogue to compare with"), example="100000/2023"),
    Input("jurisdiction", Text("表所属的地方", "The place of a table"), example="140500/2021"),
    Input(
        "limit",
        Text("每条规则列出几个问题，0 为全部", "Findings listed of each rule, 0 for all"),
        schema={"type": "integer", "minimum": 0, "maximum": 999_999},
        example=100,
    ),
    _format((*REPORTS, "annotated", "patch", "repaired"), "json"),
    _LANG,
)
_FORM = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "required": ["file"],
            "properties": {
                "file": {"type": "string", "format": "binary"},
                "profile": {"type": "string", "format": "binary"},
            },
        }
    },
    **{
        FORMATS[name].media_type: {"schema": {"type": "string", "format": "binary"}}
        for name in ("turtle", "jsonld", "ntriples", "rdfxml", "csv", "tsv", "xlsx")
    },
}
_TEMPLATE = (
    Input("edition", Text("版次", "Edition"), example="2023"),
    Input("jurisdiction", Text("地方", "Place"), example="140500"),
    Input("domain", Text("领域，1 至 9", "Domain, 1 to 9"), example="2", several=True),
    Input("item", Text("事项", "Item"), example="legal-aid", several=True),
)
_SPARQL = (
    Input(
        "query", Text("SPARQL 1.1 查询", "A SPARQL 1.1 query"), example="SELECT * WHERE { ?s ?p ?o } LIMIT 3"
    ),
    Input(
        "default-graph-uri",
        Text("默认图", "Default graph"),
        several=True,
        example="https://w3id.org/bps/graph/catalogue/100000/2023",
    ),
    Input(
        "named-graph-uri",
        Text("命名图", "Named graph"),
        several=True,
        example="https://w3id.org/bps/graph/catalogue/100000/2023",
    ),
)
_SPARQL_MEDIA = ("text/html", *_ROWS, "application/json", "text/plain", *_RDF)
_SPARQLSTATUSES = (400, 401, 403, 406, 413, 415, 503, 504)
_HARVEST = (
    ("/.well-known/void", Text("VoID", "VoID"), _RDF),
    ("/dataset", Text("数据集目录（DCAT 3）", "The catalogue of data sets (DCAT 3)"), ("text/html", *_RDF)),
    ("/dumps", Text("可下载的文件", "The files to download"), ("text/html",)),
    ("/dumps/SHA256SUMS", Text("各文件的 SHA-256", "The SHA-256 of each file"), ("text/plain",)),
    ("/sitemap.xml", Text("网站地图", "The sitemap"), ("application/xml",)),
    ("/changes.atom", Text("变更（Atom）", "What happened, as Atom"), ("application/atom+xml",)),
    ("/health", Text("是否正常", "Whether it is well"), ("application/json",)),
)
_FIXED = (
    Operation(
        "/id/{class}/{key}",
        "/id/{key:path}",
        "resources",
        Text("一个事物", "A thing"),
        (),
        (_CLASS, _KEY),
        (404, 410),
        success=303,
    ),
    Operation(
        "/doc/{class}/{key}",
        "/doc/{key:path}",
        "resources",
        Text("关于它的文档", "The document about it"),
        _SUFFIX_RDF,
        (_CLASS, _KEY, Input("_profile", Text("应用方案", "Profile"), example="summary"), _LANG),
        (400, 404, 406, 410),
    ),
    Operation("/ns", "/ns", "resources", Text("本体", "The ontology"), _SUFFIX_RDF, (_LANG,)),
    Operation("/shapes", "/shapes", "resources", Text("SHACL 规则", "The shapes"), _SUFFIX_RDF, (_LANG,)),
    Operation(
        "/search",
        "/search",
        "search",
        Text("搜索", "Search"),
        ("text/html", "application/json"),
        (
            Input("q", Text("找什么", "What to look for"), example="营养餐"),
            Input("page", Text("第几页", "Which page"), schema={"type": "integer", "minimum": 1}, example=1),
            _LANG,
        ),
        (400, 404, 406),
    ),
    Operation(
        "/suggest",
        "/suggest",
        "search",
        Text("输入时的提示", "Suggestions while typing"),
        ("application/x-suggestions+json",),
        (Input("q", Text("已输入的字", "What was typed"), example="法律"), _LANG),
    ),
    Operation(
        "/validate",
        "/validate",
        "validation",
        Text("校验一个文件", "Have a file judged"),
        (
            "application/json",
            *dict.fromkeys(FORMATS[name].media_type for name in REPORTS if name != "json"),
            "application/octet-stream",
        ),
        _VALIDATION,
        (303, 400, 406, 413, 415, 422, 503, 504),
        "post",
        body=_FORM,
    ),
    Operation(
        "/validate/template.xlsx",
        "/validate/template.xlsx",
        "validation",
        Text("填报表", "The workbook to fill in"),
        (FORMATS["xlsx"].media_type,),
        _TEMPLATE,
        (400,),
    ),
    Operation(
        "/validate/template.csv",
        "/validate/template.csv",
        "validation",
        Text("填报表（CSV）", "The table to fill in, as CSV"),
        ("text/csv",),
        _TEMPLATE,
        (400,),
    ),
    Operation(
        "/rules",
        "/rules",
        "rules",
        Text("全部规则", "All rules"),
        ("text/html", "application/json", "text/csv"),
        (_format(("html", "json", "csv"), "json"), _LANG),
    ),
    Operation(
        "/rules/{id}",
        "/rules/{id}",
        "rules",
        Text("一条规则", "One rule"),
        ("text/html", "application/json"),
        (
            _path("id", Text("规则的代码", "Its id"), "baseline-below"),
            _format(("html", "json"), "json"),
            _LANG,
        ),
        (400, 404, 406),
    ),
    Operation(
        "/sparql",
        "/sparql",
        "sparql",
        Text("SPARQL 查询；不带 query 时为服务描述", "A query; without `query` the service description"),
        _SPARQL_MEDIA,
        _SPARQL,
        _SPARQLSTATUSES,
    ),
    Operation(
        "/sparql",
        "/sparql",
        "sparql",
        Text("以 POST 查询", "A query by POST"),
        _SPARQL_MEDIA,
        (),
        _SPARQLSTATUSES,
        "post",
        body={
            "application/sparql-query": {"schema": _TEXT, "example": "ASK { ?s ?p ?o }"},
            "application/x-www-form-urlencoded": {
                "schema": {"type": "object", "properties": {"query": _TEXT}, "required": ["query"]},
                "example": {"query": "ASK { ?s ?p ?o }"},
            },
        },
    ),
    Operation(
        "/store",
        "/store",
        "sparql",
        Text("一个图（Graph Store Protocol）", "A graph (Graph Store Protocol)"),
        _RDF,
        (
            Input(
                "graph",
                Text("图的 IRI", "The IRI of the graph"),
                required=True,
                example="https://w3id.org/bps/graph/catalogue/100000/2023",
            ),
        ),
        (400, 401, 403, 404, 406, 503),
    ),
    Operation(
        "/feedback",
        "/feedback",
        "feedback",
        Text("关于一页的反馈", "Feedback about a page"),
        ("text/html",),
        (Input("about", Text("页面或事物", "Page or thing"), example="/doc/item/legal-aid"), _LANG),
        (400,),
    ),
    Operation(
        "/feedback",
        "/feedback",
        "feedback",
        Text(
            "留言；as=file 时取回文件",
            "Leave a message; as=file gives it back as a file where nothing is kept",
        ),
        ("application/json",),
        (),
        (200, 303, 400, 403, 413, 415, 429, 503),
        "post",
        202,
        {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["about", "kind", "text"],
                    "properties": {"about": _TEXT, "kind": _TEXT, "text": _TEXT, "as": _TEXT},
                },
                "example": {
                    "about": "/doc/item/legal-aid",
                    "kind": "question",
                    "text": "何时施行？",
                    "as": "file",
                },
            }
        },
    ),
    *(
        Operation(
            path, path, "harvest", words, media, statuses=(400, 406, 503) if path != "/health" else (400, 503)
        )
        for path, words, media in _HARVEST
    ),
    Operation(
        "/queries",
        "/queries",
        "queries",
        Text("问题的清单", "The list of questions"),
        ("text/html", "application/json", *_RDF),
        (
            Input("q", Text("提到什么", "What they speak of"), example="缺项"),
            _format(("html", "json", *RDF_FORMATS), "json"),
            _LANG,
        ),
    ),
)
