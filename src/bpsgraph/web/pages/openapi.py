"""The interface of the site as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0)."""

from collections.abc import Collection
from typing import Any

from bpsgraph import __version__
from bpsgraph.results import Text
from bpsgraph.web.pages.operations import STATUSES, TAGS, operations
from bpsgraph.web.view import View

TITLE = Text("基本公共服务标准图谱", "Basic public service standards")
_ABOUT = Text(
    "只读接口，不需要密钥；以 GET 取数据，以 POST 校验文件。出错时回答 application/problem+json。",
    "A read-only interface without a key: GET for data, POST to have a file judged. "
    "Errors are application/problem+json.",
)
_TEXT = {"type": "string"}
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "instance": _TEXT,
        "code": _TEXT,
        "cure": _TEXT,
        "where": _TEXT,
    },
}
_SPARQL_ROWS = {
    "type": "object",
    "description": "SPARQL 1.1 Query Results JSON",
    "required": ["head", "results"],
    "properties": {"head": {"type": "object"}, "results": {"type": "object"}},
}
_REPORT = {"type": "array", "description": "docs/reports.md", "items": {"type": "object"}}
_ERROR = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
    "text/html": {},
}


def openapi(view: View, routes: Collection[str], public_url: str = "") -> dict[str, Any]:
    """The OpenAPI document; `routes` are the paths of the application's routes."""
    paths: dict[str, dict[str, Any]] = {}
    for one in operations(view, routes):
        paths.setdefault(one.path, {})[one.method] = one.described(view)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": view.say(TITLE),
            "version": __version__,
            "description": view.say(_ABOUT),
            "license": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
        },
        "servers": [{"url": public_url or "/"}],
        "tags": [{"name": tag, "description": view.say(words)} for tag, words in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": {"Problem": _PROBLEM, "Rows": _SPARQL_ROWS, "Report": _REPORT},
            "responses": {
                str(status): {
                    "description": view.say(words),
                    **({"content": _ERROR} if status >= 400 else {}),
                }
                for status, words in STATUSES.items()
            },
        },
    }
