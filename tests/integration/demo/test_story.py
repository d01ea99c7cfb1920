"""What a stranger meets at the demo, from registering to being paid: over HTTP, with the clock in the test's hand."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from propfirm.domain.money import from_cents, show
from tests.integration.demo.started import Found, Started, Visitor, started
from tests.integration.http.conftest import key
from tests.integration.http.problems import problem

pytestmark = pytest.mark.anyio
BUY: Final = "/v1/challenges/purchase"
ASK: Final = "/v1/payouts/request"
STARTER: Final = "starter-50k"
WITH_RESET: Final = "propfirm-1step-50k"
RULES_OF_A_STARTER: Final = (
    "max_loss",
    "daily_loss",
    "position",
    "overnight",
    "closed_time",
    "target",
    "flat",
    "min_trading_days",
)

OF_THE_DAY: Final = {"daily_loss", "overnight", "closed_time"}
BOOKED: Final = """
select string_agg(business, ', ' order by business) from ledger_transfers where reference like :payout
"""


AT_THE_BANK: Final = """
select sum(amount_cents) from sandbox_payments where outcome = 'paid' and payout_id = cast(:payout as uuid)
"""
PAID_OUT: Final = "select sum(amount_cents) from sandbox_payments where outcome = 'paid'"


async def test_from_registering_to_the_money_at_the_bank(database: str, tmp_path: Path) -> None:
    async with started(database, tmp_path) as firm:
        ann = await firm.registered("ann")
        _, admin, _ = await firm.staff()
        account = await _bought_once(firm, ann)
        await firm.forward(timedelta(days=1))
        await _every_rule_is_shown(ann, account)

        await firm.days_pass(_is(ann, account, "funded"), most=6)
        await _proven(firm, ann, account, run=1, findings={"passed"})
        await firm.days_pass(lambda: _quotable(ann, account), most=4)
        await _refused_with_everything_that_is_missing(ann, account)

        await firm.days_pass(lambda: _eligible(ann, account), most=10)
        await _rejected_with_a_rule(firm, ann, admin, account)
        await firm.days_pass(lambda: _eligible(ann, account), most=10)
        paid = await _paid(firm, ann, admin, account)
        await _the_days_add_up(firm, ann, account, paid)

        told = "\n".join(firm.board.told)
        assert "ann: passed" in told
        assert "victor: run 1 failed: daily loss limit" in told
        assert "nadia: run 1 failed: maximum loss" in told
        assert await firm.verified() == []


async def test_a_breach_is_proven_appealed_and_bought_anew(database: str, tmp_path: Path) -> None:
    async with started(database, tmp_path) as firm:
        bob = await firm.registered("bob")
        support, admin, second = await firm.staff()
        account = await _bought(firm, bob, WITH_RESET, "victor")
        await firm.days_pass(_is(bob, account, "failed"), most=5)

        hits = (await bob.get(f"/v1/accounts/{account}/violations"))["items"]
        (hit,) = [one for one in hits if one["decided"] and one["outcome"] == "fail"]
        assert (hit["rule"], Decimal(hit["actual"]) <= Decimal(hit["limit"])) == ("max_loss", True)
        await _proven(firm, bob, account, run=1, findings={"hit"})
        await _looked_after(firm, bob, support, account)
        await _appealed(firm, bob, admin, second, account)

        order = await bob.done(f"/v1/accounts/{account}/reset", status=201)
        assert (order["goods"], order["price_minor"]) == ("reset", 229_00)
        await firm.pressed(order["checkout"], "pay")
        assert await firm.delivered(bob, order) == account
        anew = await bob.get(f"/v1/accounts/{account}/progress")
        assert (anew["run"], anew["state"], anew["equity"]) == (2, "evaluating", "50000.00")
        problem(await bob.post(f"/v1/accounts/{account}/reset"), 409, "evaluation-not-in-this-state")
        assert await firm.verified() == []


async def test_however_the_checkout_ends_what_was_paid_is_given_once(database: str, tmp_path: Path) -> None:
    async with started(database, tmp_path) as firm:
        cleo = await firm.registered("cleo")
        orders: dict[str, Found] = {}
        for button in ("delay", "lose", "double", "decline", "leave"):
            orders[button] = order = await cleo.done(BUY, {"program": STARTER}, 201)
            await firm.pressed(order["checkout"], button)
        for button, state in (("decline", "declined"), ("leave", "lapsed")):
            await firm.until(_is_bought(cleo, orders[button], state))
        await firm.pressed(orders["decline"]["checkout"], "pay")
        firm.wall.forward(timedelta(hours=1))  # the firm looks for itself after a quiet minute
        given = {await firm.delivered(cleo, orders[button]) for button in ("delay", "lose", "double", "decline")}
        assert len(given) == 4
        assert {one["id"] for one in (await cleo.get("/v1/accounts"))["items"]} == given
        paid = "select count(*) from ledger_transfers where business = 'purchase_paid' and reference = any(:orders)"
        assert await firm.scalar(paid, orders=[one["id"] for one in orders.values()]) == 4
        assert await firm.verified() == []


# ------------------------------------------------------------------------------ buying


async def _bought_once(firm: Started, buyer: Visitor) -> str:
    """Asked for twice with one key, and paid for on the provider's page."""
    sold = {one["program"]: one["price_minor"] for one in await buyer.get("/v1/programs")}
    once = key()
    order, again = [await buyer.post(BUY, {"program": STARTER}, **once) for _ in range(2)]
    assert (order.status_code, again.content) == (201, order.content)
    bought: Found = order.json()
    assert bought["price_minor"] == sold[STARTER]
    await firm.pressed(bought["checkout"], "pay")
    account = await firm.delivered(buyer, bought)
    firm.trades(account, "grace")
    return account


