"""The provider's checkout: pages that remember, and the messages that it owes for what happens on them."""

from __future__ import annotations

from collections.abc import Mapping
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
from propfirm.application.ports.sandbox import Button, CheckoutClosed, CheckoutView
from propfirm.domain.errors import NotFound
from propfirm.domain.ids import PurchaseId
from propfirm.domain.money import Cents
from propfirm.domain.purchases.purchase import Order, Receipt

OPEN_FOR: Final = timedelta(hours=24)
DELAY_S: Final = 10
REASON: Final = "card_declined"

_OPEN: Final = text("""
insert into sandbox_checkouts (purchase_id, description, amount_cents, currency, state, reason, opened_at)
values (:purchase, :description, :amount, :currency, 'open', '', :at) on conflict do nothing
""")
_SHOW: Final = text("select * from sandbox_checkouts where purchase_id = :purchase")
_LOCK: Final = text("select * from sandbox_checkouts where purchase_id = :purchase for update")
_MOVE: Final = text("update sandbox_checkouts set state = :state, reason = :reason where purchase_id = :purchase")
_PAY: Final = text("""
update sandbox_checkouts set state = 'paid', reason = '', payment_id = :id, reference = :reference, paid_at = :at
where purchase_id = :purchase
""")
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
                    return CheckoutPaid(_receipt(row))
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

    async def _press(self, connection: AsyncConnection, purchase: PurchaseId, button: Button) -> None:
        match button:
            case "pay" | "delay" | "double" | "lose":
                paid = {"purchase": purchase, "id": uuid4(), "reference": f"pay_{uuid4().hex}", "at": self.clock.now()}
                await connection.execute(_PAY, paid)
                row = (await connection.execute(_SHOW, {"purchase": purchase})).mappings().one()
                message = Message(_name(), "checkout.paid", purchase, payment=_payment(row))
                due = {"pay": [0], "delay": [DELAY_S], "double": [0, 0], "lose": list[int]()}[button]
            case "decline":
                await connection.execute(_MOVE, {"purchase": purchase, "state": "open", "reason": REASON})
                message, due = Message(_name(), "checkout.declined", purchase, reason=REASON), [0]
            case "leave":
                await connection.execute(_MOVE, {"purchase": purchase, "state": "over", "reason": ""})
                message, due = Message(_name(), "checkout.over", purchase), [0]
            case _:
                assert_never(button)
        body = msgspec.json.encode(message)
        for secs in due:
            await connection.execute(_OWE, {"purchase": purchase, "body": body, "secs": secs})


def _name() -> str:
    return f"evt_{uuid4().hex}"


def _payment(row: Mapping[Any, Any]) -> Payment:
    return Payment(row["payment_id"], row["reference"], row["amount_cents"], row["currency"], row["paid_at"])


def _receipt(row: Mapping[Any, Any]) -> Receipt:
    return _payment(row).receipt()


def _view(row: Mapping[Any, Any]) -> CheckoutView:
    return CheckoutView(
        PurchaseId(row["purchase_id"]),
        row["description"],
        Cents(row["amount_cents"]),
        row["currency"],
        row["state"],
        row["reason"],
    )
