"""The sandbox's page and its hook, as a browser and the provider reach them."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from msgspec.structs import replace
from sqlalchemy import text

from propfirm.adapters.sandbox.checkouts import payment_of
from propfirm.adapters.sandbox.courier import SIGNATURE_HEADER, SandboxCourier
from propfirm.application.ports.payments import CheckoutPaid
from propfirm.application.ports.work import Listing
from propfirm.domain.catalogue.document import fingerprint
from propfirm.domain.evaluation.facts import Edition
from propfirm.domain.ids import PersonId, RefundId
from propfirm.domain.money import Cents
from propfirm.entrypoints.http.sandbox import SIGNATURE, sandbox
from propfirm.entrypoints.service_container import ServiceContainer
from tests.integration.firm import join, program
from tests.integration.http.conftest import Signed, key, registered
from tests.integration.http.problems import problem
from tests.integration.postgres.test_stores import person

pytestmark = pytest.mark.anyio
NOBODYS = "/sandbox/checkout/01890000-0000-7000-8000-000000000000"


@pytest.fixture
async def container(container: ServiceContainer) -> ServiceContainer:
    container.checkouts.reset_last_overriding()
    return container


@pytest.fixture
async def ann(client: httpx.AsyncClient, container: ServiceContainer) -> Signed:
    """A trader, in a firm whose checkout is the sandbox."""
    sold = program()
    listing = Listing(Edition(sold, fingerprint(sold)), "published", Cents(123_456), datetime.now(UTC))
    async with container.work().begin() as tx:
        await tx.programs.put(listing)
    return await registered(client)


async def ordered(client: httpx.AsyncClient, ann: Signed) -> tuple[str, str]:
    """Where the purchase is seen, and where it is paid."""
    body = {"program": "funded-50k"}
    answer = await client.post("/v1/challenges/purchase", json=body, headers={**ann.headers, **key()})
    assert answer.status_code == 201, answer.text
    return answer.headers["location"], urlsplit(answer.json()["checkout"]).path


async def carried(client: httpx.AsyncClient, container: ServiceContainer) -> None:
    async def post(body: bytes, signature: str) -> bool:
        headers = {"Content-Type": "application/json", SIGNATURE: signature}
        return (await client.post("/hooks/sandbox", content=body, headers=headers)).status_code == 204

    await SandboxCourier(container.engine(), container.sandbox_secret(), post)()


def test_both_ends_speak_of_one_header() -> None:
    assert SIGNATURE == SIGNATURE_HEADER


async def test_a_purchase_is_paid_on_the_page_and_heard_of_at_the_hook(
    client: httpx.AsyncClient, container: ServiceContainer, ann: Signed
) -> None:
    seen, page = await ordered(client, ann)
    assert await back(client, ann, seen) == []
    shown = await client.get(page)
    assert shown.headers["content-type"].startswith("text/html")
    assert "1,234.56 USD" in shown.text
    pressed = await client.post(page, data={"button": "pay"})
    assert (pressed.status_code, pressed.headers["location"]) == (303, page)
    assert 'value="decline"' not in (await client.get(page)).text
    await carried(client, container)
    assert (await client.get(seen, headers=ann.headers)).json()["state"] == "paid"
    assert await back(client, ann, seen) == [None]
    problem(await client.post(page, data={"button": "pay"}), 409, "sandbox-checkout-closed")


async def test_a_declined_card_is_told_on_the_page_and_to_the_firm(
    client: httpx.AsyncClient, container: ServiceContainer, ann: Signed
) -> None:
    seen, page = await ordered(client, ann)
    await client.post(page, data={"button": "decline"})
    await carried(client, container)
    told = (await client.get(seen, headers=ann.headers)).json()
    assert (told["state"], told["reason"]) == ("declined", "card_declined")
    assert "card_declined" in (await client.get(page)).text


async def test_the_page_loads_nothing_from_anywhere(client: httpx.AsyncClient, ann: Signed) -> None:
    _, page = await ordered(client, ann)
    shown = await client.get(page)
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert "://" not in shown.text


@pytest.mark.parametrize("body", [b"", b"button=", b"button=steal", b"\xff\xfe", b"button=" + b"x" * 5_000])
async def test_what_is_no_button_of_the_page_does_nothing(client: httpx.AsyncClient, ann: Signed, body: bytes) -> None:
    _, page = await ordered(client, ann)
    answer = await client.post(page, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    problem(answer, 422, "validation")
    assert "<form" in (await client.get(page)).text


async def test_there_is_no_page_for_an_order_that_never_was(client: httpx.AsyncClient, ann: Signed) -> None:
    problem(await client.get(NOBODYS), 404, "not-found")
    problem(await client.post(NOBODYS, data={"button": "pay"}), 404, "not-found")


@pytest.mark.parametrize("signature", [None, b"", b"t=1,v1=0", b"t=1,v1=" + b"0" * 64, b"\xe9"])
async def test_a_forged_message_is_refused(client: httpx.AsyncClient, ann: Signed, signature: bytes | None) -> None:
    headers = {} if signature is None else {SIGNATURE.encode(): signature}
    content = b'{"id":"evt_%s"}' % uuid4().hex.encode()
    problem(await client.post("/hooks/sandbox", content=content, headers=headers), 400, "hook-signature-invalid")


async def test_the_bank_is_told_how_to_treat_a_trader(client: httpx.AsyncClient, ann: Signed) -> None:
    page = f"/sandbox/bank/{ann.id}"
    assert "Pays</p>" in (await client.get(page)).text
    assert (await client.post(page, data={"button": "refuse"})).status_code == 303
    assert "Refuses</p>" in (await client.get(page)).text
    problem(await client.post(page, data={"button": "rob"}), 422, "validation")


async def test_a_payment_that_comes_twice_goes_back_and_the_page_and_the_staff_see_it(
    client: httpx.AsyncClient, container: ServiceContainer, ann: Signed
) -> None:
    boss = replace(person("boss@example.com"), role="admin")
    async with container.work().begin() as tx:
        await join(tx, boss)
    staff = {"Authorization": f"Bearer {container.tokens().issue(PersonId(boss.id), 'admin')[0]}"}
    seen, page = await ordered(client, ann)
    await client.post(page, data={"button": "twice"})
    assert (await client.post(f"{page}/refunds", data={"button": "refuse"})).status_code == 303
    assert "How a refund ends: Refused" in (await client.get(page)).text
    await carried(client, container)
    (owed,) = (await client.get("/v1/admin/refunds?state=owed", headers=staff)).json()["items"]
    assert await back(client, ann, seen) == [None, ("owed", "paid_again", 123_456, "USD")]
    assert (owed["purchase"], owed["cause"], owed["amount_minor"]) == (seen.split("/")[-1], "paid_again", 123_456)
    await container.refund_payment()(RefundId(UUID(owed["id"])), 1)
    (refused,) = (await client.get("/v1/admin/refunds?state=refused", headers=staff)).json()["items"]
    assert refused["refusal"] == "card_closed"
    assert await back(client, ann, seen) == [None, ("refused", "paid_again", 123_456, "USD")]
    figures = (await client.get("/v1/admin/dashboard", headers=staff)).json()
    assert (figures["refunds_stuck"], figures["owed_back_minor"]) == (1, 123_456)
    retry = f"/v1/admin/refunds/{owed['id']}/retry"
    problem(await client.post(retry, headers={**ann.headers, **key()}), 403, "role-forbidden")
    again = (await client.post(retry, headers={**staff, **key()})).json()
    assert (again["state"], again["attempt"]) == ("owed", 2)
    problem(await client.post(retry, headers={**staff, **key()}), 409, "refund-wrong-state")
    await client.post(f"{page}/refunds", data={"button": "pay"})
    await container.refund_payment()(RefundId(UUID(owed["id"])), 2)
    assert "Paid 2 times; refunded: 1." in (await client.get(page)).text
    figures = (await client.get("/v1/admin/dashboard", headers=staff)).json()
    assert (figures["refunds_stuck"], figures["owed_back_minor"], figures["taken_minor"]) == (0, 0, 123_456)
    assert (await client.get(seen, headers=ann.headers)).json()["state"] == "paid"
    assert await back(client, ann, seen) == [None, ("returned", "paid_again", 123_456, "USD")]


async def back(client: httpx.AsyncClient, ann: Signed, seen: str) -> list[tuple[object, ...] | None]:
    """What became of each payment of the order, as its buyer sees it."""
    payments = (await client.get(seen, headers=ann.headers)).json()["payments"]
    assert all(one["payment"] and one["paid_at"] for one in payments)
    return [
        None
        if (refund := one["refund"]) is None
        else (refund["state"], refund["cause"], refund["amount_minor"], refund["currency"])
        for one in payments
    ]


async def test_a_payment_of_another_amount_is_shown_as_going_back_with_its_reason(
    client: httpx.AsyncClient, container: ServiceContainer, ann: Signed
) -> None:
    seen, page = await ordered(client, ann)
    await client.post(page, data={"button": "pay"})
    async with container.engine().begin() as connection:
        await connection.execute(text("update sandbox_charges set amount_cents = 1"))
        await connection.execute(text("delete from sandbox_messages"))
        found = (await connection.execute(text("select * from sandbox_charges"))).mappings().one()
    await container.settle_purchase()(found["purchase_id"], CheckoutPaid(payment_of(found).receipt()), None)
    shown = (await client.get(seen, headers=ann.headers)).json()
    assert (shown["state"], shown["reason"]) == ("refunding", "amount_mismatched")
    assert [(one["amount_minor"], one["currency"]) for one in shown["payments"]] == [(1, "USD")]
    assert await back(client, ann, seen) == [("owed", "amount_mismatched", 1, "USD")]
    async with container.work().begin() as tx:
        (owed,) = await tx.refunds.on_the_way()
    await container.refund_payment()(owed.debt.id, 1)
    shown = (await client.get(seen, headers=ann.headers)).json()
    assert (shown["state"], shown["reason"]) == ("refunded", "amount_mismatched")
    assert "Refunded: nothing was given" in (await client.get(page)).text


async def test_production_has_no_sandbox(container: ServiceContainer) -> None:
    made = sandbox(container.checkouts, container.bank, container.receive_notice, "production")
    assert made.routes == []