async def _bought(firm: Started, buyer: Visitor, program: str, trader: str | None) -> str:
    order = await buyer.done(BUY, {"program": program}, 201)
    await firm.pressed(order["checkout"], "pay")
    account = await firm.delivered(buyer, order)
    if trader is not None:
        firm.trades(account, trader)
    return account


# ------------------------------------------------------------------------------ trading


async def _every_rule_is_shown(trader: Visitor, account: str) -> None:
    seen = await trader.get(f"/v1/accounts/{account}/progress")
    rules = {one["rule"]: one for one in seen["rules"]}
    assert tuple(rules) == RULES_OF_A_STARTER
    assert {name for name, one in rules.items() if one["resets_in_s"] is not None} == OF_THE_DAY
    for one in (rules["max_loss"], rules["daily_loss"]):
        assert one["actual"] == seen["equity"]
        assert Decimal(one["left"]) == Decimal(one["actual"]) - Decimal(one["limit"])
    assert (seen["begun"], seen["trading_days"]) == (True, 1)
    trades = (await trader.get(f"/v1/accounts/{account}/trades"))["items"]
    assert trades
    assert Decimal(seen["equity"]) == 50_000 + sum(Decimal(one["profit"]) for one in trades)


async def _proven(firm: Started, trader: Visitor, account: str, *, run: int, findings: set[str]) -> None:
    """The bundle is judged again by the command line, which knows nothing of the firm but its public key."""
    content = (await trader.ask(f"/v1/accounts/{account}/proof?run={run}")).content
    bundle = firm.state / f"{account}-{run}.proof.json"
    bundle.write_bytes(content)
    told = {one["kind"] for one in (await trader.get(f"/v1/accounts/{account}/activities?limit=200"))["items"]}
    assert findings <= told
    public = firm.state / "secrets" / "signing-key.pem.pub"
    command = (sys.executable, "-m", "propfirm", "verify-proof", str(bundle), "--key", str(public))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
    output, _ = await process.communicate()
    lines = output.decode().splitlines()
    assert (process.returncode, lines[0]) == (0, "the proof holds"), lines
    assert [line.partition(":")[0] for line in lines[1:6]] == ["of", "verdict", "same", "complete", "authentic"], lines


