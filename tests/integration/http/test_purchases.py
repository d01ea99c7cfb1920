"""Buying a challenge, once, at our price."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from propfirm.adapters.resources.programs import ShippedPrograms
from propfirm.application.ports.work import Listing
from propfirm.domain.catalogue.document import fingerprint
from propfirm.domain.evaluation.facts import Edition
from propfirm.domain.money import Cents
from propfirm.entrypoints.service_container import ServiceContainer
from tests.integration.http.conftest import Signed, Till, key, promote, registered
from tests.integration.http.problems import problem

pytestmark = pytest.mark.anyio
PROGRAM = ShippedPrograms().get("topstep-50k")
BUY = "/v1/challenges/purchase"
ORDER = {"program": PROGRAM.id}


@pytest.fixture
async def ann(client: httpx.AsyncClient, container: ServiceContainer) -> Signed:
    """A trader, in a firm that sells one program."""
    listing = Listing(Edition(PROGRAM, fingerprint(PROGRAM)), "published", Cents(14_900), datetime.now(UTC))
    async with container.work().begin() as tx:
        await tx.programs.put(listing)
    return await registered(client)


async def count(container: ServiceContainer, table: str) -> int:
    async with container.engine().connect() as connection:
        return int(await connection.scalar(text(f"select count(*) from {table}")) or 0)  # noqa: S608 - our own names


async def test_a_challenge_is_ordered_at_our_price_and_paid_at_the_providers_page(
    client: httpx.AsyncClient, ann: Signed
) -> None:
    answer = await client.post(BUY, json=ORDER, headers={**ann.headers, **key()})
    assert answer.status_code == 201, answer.text
    bought = answer.json()
    assert (bought["state"], bought["price_minor"], bought["currency"]) == ("ordered", 14_900, "USD")
    assert bought["checkout"] == f"https://pay.example/{bought['id']}"
    assert answer.headers["location"] == f"/v1/challenges/{bought['id']}"
    assert (await client.get(answer.headers["location"], headers=ann.headers)).json() == bought


async def test_somebody_elses_purchase_does_not_exist(client: httpx.AsyncClient, ann: Signed) -> None:
    bought = (await client.post(BUY, json=ORDER, headers={**ann.headers, **key()})).headers["location"]
    bob = await registered(client, "bob@example.com")
    absent = "/v1/challenges/01890000-0000-7000-8000-000000000000"
    foreign = problem(await client.get(bought, headers=bob.headers), 404, "not-found")
    nowhere = problem(await client.get(absent, headers=bob.headers), 404, "not-found")
    assert {**foreign, "instance": ""} == {**nowhere, "instance": ""}


@pytest.mark.parametrize(
    ("order", "status", "slug"),
    [
        ({"program": "nowhere"}, 409, "purchase-not-on-sale"),
        ({"program": PROGRAM.id, "version": 7}, 409, "purchase-plan-changed"),
        ({"program": PROGRAM.id, "version": 1.0}, 422, "validation"),
        ({"program": PROGRAM.id, "version": "1"}, 422, "validation"),
        ({"program": PROGRAM.id, "version": True}, 422, "validation"),
        ({"program": PROGRAM.id, "version": 0}, 422, "validation"),
        ({"program": PROGRAM.id, "version": 2**63}, 422, "validation"),
        ({"program": ""}, 422, "validation"),
        ({"program": "x" * 101}, 422, "too-long"),
        ({"program": PROGRAM.id, "price_minor": 1}, 422, "unknown-field"),
        ({"program": PROGRAM.id, "total": 0}, 422, "unknown-field"),
    ],
    ids=str,
)
async def test_what_cannot_be_bought_leaves_no_order(
    client: httpx.AsyncClient, container: ServiceContainer, ann: Signed, order: dict[str, Any], status: int, slug: str
) -> None:
    problem(await client.post(BUY, json=order, headers={**ann.headers, **key()}), status, slug)
    assert await count(container, "purchases") == 0


async def test_staff_buy_nothing(client: httpx.AsyncClient, container: ServiceContainer, ann: Signed) -> None:
    await promote(container.work(), "ann@example.com", "admin")
    await asyncio.sleep(1.1)  # what people are is known anew within a second
    found = problem(await client.post(BUY, json=ORDER, headers={**ann.headers, **key()}), 403, "role-forbidden")
    assert found["role"] == "admin"


# ------------------------------------------------------------------------------ once


async def test_a_repeated_request_is_answered_to_the_letter_and_orders_once(
    client: httpx.AsyncClient, container: ServiceContainer, ann: Signed
) -> None:
    headers = {**ann.headers, **key()}
    first = await client.post(BUY, json=ORDER, headers=headers)
    again = await client.post(BUY, json=ORDER, headers=headers)
    assert (again.status_code, again.content, again.headers["location"]) == (
        201,
        first.content,
        first.headers["location"],
    )
    assert await count(container, "purchases") == 1


async def test_a_hundred_equal_requests_at_once_order_once(
    client: httpx.AsyncClient, container: ServiceContainer, ann: Signed
) -> None:
    headers = {**ann.headers, **key()}
    answers = await asyncio.gather(*(client.post(BUY, json=ORDER, headers=headers) for _ in range(100)))
    told = {answer.content for answer in answers if answer.status_code == 201}
    assert len(told) == 1
    for late in (answer for answer in answers if answer.status_code != 201):
        problem(late, 409, "idempotency-in-progress")
        assert late.headers["retry-after"]
    assert await count(container, "purchases") == 1


async def test_a_key_with_another_body_is_refused(client: httpx.AsyncClient, ann: Signed) -> None:
    headers = {**ann.headers, **key()}
    assert (await client.post(BUY, json=ORDER, headers=headers)).status_code == 201
    problem(await client.post(BUY, json={**ORDER, "version": 1}, headers=headers), 422, "idempotency-mismatch")


async def test_a_key_belongs_to_whoever_uses_it(
    client: httpx.AsyncClient, container: ServiceContainer, ann: Signed
) -> None:
    bob, same = await registered(client, "bob@example.com"), key()
    hers = await client.post(BUY, json=ORDER, headers={**ann.headers, **same})
    his = await client.post(BUY, json=ORDER, headers={**bob.headers, **same})
    assert hers.json()["id"] != his.json()["id"]
    assert await count(container, "purchases") == 2


async def test_a_refused_request_may_be_repeated_with_its_key(
    client: httpx.AsyncClient, container: ServiceContainer, ann: Signed
) -> None:
    headers = {**ann.headers, **key()}
    problem(await client.post(BUY, json={"program": "later"}, headers=headers), 409, "purchase-not-on-sale")
    assert await count(container, "idempotency") == 1  # her registration's own
    assert (await client.post(BUY, json=ORDER, headers=headers)).status_code == 201


async def test_an_order_cut_off_before_the_providers_page_goes_on_with_the_same_key(
    client: httpx.AsyncClient, container: ServiceContainer, ann: Signed
) -> None:
    till = container.checkouts()
    assert isinstance(till, Till)
    headers = {**ann.headers, **key()}
    till.down = True
    refused = await client.post(BUY, json=ORDER, headers=headers)
    problem(refused, 503, "service-unavailable")
    assert refused.headers["retry-after"]
    till.down = False
    first = await client.post(BUY, json=ORDER, headers=headers)
    assert first.json()["checkout"]
    assert (await client.post(BUY, json=ORDER, headers=headers)).content == first.content
    assert await count(container, "purchases") == 1


@pytest.mark.parametrize("bad", ["", " ", "a b", "x" * 201, "x" * 5_000, "schlüssel", "a\x7f"])
async def test_a_bad_key_is_refused(
    client: httpx.AsyncClient, container: ServiceContainer, ann: Signed, bad: str
) -> None:
    token = ann.headers["Authorization"].encode()
    headers = [(b"Authorization", token), (b"Idempotency-Key", bad.encode())]
    problem(await client.post(BUY, json=ORDER, headers=headers), 400, "invalid-idempotency-key")
    assert await count(container, "purchases") == 0


async def test_buying_needs_a_key(client: httpx.AsyncClient, container: ServiceContainer, ann: Signed) -> None:
    problem(await client.post(BUY, json=ORDER, headers=ann.headers), 400, "idempotency-key-required")
    assert await count(container, "purchases") == 0


@pytest.mark.parametrize(
    "id_", ["7", "%00", "x" * 4_000, "{01890000-0000-7000-8000-000000000000}", "\u0660" * 32, "0" * 32]
)
async def test_an_id_that_is_none_is_not_there(client: httpx.AsyncClient, ann: Signed, id_: str) -> None:
    problem(await client.get(f"/v1/challenges/{id_}", headers=ann.headers), 404, "not-found")


@pytest.mark.parametrize("what", ["reset", "activation"])
async def test_nothing_is_sold_on_an_account_that_is_not_theirs(
    client: httpx.AsyncClient, container: ServiceContainer, ann: Signed, what: str
) -> None:
    path = f"/v1/accounts/01890000-0000-7000-8000-000000000000/{what}"
    problem(await client.post(path, headers={**ann.headers, **key()}), 404, "not-found")
    problem(await client.post(path, headers={**ann.headers, **key()}, content=b"{}"), 422, "validation")
    assert await count(container, "purchases") == 0
