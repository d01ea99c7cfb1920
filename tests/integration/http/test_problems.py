"""Every operation, asked wrongly in each way: the answer is a whole problem, in the client's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest

from propfirm.entrypoints.http.policy import POLICY
from tests.integration.http.conftest import key
from tests.integration.http.problems import problem
from tests.integration.http.test_looking import Firm, Headers, firm

pytestmark = pytest.mark.anyio
__all__ = ["firm"]
WRONG = "no such value!"


class Asked(NamedTuple):
    method: str
    url: str
    headers: Headers
    query: dict[str, dict[str, Any]]
    body: dict[str, Any] | None
    """The schema of its body's object."""


@pytest.fixture
async def operations(client: httpx.AsyncClient, firm: Firm) -> list[Asked]:
    """Every one that reads a query or a JSON body, with somebody who may ask it and ids that are some."""
    described = (await client.get("/docs/openapi.json")).json()
    return list(asked(described, firm))


def asked(described: dict[str, Any], firm: Firm) -> Iterator[Asked]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            who = POLICY[operation["operationId"]]
            headers = {"anyone": {}, "trader": firm.trader}.get(str(who), firm.admin)
            parameters = operation.get("parameters", ())
            query = {one["name"]: one for one in parameters if one["in"] == "query"}
            ids = {one["name"]: an_id(one["schema"]) for one in parameters if one["in"] == "path"}
            yield Asked(method, path.format(**ids), headers, query, body_of(described, operation))


def an_id(schema: dict[str, Any]) -> str:
    return str(uuid4()) if schema.get("format") == "uuid" else "1" if schema["type"] == "integer" else "x"


def body_of(described: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any] | None:
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    schema = content["application/json"]["schema"]
    if "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema if "properties" in schema else None


async def test_each_parameter_wrong_or_missing_is_named_as_the_client_wrote_it(
    client: httpx.AsyncClient, operations: list[Asked]
) -> None:
    tried = set[str]()
    for one in operations:
        good = {name: "1" for name, parameter in one.query.items() if parameter.get("required")}
        for name, parameter in one.query.items():
            texts = {True: [{**good, name: ""}], False: [{**good, name: WRONG}]}[
                parameter["schema"] == {"type": "string"}
            ]
            queries = [{k: v for k, v in good.items() if k != name}] if name in good else []
            if is_narrow(parameter["schema"]):
                queries += texts
            for query in queries:
                answer = await client.request(one.method, one.url, params=query, headers={**one.headers, **key()})
                if name == "cursor":
                    problem(answer, 400, "invalid-cursor")
                    continue
                told = problem(answer, 422, "validation")
                assert [fault["parameter"] for fault in told["errors"]] == [name], (one.url, query, told)
                assert name in told["detail"]
                assert WRONG not in answer.text
                tried.add(name)
        answer = await client.request(
            one.method, f"{one.url}?in_state=x&{WRONG[:2]}=1", headers={**one.headers, **key()}
        )
        told = problem(answer, 422, "validation")
        assert {"in_state", "no"} <= {fault["parameter"] for fault in told["errors"]}
    assert {"state", "limit", "before", "after", "run", "user", "role", "status", "amount_minor"} <= tried


def is_narrow(schema: dict[str, Any]) -> bool:
    """Whether it leaves no room for a text that means nothing."""
    kinds = [schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())]
    return not any(one.get("type") == "string" and not {"enum", "format"} & one.keys() for one in kinds)


async def test_each_field_of_a_body_wrong_or_missing_is_named_by_its_pointer(
    client: httpx.AsyncClient, operations: list[Asked]
) -> None:
    tried = 0
    for one in operations:
        headers = {**one.headers, **key()}
        if one.body is None:
            continue
        for sent, pointer, slug in (
            ({"no_such_field": 1}, "/no_such_field", "unknown-field"),
            *(({name: {"no": [1]}}, f"/{name}", "validation") for name in one.body["properties"]),
        ):
            told = problem(await client.request(one.method, one.url, json=sent, headers=headers), 422, slug)
            assert [fault["pointer"] for fault in told["errors"]] == [pointer], (one.url, sent, told)
            assert pointer in told["detail"]
            tried += 1
        missing = problem(await client.request(one.method, one.url, json={}, headers=headers), 422, "validation")
        (fault,) = missing["errors"]
        assert (fault["detail"], fault["pointer"][1:] in one.body["required"]) == ("it is missing", True), one.url
        problem(await client.request(one.method, one.url, json=[], headers=headers), 422, "validation")
        problem(await client.request(one.method, one.url, content=b"{", headers=headers), 415, "unsupported-media-type")
        broken = {**headers, "Content-Type": "application/json"}
        problem(await client.request(one.method, one.url, content=b"{", headers=broken), 400, "malformed-body")
        problem(await client.request(one.method, one.url, content=b"", headers=broken), 400, "malformed-body")
    assert tried > 40


async def test_whoever_may_not_ask_or_asks_by_another_method_hears_a_whole_problem(
    client: httpx.AsyncClient, operations: list[Asked], firm: Firm
) -> None:
    for one in operations:
        if one.headers:
            problem(await client.request(one.method, one.url), 401, "not-authenticated")
        if one.headers == firm.admin and "/admin/" in one.url:
            problem(await client.request(one.method, one.url, headers=firm.trader), 403, "role-forbidden")
        wrong = await client.patch(one.url, headers=one.headers)
        problem(wrong, 405, "method-not-allowed")
        assert one.method.upper() in wrong.headers["allow"]
        bad = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "0%00", one.url)
        if bad != one.url:
            problem(await client.request(one.method, bad, headers={**one.headers, **key()}), 404, "not-found")