async def _looked_after(firm: Started, trader: Visitor, support: Visitor, account: str) -> None:
    """What the staff sees of a failed account, and writes down."""
    dashboard = await support.get("/v1/admin/dashboard")
    assert dashboard["accounts"]["failed"] >= 1
    assert dashboard["taken_minor"] == await firm.scalar(
        "select -sum(amount_cents) from ledger_entries where kind = 'challenge_income'"
    )
    listed = (await support.get(f"/v1/admin/accounts?user={trader.id}"))["items"]
    assert [(one["email"], one["account"]["id"]) for one in listed] == [("bob@example.com", account)]
    for path in (f"/v1/admin/accounts/{account}/notes", f"/v1/admin/users/{trader.id}/notes"):
        await support.done(path, {"text": "Called, and asked how it could happen."}, 201)
        (note,) = (await support.get(path))["items"]
        assert (note["author"], note["text"]) == (support.id, "Called, and asked how it could happen.")
    problem(await support.post(f"/v1/accounts/{account}/reset"), 403, "role-forbidden")


async def _appealed(firm: Started, trader: Visitor, admin: Visitor, second: Visitor, account: str) -> None:
    """Proposed by one, confirmed by another: the verdict stands."""
    statement = {"statement": "The price was never there."}
    appeal = await trader.done(f"/v1/accounts/{account}/appeals", statement, 201)
    problem(await trader.post(f"/v1/accounts/{account}/reset"), 409, "account-appeal-open")
    (waiting,) = (await admin.get("/v1/admin/appeals"))["items"]
    assert waiting["id"] == appeal["id"]
    path = f"/v1/admin/appeals/{appeal['id']}"
    proposal = {"decision": "uphold", "reason": "The evidence says the same when it is run again."}
    assert (await admin.done(f"{path}/propose", proposal))["state"] == "underreview"
    problem(await admin.post(f"{path}/confirm"), 403, "evaluation-four-eyes")
    assert (await second.done(f"{path}/confirm"))["state"] == "upheld"
    (decided,) = await trader.get(f"/v1/accounts/{account}/appeals")
    assert (decided["decision"], decided["reason"]) == ("uphold", proposal["reason"])


# ------------------------------------------------------------------------------ money out


async def _refused_with_everything_that_is_missing(trader: Visitor, account: str) -> None:
    quote = await trader.get(f"/v1/accounts/{account}/payout-quote")
    assert not quote["eligible"]
    assert [one["condition"] for one in quote["unmet"]] == ["trading_days", "profit", "min_amount"]
    assert [one["way"] for one in quote["unmet"]] == [
        "Trade on 5 more days.",
        "Earn 0.01 more.",
        "Earn 50.00 more.",
    ]
    asked = await trader.post(ASK, {"account": account, "amount_minor": 100_00})
    refusal = problem(asked, 409, "payout-not-eligible")
    assert [one["condition"] for one in refusal["unmet"]] == ["trading_days", "profit", "min_amount", "asked_too_much"]
    assert (await trader.get("/v1/payouts"))["items"] == []


async def _rejected_with_a_rule(firm: Started, trader: Visitor, admin: Visitor, account: str) -> None:
    quote = await trader.get(f"/v1/accounts/{account}/payout-quote")
    body = {"account": account, "amount_minor": quote["available_minor"]}
    payout = await trader.done(ASK, body, 201)
    again = problem(await trader.post(ASK, body), 409, "payout-not-eligible")
    assert [one["condition"] for one in again["unmet"]] == ["pending_request"]
    path = f"/v1/admin/payouts/{payout['id']}/reject"
    problem(await admin.post(path, {"rule": "the weather", "reason": "It rains."}), 422, "payout-unknown-rule")
    rejected = await admin.done(path, {"rule": "review", "reason": "We look at Tuesday first."})
    assert (rejected["state"], rejected["rule"]) == ("rejected", "review")
    seen = await trader.get(f"/v1/payouts/{payout['id']}")
    assert (seen["rule"], seen["reason"]) == ("review", "We look at Tuesday first.")
    assert await firm.scalar(BOOKED, payout=payout["id"] + "%") is None


