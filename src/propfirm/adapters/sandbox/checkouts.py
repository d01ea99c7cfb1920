"""The provider's checkout: pages that remember, and the messages that it owes for what happens on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, assert_never
from uuid import uuid4

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from propfirm.adapters.sandbox.messages import PROVIDER, Message, Payment
from propfirm.application.ports.clock import Clock
from propfirm.application.ports.payments import (
    CheckoutDeclined,
    CheckoutNews,
    CheckoutOpen,
    CheckoutOver,
    CheckoutPaid,
)
from propfirm.application.ports.sandbox import Button, CheckoutClosed, CheckoutView, Mood
from propfirm.domain.errors import NotFound
from propfirm.domain.ids import PurchaseId
from propfirm.domain.money import Cents
from propfirm.domain.purchases.purchase import Order

OPEN_FOR: Final = timedelta(hours=24)
DELAY_S: Final = 10
REASON: Final = "card_declined"

_OPEN: Final = text("""
insert into sandbox_checkouts (purchase_id, description, amount_cents, currency, state, reason, opened_at)
values (:purchase, :description, :amount, :currency, 'open', '', :at) on conflict do nothing
""")
_SHOW: Final = text("""
select p.*, count(c.reference) as payments, count(r.key) as refunded
from sandbox_checkouts p left join sandbox_charges c using (purchase_id)
    left join sandbox_refunds r on r.payment = c.reference and r.outcome = 'paid'
where purchase_id = :purchase group by purchase_id
""")
_LOCK: Final = text("select * from sandbox_checkouts where purchase_id = :purchase for update")
_CHARGED: Final = text("select * from sandbox_charges where purchase_id = :purchase order by number limit 1")
_MOVE: Final = text("update sandbox_checkouts set state = :state, reason = :reason where purchase_id = :purchase")
_CHARGE: Final = text("""
insert into sandbox_charges (reference, purchase_id, payment_id, amount_cents, currency, paid_at)
select :reference, purchase_id, :id, amount_cents, currency, :at from sandbox_checkouts where purchase_id = :purchase
returning *
""")
_TREAT: Final = text("update sandbox_checkouts set refunds = :mood where purchase_id = :purchase")
_OWE: Final = text("""
insert into sandbox_messages (purchase_id, body, due_at) values (:purchase, :body, now() + make_interval(secs => :secs))
""")


@dataclass(frozen=True, slots=True)
class SandboxCheckouts:
    """Fills ``Checkouts`` and ``CheckoutDesk``. site: where its pages are reached, without a slash at the end.

    clock: the firm's, by which payments are dated. wall: real time, by which a page is open: a person stands before it,
    however fast a demo's clock runs.
    """

    engine: AsyncEngine
    clock: Clock
    wall: Clock
    site: str
    name: str = PROVIDER

    async def open(self, order: Order, description: str) -> str:
        async with self.engine.begin() as connection:
            await connection.execute(
                _OPEN,
                {
                    "purchase": order.id,
                    "description": description,
                    "amount": order.price,
                    "currency": order.currency,
                    "at": self.wall.now(),
                },
            )
        return f"{self.site}/sandbox/checkout/{order.id}"

    async def look(self, order: Order) -> CheckoutNews:
        async with self.engine.begin() as connection:
            row = (await connection.execute(_LOCK, {"purchase": order.id})).mappings().one_or_none()
            if row is None:
                return CheckoutOpen()  # the order was placed and its page never asked for
            match row["state"]:
                case "paid":
                    charge = (await connection.execute(_CHARGED, {"purchase": order.id})).mappings().one()
                    return CheckoutPaid(payment_of(charge).receipt())
                case "over":
                    return CheckoutOver()
                case _ if self.wall.now() - row["opened_at"] > OPEN_FOR:
                    await connection.execute(_MOVE, {"purchase": order.id, "state": "over", "reason": row["reason"]})
                    return CheckoutOver()
                case _:
                    return CheckoutDeclined(row["reason"]) if row["reason"] else CheckoutOpen()

    async def show(self, purchase: PurchaseId) -> CheckoutView:
        async with self.engine.connect() as connection:
            row = (await connection.execute(_SHOW, {"purchase": purchase})).mappings().one_or_none()
        if row is None:
            raise NotFound
        return _view(row)

    async def press(self, purchase: PurchaseId, button: Button) -> CheckoutView:
        async with self.engine.begin() as connection:
            row = (await connection.execute(_LOCK, {"purchase": purchase})).mappings().one_or_none()
            if row is None:
                raise NotFound
            if row["state"] != "open":
                raise CheckoutClosed(row["state"])
            await self._press(connection, purchase, button)
            return _view((await connection.execute(_SHOW, {"purchase": purchase})).mappings().one())

    async def treat_refunds(self, purchase: PurchaseId, mood: Mood) -> None:
        async with self.engine.begin() as connection:
            if (await connection.execute(_TREAT, {"purchase": purchase, "mood": mood})).rowcount == 0:
                raise NotFound

    async def _press(self, connection: AsyncConnection, purchase: PurchaseId, button: Button) -> None:
        match button:
            case "pay" | "delay" | "double" | "lose" | "twice":
                await connection.execute(_MOVE, {"purchase": purchase, "state": "paid", "reason": ""})
                due = {"pay": [0], "delay": [DELAY_S], "double": [0, 0], "lose": list[int](), "twice": [0]}[button]
                for _ in range(2 if button == "twice" else 1):
                    await self._owe(connection, await self._charge(connection, purchase), due)
            case "decline":
                await connection.execute(_MOVE, {"purchase": purchase, "state": "open", "reason": REASON})
                await self._owe(connection, Message(_name(), "checkout.declined", purchase, reason=REASON), [0])
            case "leave":
                await connection.execute(_MOVE, {"purchase": purchase, "state": "over", "reason": ""})
                await self._owe(connection, Message(_name(), "checkout.over", purchase), [0])
            case _:
                assert_never(button)

    async def _charge(self, connection: AsyncConnection, purchase: PurchaseId) -> Message:
        """Takes the money; what is to be told of it."""
        paid = {"purchase": purchase, "id": uuid4(), "reference": f"pay_{uuid4().hex}", "at": self.clock.now()}
        charge = (await connection.execute(_CHARGE, paid)).mappings().one()
        return Message(_name(), "checkout.paid", purchase, payment=payment_of(charge))

    async def _owe(self, connection: AsyncConnection, message: Message, due: Sequence[int]) -> None:
        """due: in how many seconds it is told, each time."""
        body = msgspec.json.encode(message)
        for secs in due:
            await connection.execute(_OWE, {"purchase": message.checkout, "body": body, "secs": secs})


def _name() -> str:
    return f"evt_{uuid4().hex}"


def payment_of(row: Mapping[Any, Any]) -> Payment:
    """Of a row of ``sandbox_charges``."""
    return Payment(row["payment_id"], row["reference"], row["amount_cents"], row["currency"], row["paid_at"])


def _view(row: Mapping[Any, Any]) -> CheckoutView:
    return CheckoutView(
        PurchaseId(row["purchase_id"]),
        row["description"],
        Cents(row["amount_cents"]),
        row["currency"],
        row["state"],
        row["reason"],
        row["payments"],
        row["refunded"],
        row["refunds"],
    )
