"""The firm's books: every transfer, and what every account of them holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, get
from litestar.params import QueryParameter
from msgspec import Struct

from propfirm.application.ledger.queries import Held, LedgerQueries
from propfirm.domain.ledger.accounts import Side
from propfirm.domain.ledger.transfers import Transfer
from propfirm.entrypoints.http.dependencies import Given, provided
from propfirm.entrypoints.http.pages import Page
from propfirm.entrypoints.http.routes.views import Paging


class EntryView(Struct, frozen=True):
    """account: its kind, and whose it is after a colon. amount_minor: signed, a debit positive."""

    account: str
    amount_minor: int


class TransferView(Struct, frozen=True):
    """reference: the id of the purchase or payout that it belongs to, with the attempt where there can be several.
    The entries sum to zero, in one currency."""

    id: UUID
    at: datetime
    business: str
    reference: str
    currency: str
    entries: Sequence[EntryView]


class BalanceView(Struct, frozen=True):
    """balance_minor: signed, a debit positive. All balances of one currency sum to zero."""

    account: str
    side: Side
    balance_minor: int
    currency: str


def transfer_view(one: Transfer) -> TransferView:
    entries = [EntryView(str(entry.account), entry.amount) for entry in one.entries]
    return TransferView(one.id, one.at, one.business, one.reference, one.currency, entries)


def balance_view(one: Held) -> BalanceView:
    return BalanceView(str(one.account), one.account.side, one.balance, one.currency)


@get("/ledger", operation_id="admin.ledger.list", summary="Transfers in the books, the latest first")
async def transfers(
    ledger: Given[LedgerQueries],
    paging: Given[Paging],
    about: Annotated[UUID | None, QueryParameter(description="Of this purchase or payout")] = None,
) -> Page[TransferView]:
    found = await ledger.transfers(None if about is None else str(about), paging.after, paging.limit)
    return paging.page(found, transfer_view)


@get("/ledger/balances", operation_id="admin.ledger.balances", summary="What every account of the books holds")
async def balances(ledger: Given[LedgerQueries]) -> list[BalanceView]:
    return [balance_view(one) for one in await ledger.balances()]


def books(ledger: Callable[[], LedgerQueries]) -> Router:
    return Router(
        "/v1/admin",
        route_handlers=[transfers, balances],
        dependencies={"ledger": provided(ledger)},
        tags=["Staff: money"],
    )