async def _the_days_add_up(firm: Started, trader: Visitor, account: str, paid: Decimal) -> None:
    """Each begins where the one before ended, and the payout is in one of them."""

    async def days() -> list[Found]:
        found = (await trader.get(f"/v1/accounts/{account}/days?limit=200"))["items"]
        return [one for one in reversed(found) if one["run"] == found[0]["run"]]

    async def withdrawn() -> bool:
        return any(Decimal(one["withdrawn"]) for one in await days())

    await firm.days_pass(withdrawn, most=5)
    told = await days()
    assert [one["start_balance"] for one in told[1:]] == [one["end_balance"] for one in told[:-1]]
    assert sum(Decimal(one["withdrawn"]) for one in told) == paid


async def _paid(firm: Started, trader: Visitor, admin: Visitor, account: str) -> Decimal:
    """Asked for again, approved by a person, paid by the bank: and the books, the platform and the dashboard agree.
    Gives what left the account."""
    quote = await trader.get(f"/v1/accounts/{account}/payout-quote")
    body = {"account": account, "amount_minor": quote["available_minor"]}
    payout = await trader.done(ASK, body, 201)
    assert payout["trader_minor"] == quote["trader_minor"]
    await admin.done(f"/v1/admin/payouts/{payout['id']}/approve")

    async def sent() -> bool:
        return bool((await trader.get(f"/v1/payouts/{payout['id']}"))["state"] == "sent")

    await firm.until(sent)
    assert (await trader.get(f"/v1/payouts/{payout['id']}"))["disbursement"]
    booked = await firm.scalar(BOOKED, payout=payout["id"] + "%")
    assert booked == "payout_approved, payout_confirmed, payout_sent"
    told = (await trader.get(f"/v1/accounts/{account}/activities?limit=200"))["items"]
    texts = [one["text"] for one in reversed(told) if one["kind"].startswith("payout_")]
    gross, share = (show(from_cents(payout[name])) for name in ("amount_minor", "trader_minor"))
    assert texts == [
        f"a payout of {gross} was requested: {share} for the trader",
        f"the payout of {gross} was rejected (review): We look at Tuesday first.",
        f"a payout of {gross} was requested: {share} for the trader",
        f"the payout of {gross} was approved: {share} is owed",
        f"{share} is on its way to the bank",
        f"{share} was paid by the bank",
    ]
    assert await firm.scalar(AT_THE_BANK, payout=payout["id"]) == payout["trader_minor"]

    async def agreed() -> bool:  # the demo's own traders are paid in the meantime
        dashboard = await admin.get("/v1/admin/dashboard")
        return bool(dashboard["paid_out_minor"] == await firm.scalar(PAID_OUT))

    await firm.until(agreed)
    await firm.forward(timedelta(hours=1))
    left = (await trader.get(f"/v1/accounts/{account}/progress"))["balance"]
    assert left == quote["after"]["balance"]
    return Decimal(payout["amount_minor"]) / 100


# ------------------------------------------------------------------------------ what is waited for


def _is(visitor: Visitor, account: str, *states: str) -> Callable[[], Awaitable[bool]]:
    async def found() -> bool:
        return (await visitor.get(f"/v1/accounts/{account}"))["state"] in states

    return found


def _is_bought(visitor: Visitor, order: Found, state: str) -> Callable[[], Awaitable[bool]]:
    async def found() -> bool:
        return bool((await visitor.get(f"/v1/challenges/{order['id']}"))["state"] == state)

    return found


async def _quotable(trader: Visitor, account: str) -> bool:
    return (await trader.ask(f"/v1/accounts/{account}/payout-quote")).status_code == 200


async def _eligible(trader: Visitor, account: str) -> bool:
    return bool((await trader.get(f"/v1/accounts/{account}/payout-quote"))["eligible"])
