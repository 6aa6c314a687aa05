"""The interface keeps to its description: every example is answered, and no status comes that is not stated.

`make api-test` tries every operation and more requests of each.
"""

import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from jsonschema import Draft202012Validator
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from bpsgraph.web.site import Site
from faults.broken_files import whole
from sampling import LONG, some

Api = dict[str, Any]
# What has to do with a whole operation at a time is tried on few of the many saved questions.
_FEW = 2
# Of the other operations.
_MORE = 14


@pytest.fixture(scope="module")
def api(web: TestClient) -> Api:
    found: Api = web.get("/openapi.json?lang=en").json()
    return found


def calls(api: Api) -> Iterator[tuple[str, str, Api]]:
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def values(parameter: Api) -> list[str]:
    example = parameter.get("example")
    return [str(one) for one in (example if isinstance(example, list) else [example]) if one is not None]


def test_it_says_all_that_openapi_asks_for(api: Api, site: Site) -> None:
    assert api["openapi"] == "3.1.0"
    identifiers = [operation["operationId"] for _, _, operation in calls(api)]
    assert len(set(identifiers)) == len(identifiers)
    names = {name for name in site.library if site.library[name].kind != "derive"}
    assert {path.removeprefix("/queries/") for path in api["paths"] if path.startswith("/queries/")} == names
    for schema in api["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for path, _, operation in calls(api):
        assert {p["name"] for p in operation["parameters"] if p["in"] == "path"} == {
            part[1:-1] for part in path.split("/") if part.startswith("{")
        }
        for parameter in operation["parameters"]:
            Draft202012Validator.check_schema(parameter["schema"])
            assert not parameter["required"] or values(parameter), (path, parameter["name"])


def test_every_example_is_answered(api: Api, web: TestClient) -> None:
    """Alone, with what is required; of the many saved questions some, and all in the long form."""
    asked = [call for call in calls(api) if call[1] == "get"]
    fixed = [call for call in asked if not call[0].startswith("/queries/")]
    saved = [call for call in asked if call[0].startswith("/queries/")]
    if not LONG:
        # What is harvested is counted and written anew for each store; it has tests of its own.
        fixed = [call for call in fixed if call[2]["tags"] != ["harvest"]]
    for path, _, operation in [*some(fixed, _MORE), *some(saved, _FEW)]:
        parameters = operation["parameters"]
        needed = [p for p in parameters if p["required"]]
        address = path
        for one in parameters:
            if one["in"] == "path":
                address = address.replace(f"{{{one['name']}}}", quote(values(one)[0]))
        required = [(p["name"], v) for p in needed if p["in"] == "query" for v in values(p)]
        success = next(int(status) for status in operation["responses"] if status < "400")
        media = operation["responses"][str(success)].get("content", {})
        optional = [p for p in parameters if not p["required"] and p["in"] == "query" and values(p)]
        for further in [[], *([(p["name"], v) for v in values(p)] for p in some(optional, _FEW))]:
            answer = web.get(address, params=[*required, *further])
            assert answer.status_code == success, (address, required, further, answer.text[:400])
            if media:
                assert answer.headers["content-type"].partition(";")[0] in media, (address, further)


def test_the_examples_of_what_is_posted_are_answered(api: Api, web: TestClient) -> None:
    for kind, content in api["paths"]["/sparql"]["post"]["requestBody"]["content"].items():
        sent = (
            {"data": content["example"]}
            if isinstance(content["example"], dict)
            else {"content": content["example"]}
        )
        answer = web.post("/sparql", headers={"content-type": kind}, **sent)
        assert answer.status_code == 200
    form = api["paths"]["/feedback"]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
    assert web.post("/feedback", data=form["example"]).status_code == 200
    body = whole("turtle")
    for one in api["paths"]["/validate"]["post"]["parameters"]:
        if one["name"] in ("as_of", "against"):
            continue  # Each of them is another comparison than `edition`.
        for value in values(one):
            sent_file = {"file": ("a.ttl", io.BytesIO(body))}
            answer = web.post("/validate", params={one["name"]: value}, files=sent_file)
            assert answer.status_code == 200, (one["name"], answer.text[:300])


def test_the_page_for_people_names_every_operation_and_works(api: Api, web: TestClient) -> None:
    page = web.get("/api?lang=en", headers={"accept": "text/html"}).text
    for path, method, _ in calls(api):
        assert f"<code>{method.upper()} {path}</code>" in page
    assert "://" not in page.replace("https://w3id.org/bps/", "").replace("http%3A", "").partition("<main")[
        2
    ].partition("</main>")[0].replace("https://creativecommons.org", "")


def schema_of(web: TestClient) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_dict(web.get("/openapi.json?lang=en").json())


def test_no_request_gets_what_is_not_described(web: TestClient) -> None:
    """Requests made up by schemathesis: no 5xx but those stated, no other status, media type or schema."""
    from hypothesis import HealthCheck, Phase, Verbosity, given, settings

    read = list(schema_of(web).get_all_operations())
    found = [one.ok() for one in read if isinstance(one, Ok)]
    assert len(found) == len(read)
    fixed = [one for one in found if not one.path.startswith("/queries/")]
    if not LONG:
        fixed = [one for one in fixed if one.tags != ["harvest"]]
    saved = [one for one in found if one.path.startswith("/queries/")]
    chosen = [*fixed, *some(saved, _FEW)]
    for operation in chosen:

        @settings(
            max_examples=60 if LONG else 3,
            deadline=None,
            database=None,
            derandomize=not LONG,
            phases=[Phase.generate],
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case[Any]) -> None:
            sent = case.as_transport_kwargs(base_url="http://bps.test")
            sent.pop("cookies", None)
            if isinstance(sent.get("data"), bytes):
                sent["content"] = sent.pop("data")
            answer = web.request(**sent)
            case.validate_response(
                schemathesis.Response.from_any(answer),
                checks=[
                    not_a_server_error,
                    status_code_conformance,
                    content_type_conformance,
                    response_schema_conformance,
                ],
            )

        ask()
