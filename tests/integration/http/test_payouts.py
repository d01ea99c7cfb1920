"""Money out, as clients ask for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest
from dependency_injector.providers import Object
from sqlalchemy import text

from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.domain.identity.actors import Trader
from propfirm.domain.ids import PayoutId, PersonId
from propfirm.entrypoints.service_container import ServiceContainer
from tests.integration.firm import Firm, HandClock
from tests.integration.http.conftest import Signed, key, promote, registered, signed_in
from tests.integration.http.problems import problem

pytestmark = pytest.mark.anyio
ASK = "/v1/payouts/request"
NOBODYS = "01890000-0000-7000-8000-000000000000"


class Office:
    """A funded trader with 3,000 dollars of profit, an admin, and their clients."""

    def __init__(self, client: httpx.AsyncClient, firm: Firm, ann: Signed, boss: Signed) -> None:
        self.client, self.firm, self.ann, self.boss = client, firm, ann, boss

    async def ask(self, dollars: int, **headers: str) -> httpx.Response:
        body = {"account": str(self.firm.account), "amount_minor": dollars * 100}
        return await self.client.post(ASK, json=body, headers={**self.ann.headers, **key(), **headers})

    async def decide(self, payout: dict[str, Any], what: str, body: dict[str, str] | None = None) -> httpx.Response:
        path = f"/v1/admin/payouts/{payout['id']}/{what}"
        return await self.client.post(path, json=body, headers={**self.boss.headers, **key()})


@pytest.fixture
async def office(client: httpx.AsyncClient, container: ServiceContainer) -> Office:
    clock = HandClock()
    container.clock.override(Object(clock))
    ann, boss = await registered(client), await registered(client, "boss@example.com")
    await promote(container.work(), "boss@example.com", "admin")
    boss = await signed_in(client, "boss@example.com")
    firm = Firm(container.work(), SandboxBank(container.engine(), clock), clock)
    firm.ann = Trader(PersonId(UUID(ann.id)))
    await firm.fund(known=True)
    await firm.earn(60)
    return Office(client, firm, ann, boss)


async def test_a_payout_is_quoted_asked_for_approved_and_seen_to_be_sent(office: Office) -> None:
    client, ann = office.client, office.ann
    path = f"/v1/accounts/{office.firm.account}/payout-quote"
    quote = (await client.get(path, headers=ann.headers)).json()
    assert (quote["eligible"], quote["unmet"]) == (True, [])
    asked = await office.ask(1_000)
    assert asked.status_code == 201, asked.text
    payout = asked.json()
    assert (payout["state"], payout["amount_minor"], payout["trader_minor"]) == ("requested", 100_000, 90_000)
    approved = await office.decide(payout, "approve")
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    statement = text("select channel, shell, details from audit where act = 'payout_approved'")
    async with office.firm.bank.engine.connect() as connection:
        amounts = {"gross_cents": "100000", "trader_cents": "90000"}
        assert (await connection.execute(statement)).all() == [("http", None, amounts)]
    await office.firm.send(PayoutId(UUID(payout["id"])), 1)
    seen = (await client.get(asked.headers["location"], headers=ann.headers)).json()
    assert seen["state"] == "sent"
    listed = (await client.get("/v1/payouts", headers=ann.headers)).json()
    assert listed["items"] == [seen]


async def test_a_request_that_is_refused_tells_every_condition_and_the_way(office: Office) -> None:
    told = problem(await office.ask(5_000), 409, "payout-not-eligible")
    path = f"/v1/accounts/{office.firm.account}/payout-quote?amount_minor=500000"
    quote = (await office.client.get(path, headers=office.ann.headers)).json()
    assert [one["condition"] for one in told["unmet"]] == ["asked_too_much", "would_breach"]
    assert (told["unmet"], told["available_minor"]) == (quote["unmet"], quote["available_minor"])
    assert "Ask for" in told["unmet"][0]["way"]
    assert "Ask for" in told["detail"]


async def test_the_same_key_asks_once(office: Office) -> None:
    same = key()
    first, second = await office.ask(1_000, **same), await office.ask(1_000, **same)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content


@pytest.mark.parametrize("amount", [0, -1, 10**15, 2**63, "100", 1.5, True, None])
async def test_an_amount_that_is_none_is_refused(office: Office, amount: object) -> None:
    body = {"account": str(office.firm.account), "amount_minor": amount}
    answer = await office.client.post(ASK, json=body, headers={**office.ann.headers, **key()})
    assert answer.status_code == 422, answer.text


async def test_a_rejection_names_a_rule_and_says_why(office: Office) -> None:
    payout = (await office.ask(1_000)).json()
    refused = await office.decide(payout, "reject", {"rule": "moon", "reason": "x"})
    known = problem(refused, 422, "payout-unknown-rule")["known"]
    progress = await office.client.get(f"/v1/accounts/{office.firm.account}/progress", headers=office.ann.headers)
    assert {one["rule"] for one in progress.json()["rules"]} | {"schedule", "review"} <= set(known)
    problem(await office.decide(payout, "reject", {"rule": "news", "reason": " "}), 422, "payout-reason-missing")
    rejected = (await office.decide(payout, "reject", {"rule": "news", "reason": "A release"})).json()
    assert (rejected["state"], rejected["rule"], rejected["reason"]) == ("rejected", "news", "A release")
    problem(await office.decide(payout, "approve"), 409, "payout-wrong-state")


async def test_a_payout_is_cancelled_by_its_trader_alone(office: Office) -> None:
    payout = (await office.ask(1_000)).json()
    path = f"/v1/payouts/{payout['id']}/cancel"
    bob = await registered(office.client, "bob@example.com")
    problem(await office.client.post(path, headers={**bob.headers, **key()}), 404, "not-found")
    cancelled = await office.client.post(path, headers={**office.ann.headers, **key()})
    assert cancelled.json()["state"] == "cancelled"


async def test_what_is_anothers_is_not_there(office: Office) -> None:
    payout = (await office.ask(1_000)).json()
    bob = await registered(office.client, "bob@example.com")
    for path in (
        f"/v1/payouts/{payout['id']}",
        f"/v1/payouts/{NOBODYS}",
        f"/v1/accounts/{office.firm.account}/payout-quote",
        f"/v1/accounts/{NOBODYS}/payout-quote",
    ):
        problem(await office.client.get(path, headers=bob.headers), 404, "not-found")
    body = {"account": str(office.firm.account), "amount_minor": 100_000}
    problem(await office.client.post(ASK, json=body, headers={**bob.headers, **key()}), 404, "not-found")
    assert (await office.client.get("/v1/payouts", headers=bob.headers)).json()["items"] == []


async def test_only_an_admin_decides_and_only_staff_sees_all(office: Office) -> None:
    payout = (await office.ask(1_000)).json()
    for what in ("approve", "reject", "resend"):
        path = f"/v1/admin/payouts/{payout['id']}/{what}"
        problem(await office.client.post(path, headers={**office.ann.headers, **key()}), 403, "role-forbidden")
    problem(await office.client.get("/v1/admin/payouts", headers=office.ann.headers), 403, "role-forbidden")
    listed = await office.client.get("/v1/admin/payouts?state=requested", headers=office.boss.headers)
    assert [one["id"] for one in listed.json()["items"]] == [payout["id"]]


async def test_a_decision_without_a_key_is_refused(office: Office) -> None:
    payout = (await office.ask(1_000)).json()
    path = f"/v1/admin/payouts/{payout['id']}/approve"
    problem(await office.client.post(path, headers=office.boss.headers), 400, "idempotency-key-required")


async def test_a_list_goes_on_where_its_page_ended(office: Office) -> None:
    for _ in range(3):
        payout = (await office.ask(500)).json()
        await office.decide(payout, "reject", {"rule": "news", "reason": "A release"})
    first = (await office.client.get("/v1/payouts?limit=2", headers=office.ann.headers)).json()
    rest = await office.client.get(f"/v1/payouts?limit=2&cursor={first['next']}", headers=office.ann.headers)
    ids = [one["id"] for one in (*first["items"], *rest.json()["items"])]
    assert (len(ids), len(set(ids)), rest.json()["next"]) == (3, 3, None)
    problem(
        await office.client.get(f"/v1/admin/payouts?cursor={first['next']}", headers=office.boss.headers),
        400,
        "invalid-cursor",
    )


async def test_nobody_goes_on_with_a_list_of_somebody_else(office: Office) -> None:
    client = office.client
    for _ in range(2):
        await office.decide((await office.ask(500)).json(), "reject", {"rule": "news", "reason": "A release"})
    other = await registered(client, "other@example.com")
    await promote(office.firm.work, "other@example.com", "support")
    other = await signed_in(client, "other@example.com")
    begun = (await client.get("/v1/admin/payouts?limit=1", headers=office.boss.headers)).json()
    path = f"/v1/admin/payouts?limit=1&cursor={begun['next']}"
    problem(await client.get(path, headers=other.headers), 400, "invalid-cursor")
    problem(await client.get(f"{path}&state=rejected", headers=office.boss.headers), 400, "invalid-cursor")
    assert (await client.get(path, headers=office.boss.headers)).json()["next"] is None


async def test_the_staff_sees_what_was_booked_of_a_payout_and_that_the_books_balance(office: Office) -> None:
    client, staff = office.client, office.boss.headers
    payout = (await office.ask(1_000)).json()
    await office.decide(payout, "approve")
    await office.firm.send(PayoutId(UUID(payout["id"])), 1)
    listed = (await client.get(f"/v1/admin/ledger?about={payout['id']}", headers=staff)).json()["items"]
    booked = {one["business"]: one for one in listed}
    assert booked.keys() == {"payout_confirmed", "payout_sent", "payout_approved"}
    payable = f"trader_payable:{office.ann.id}"
    assert booked["payout_approved"]["entries"] == [
        {"account": "payout_expense", "amount_minor": 90_000},
        {"account": payable, "amount_minor": -90_000},
    ]
    assert all(sum(entry["amount_minor"] for entry in one["entries"]) == 0 for one in listed)
    held = (await client.get("/v1/admin/ledger/balances", headers=staff)).json()
    balances = {one["account"]: one["balance_minor"] for one in held}
    assert (balances[payable], balances["in_transit"], balances["bank"]) == (0, 0, -90_000)
    assert sum(balances.values()) == 0
    assert {one["currency"] for one in held} == {"USD"}
    everything = (await client.get("/v1/admin/ledger?limit=2", headers=staff)).json()
    rest = (await client.get(f"/v1/admin/ledger?limit=2&cursor={everything['next']}", headers=staff)).json()
    told = [one["business"] for one in (*everything["items"], *rest["items"])]
    assert sorted(told) == ["payout_approved", "payout_confirmed", "payout_sent", "purchase_paid"]
    assert rest["next"] is None
    problem(await client.get("/v1/admin/ledger", headers=office.ann.headers), 403, "role-forbidden")
