"""Addresses, methods, headers: what holds for every route, and for none."""

from __future__ import annotations

import httpx
import pytest

from tests.integration.http.conftest import registered
from tests.integration.http.problems import problem

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "path", ["/nowhere", "/v1", "/v1/auth", "/v1/auth/login/more", "/%00", "/v1/" + "x" * 4_000, "/v1/../nowhere"]
)
async def test_what_is_not_there_is_told_in_the_same_shape(client: httpx.AsyncClient, path: str) -> None:
    problem(await client.get(path), 404, "not-found")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "BREW"])
async def test_a_wrong_method_hears_the_right_ones(client: httpx.AsyncClient, method: str) -> None:
    answer = await client.request(method, "/v1/auth/login")
    assert set(answer.headers["allow"].split(", ")) == {"OPTIONS", "POST"}
    problem(answer, 405, "method-not-allowed")


async def test_head_is_answered_as_get_without_the_body(client: httpx.AsyncClient) -> None:
    for path in ("/health", "/docs", "/nowhere", "/v1/accounts"):
        shown, head = await client.get(path), await client.head(path)
        assert (head.status_code, head.content) == (shown.status_code, b"")
        assert head.headers["content-type"] == shown.headers["content-type"]
        assert head.headers["content-length"] == str(len(shown.content))
    assert (await client.head("/v1/auth/login")).status_code == 405


async def test_where_get_is_allowed_head_is(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/v1/programs")
    assert set(answer.headers["allow"].split(", ")) == {"OPTIONS", "GET", "HEAD"}
    problem(answer, 405, "method-not-allowed")
    assert "HEAD" in (await client.options("/v1/programs")).headers["allow"]


async def test_a_method_is_not_changed_by_a_header(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/auth/login", headers={"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "POST"})
    problem(answer, 405, "method-not-allowed")


async def test_options_says_which_methods_there_are_and_no_more(client: httpx.AsyncClient) -> None:
    answer = await client.options("/v1/auth/login")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "host", ["", "evil.example", "localhost.evil.example", "localhost@evil.example", "localhost:x", "a b"]
)
async def test_only_our_own_names_are_served(client: httpx.AsyncClient, host: str) -> None:
    problem(await client.get("/health", headers={"Host": host}), 400, "unknown-host")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000"])
async def test_our_own_names_may_have_a_port(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/health", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("name", ["Host", "Content-Type", "Content-Length", "Authorization", "Idempotency-Key"])
async def test_what_may_be_said_once_is_not_said_twice(client: httpx.AsyncClient, name: str) -> None:
    headers = [("Host", "localhost"), (name, "localhost"), (name, "localhost")]
    found = problem(await client.get("/health", headers=headers), 400, "malformed-header")
    assert found["header"] == name.lower()


async def test_a_claimed_address_or_host_changes_nothing(client: httpx.AsyncClient) -> None:
    headers = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-For": ", ".join(["10.0.0.1"] * 100),
        "X-Request-Id": "mine",
    }
    answer = await client.get("/docs", headers=headers)
    assert answer.status_code == 200
    assert "evil" not in answer.text + str(answer.headers)
    assert answer.headers["x-request-id"] != "mine"


async def test_headers_have_a_limit(client: httpx.AsyncClient) -> None:
    problem(await client.get("/health", headers={"X-Long": "x" * 1_000_000}), 431, "headers-too-large")
    problem(await client.get("/health", headers=[(f"x-{n}", "x") for n in range(10_000)]), 431, "headers-too-large")


@pytest.mark.parametrize("query", ["x=1", "x", "=", "%zz", "a=%ff", "&", "x=1&x=2", "x=" + "y" * 5_000])
async def test_a_query_that_means_nothing_is_refused(client: httpx.AsyncClient, query: str) -> None:
    problem(await client.get(f"/health?{query}"), 422, "validation")


async def test_the_service_says_whether_it_can_serve(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health")).json() == {"status": "ok"}
    assert (await client.get("/ready")).json() == {"status": "ok"}


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Basic YW5uOnB3", "Bearer a b", "Bearer x.y.z", "Bearer " + "x" * 10_000, "bearer ä"],
)
async def test_without_a_token_of_ours_nobody_is_signed_in(client: httpx.AsyncClient, authorization: str) -> None:
    answer = await client.get(SIGNED_IN_ONLY, headers=[(b"Authorization", authorization.encode())])
    problem(answer, 401, "not-authenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_an_answer_is_kept_by_nobody_on_the_way(client: httpx.AsyncClient) -> None:
    ann = await registered(client)
    answer = await client.get(SIGNED_IN_ONLY, headers=ann.headers)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


SIGNED_IN_ONLY = "/v1/challenges/01890000-0000-7000-8000-000000000000"
