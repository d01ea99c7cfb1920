"""A body reaches the firm as exactly what was asked for, or not at all."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from propfirm.entrypoints.service_container import ServiceContainer
from tests.integration.http.conftest import PASSWORD, key
from tests.integration.http.problems import problem

pytestmark = pytest.mark.anyio
JSON = {"Content-Type": "application/json"}
GOOD = {"email": "ann@example.com", "name": "Ann", "password": PASSWORD}


async def register(client: httpx.AsyncClient, content: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
    return await client.post("/v1/auth/register", content=content, headers={**key(), **JSON, **(headers or {})})


def with_email(email: str) -> bytes:
    return json.dumps(GOOD).encode().replace(b'"ann@example.com"', email.encode())


@pytest.mark.parametrize(
    ("content", "status", "slug"),
    [
        pytest.param(b"", 400, "malformed-body", id="nothing"),
        pytest.param(b'{"email":', 400, "malformed-body", id="cut off"),
        pytest.param(with_email('"ann"') + b"}", 400, "malformed-body", id="one bracket more"),
        pytest.param(b'{"email":"\xff\xfe"}', 400, "malformed-body", id="no UTF-8"),
        pytest.param(json.dumps(GOOD).encode("utf-16"), 400, "malformed-body", id="UTF-16"),
        pytest.param(b"\xef\xbb\xbf" + json.dumps(GOOD).encode(), 400, "malformed-body", id="byte order mark"),
        pytest.param(b"[" * 50_000, 400, "malformed-body", id="deep arrays"),
        pytest.param(b"[" * 50_000 + b"]" * 50_000, 400, "malformed-body", id="deep arrays that end"),
        pytest.param(b'{"a":' * 33 + b"1" + b"}" * 33, 400, "malformed-body", id="deep objects"),
        pytest.param(with_email("NaN"), 400, "malformed-body", id="NaN"),
        pytest.param(with_email("-Infinity"), 400, "malformed-body", id="Infinity"),
        pytest.param(with_email("1e999"), 400, "malformed-body", id="1e999"),
        pytest.param(with_email('"a","email":"b"'), 400, "duplicate-key", id="a key twice"),
        pytest.param(with_email('{"a":1,"a":1}'), 400, "duplicate-key", id="a key twice, inside"),
        pytest.param(b"null", 422, "validation", id="null"),
        pytest.param(b"[]", 422, "validation", id="array"),
        pytest.param(b'"text"', 422, "validation", id="text"),
        pytest.param(b"7", 422, "validation", id="number"),
        pytest.param(with_email("7"), 422, "validation", id="number for a text"),
        pytest.param(with_email("1" + "0" * 5000), 422, "validation", id="number of 5,000 digits"),
        pytest.param(with_email("null"), 422, "validation", id="null for a text"),
        pytest.param(b"{}", 422, "validation", id="fields missing"),
        pytest.param(with_email('"a\\u0000@example.com"'), 422, "invalid-text", id="NUL"),
        pytest.param(with_email('"\\ud800@example.com"'), 422, "invalid-text", id="half a character"),
        pytest.param(with_email('{"\\udfff":1}'), 422, "invalid-text", id="half a character in a key"),
        pytest.param(json.dumps({**GOOD, "name": "n" * 100_000}).encode(), 422, "too-long", id="name of 100,000"),
        pytest.param(b"x" * 12_000_000, 413, "too-large", id="12 MB"),
    ],
)
async def test_a_body_that_is_not_what_was_asked_for_changes_nothing(
    client: httpx.AsyncClient, container: ServiceContainer, content: bytes, status: int, slug: str
) -> None:
    problem(await register(client, content), status, slug)
    async with container.engine().connect() as connection:
        assert await connection.scalar(text("select count(*) from users")) == 0
        assert await connection.scalar(text("select count(*) from idempotency")) == 0


@pytest.mark.parametrize("name", ["role", "is_admin", "status", "user_id", "balance_minor", "id", "situation", "Email"])
async def test_nobody_gives_themselves_a_field_that_is_not_theirs(client: httpx.AsyncClient, name: str) -> None:
    found = problem(await register(client, json.dumps({**GOOD, name: "admin"}).encode()), 422, "unknown-field")
    assert found["errors"] == [{"detail": "this field is not known", "pointer": f"/{name}"}]


async def test_a_fault_names_its_place_and_repeats_no_value(client: httpx.AsyncClient) -> None:
    found = problem(await register(client, json.dumps({**GOOD, "password": ["secret"]}).encode()), 422, "validation")
    assert found["errors"] == [{"detail": "Expected str, got array", "pointer": "/password"}]
    long = await register(client, json.dumps({**GOOD, "x" * 90_000: 1}).encode())
    assert len(long.content) < 500


async def test_of_a_hundred_thousand_keys_one_is_told(client: httpx.AsyncClient) -> None:
    content = json.dumps({f"k{number}": 1 for number in range(80_000)}).encode()
    answer = await register(client, content)
    assert len(problem(answer, 422, "unknown-field")["errors"]) == 1
    assert len(answer.content) < 1_000
    problem(await register(client, json.dumps({f"key-{n}": n for n in range(100_000)}).encode()), 413, "too-large")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-msgpack"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=evil"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json, text/plain"},
        {"Content-Type": ""},
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "identity, gzip"},
    ],
    ids=str,
)
async def test_only_plain_json_is_read(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    problem(await register(client, json.dumps(GOOD).encode(), headers), 415, "unsupported-media-type")


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
async def test_json_may_say_that_it_is_utf_8(client: httpx.AsyncClient, kind: str) -> None:
    assert (await register(client, json.dumps(GOOD).encode(), {"Content-Type": kind})).status_code == 201


async def test_whoever_asks_for_something_else_gets_json_anyway(client: httpx.AsyncClient) -> None:
    odd: dict[str, Any] = {
        "Accept": "text/xml",
        "Accept-Encoding": "br;q=1.0, evil, *;q=0",
        "Range": "bytes=" + ",".join(f"{n}-{n}" for n in range(2_000)),
    }
    answer = await client.get("/health", headers=odd)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == {"status": "ok"}
