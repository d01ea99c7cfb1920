"""What the API says of itself is complete, and its pages need nothing but this server."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from propfirm.entrypoints.http.policy import POLICY

pytestmark = pytest.mark.anyio
PAGES = {
    "docs.read",
    "sandbox.checkout",
    "sandbox.press",
    "sandbox.refunds",
    "sandbox.bank",
    "sandbox.instruct",
}  # for people, in HTML
UNDESCRIBED = {"docs.read", "sandbox.checkout", "sandbox.press", "sandbox.refunds", "sandbox.bank", "sandbox.instruct"}
"""Pages for people."""

METHODS = {"get", "put", "post", "delete", "patch"}


@pytest.fixture
async def description(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/docs/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def operations(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        one["operationId"]: one
        for path in description["paths"].values()
        for method, one in path.items()
        if method in METHODS
    }


async def test_every_operation_says_what_it_is_for_and_who_may_call_it(description: dict[str, Any]) -> None:
    assert description["info"]["title"] == "propfirm"
    assert description["info"]["description"]
    found = operations(description)
    assert found.keys() == POLICY.keys() - PAGES
    for name, operation in found.items():
        assert operation["summary"], name
        assert operation["tags"], name
        assert operation["security"] == ([] if POLICY[name] == "anyone" else [{"token": []}]), name


async def test_every_answer_is_described_with_its_shape(description: dict[str, Any]) -> None:
    for name, operation in operations(description).items():
        good = {status for status in operation["responses"] if status.startswith("2")}
        assert good, name
        for status, response in operation["responses"].items():
            assert response["description"], (name, status)
            if status in good:
                continue
            content = response["content"]
            assert content == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}, (
                name,
                status,
            )
        assert {"400", "500", "503"} <= operation["responses"].keys(), name
        if "requestBody" in operation:
            assert {"413", "415", "422"} <= operation["responses"].keys(), name
        if operation["security"]:
            assert {"401", "403"} <= operation["responses"].keys(), name


async def test_whatever_creates_asks_for_a_key(description: dict[str, Any]) -> None:
    creating = {name for name, one in operations(description).items() if "201" in one["responses"]}
    assert {"auth.register", "challenges.purchase"} <= creating
    for name in creating:
        headers = {one["name"]: one for one in operations(description)[name]["parameters"] if one["in"] == "header"}
        assert headers["Idempotency-Key"]["required"], name
        assert "409" in operations(description)[name]["responses"], name


async def test_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    for reference in set(re.findall(r'"#/([^"]+)"', str(description).replace("'", '"'))):
        found: Any = description
        for step in reference.split("/"):
            found = found[step]
        assert found


async def test_the_pages_load_nothing_from_anywhere_else(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) >= 4
    for address in loaded:
        if not address.startswith("data:"):
            assert address.startswith("/docs/"), address
            assert (await client.get(address)).status_code == 200, address
    start = (await client.get("/docs/files/start.js")).text
    assert "http" not in start
    assert "validatorUrl: null" in start


async def test_the_bare_address_leads_to_the_pages(client: httpx.AsyncClient) -> None:
    for answer in (await client.get("/"), await client.head("/")):
        assert (answer.status_code, answer.headers["location"]) == (303, "/docs"), answer.text


@pytest.mark.parametrize("name", ["nothing.js", "LICENSE", "..%2Fcontracts.csv", "index.html", "%00.js"])
async def test_only_what_the_pages_need_is_given_out(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/docs/files/{name}")).status_code == 404
