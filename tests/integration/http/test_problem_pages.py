"""Whoever is told no can read what it means: from the service itself, and without an account."""

from __future__ import annotations

import re

import httpx
import pytest

from propfirm.domain.purchases.purchase import PaidAgain
from propfirm.entrypoints.http.problem_pages import explained
from propfirm.entrypoints.http.problems import STATUS, of_refusal, of_status

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/accounts"), ("GET", "/nowhere"), ("DELETE", "/v1/programs"), ("POST", "/v1/auth/login")],
)
async def test_the_type_of_a_problem_leads_to_a_page_with_its_title(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    problem = (await client.request(method, path)).json()
    page = await client.get(problem["type"])
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert problem["title"] in page.text
    assert f"status {problem['status']}" in page.text


async def test_every_refusal_and_every_status_has_a_page_and_a_place_on_the_page_of_all(
    client: httpx.AsyncClient,
) -> None:
    every = (await client.get("/problems")).text
    anchors = set(re.findall(r'<section id="([^"]+)">', every))
    again = of_refusal(PaidAgain("pay_1", "pay_2"))[0]["type"]
    told = {str(again), *(str(of_status(status)[0]["type"]) for status in (400, 404, 405, 500, 503))}
    told |= {f"/problems/{kind.code.replace('.', '-')}" for kind in STATUS}
    assert {one.removeprefix("/problems/") for one in told} <= anchors == explained().keys()
    for slug in anchors:
        assert (await client.get(f"/problems/{slug}")).status_code == 200, slug


async def test_a_page_has_what_the_code_says_of_itself_and_loads_nothing(client: httpx.AsyncClient) -> None:
    page = await client.get("/problems/purchase-paid-again")
    assert "A second payment for one order" in page.text
    assert "Its members: <code>known</code>, <code>told</code>." in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert re.findall(r'(?:src|href)="(?!data:|/problems)', page.text) == []
    unwritten = (await client.get("/problems/purchase-more-than-paid")).text
    assert "MoreThanPaid(" not in unwritten


async def test_a_code_that_nobody_says_has_no_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/problems/the-moon-is-full")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
