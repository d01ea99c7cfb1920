"""A trader's accounts: where they stand, what happened on them, and the proof of it. The staff may look at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from propfirm.application.evaluation.activities import TellActivities
from propfirm.application.evaluation.appeals import FileAppeal, WithdrawAppeal
from propfirm.application.evaluation.export_proof import ExportProof
from propfirm.application.evaluation.progress import LookAtProgress
from propfirm.application.evaluation.queries import (
    AccountQueries,
    AccountState,
)
from propfirm.application.payouts.ask_what_if import AskOutlook
from propfirm.application.ports.work import Answer, UnitOfWork
from propfirm.domain.identity.actors import Staff, Trader
from propfirm.domain.ids import AccountId, AppealId
from propfirm.domain.money import Cents
from propfirm.entrypoints.http.dependencies import Given, provided
from propfirm.entrypoints.http.idempotency import Once, created, respond
from propfirm.entrypoints.http.pages import Page
from propfirm.entrypoints.http.requests import AnyRequest
from propfirm.entrypoints.http.routes.views import TEXT_MAX, Paging, owner
from propfirm.entrypoints.views.accounts import (
    AccountView,
    ActivityView,
    AppealView,
    DayView,
    ProgressView,
    StatisticsView,
    TradeView,
    ViolationView,
    WhatIfView,
    account_view,
    activity_view,
    appeal_view,
    day_view,
    line_view,
    progress_view,
    statistics_view,
    trade_view,
    violation_view,
    what_if_view,
)

Run = Annotated[int | None, QueryParameter(name="run", ge=1, le=1_000_000, description="The current one by default")]
State = Annotated[AccountState | None, QueryParameter(name="state")]
"""The argument is called otherwise: Litestar keeps ``state`` for itself."""


class Statement(Struct, frozen=True, forbid_unknown_fields=True):
    statement: Annotated[str, Meta(min_length=1, max_length=TEXT_MAX, description="Why the verdict is wrong")]


@get("/accounts", operation_id="accounts.list", summary="Your accounts, the latest first")
async def my_accounts(
    trader: Given[Trader],
    accounts: Given[AccountQueries],
    paging: Given[Paging],
    in_state: State = None,
) -> Page[AccountView]:
    found = await accounts.accounts(trader.id, state=in_state, program=None, after=paging.after, limit=paging.limit)
    return paging.page(found, account_view)


@get("/accounts/{account:uuid}", operation_id="accounts.get", summary="One account")
async def one_account(
    account: FromPath[UUID], person: Given[Trader | Staff], accounts: Given[AccountQueries]
) -> AccountView:
    return account_view(await accounts.account(owner(person), AccountId(account)))


@get(
    "/accounts/{account:uuid}/progress",
    operation_id="accounts.progress",
    summary="Every rule as it stands now",
    description="Made by the engine that judges, with the prices of this moment: each limit, how much is left, and when"
    " it begins anew.",
)
async def progress(account: FromPath[UUID], person: Given[Trader | Staff], look: Given[LookAtProgress]) -> ProgressView:
    return progress_view(await look(owner(person), AccountId(account)))


@post(
    "/accounts/{account:uuid}/refresh",
    operation_id="accounts.refresh",
    summary="Look again",
    description="The feed is followed as it comes, so there is nothing to fetch: the answer is `progress`, read now.",
    status_code=200,
)
async def refresh(account: FromPath[UUID], person: Given[Trader | Staff], look: Given[LookAtProgress]) -> ProgressView:
    return progress_view(await look(owner(person), AccountId(account)))


@get(
    "/accounts/{account:uuid}/activities",
    operation_id="accounts.activities",
    summary="What happened, in words",
    description="Of a hold a trader hears that it is there and since when (`at`), and the staff why.",
)
async def activities(
    account: FromPath[UUID],
    person: Given[Trader | Staff],
    tell: Given[TellActivities],
    paging: Given[Paging],
) -> Page[ActivityView]:
    return paging.page(await tell(owner(person), AccountId(account), paging.after, paging.limit), activity_view)


@get("/accounts/{account:uuid}/violations", operation_id="accounts.violations", summary="Rules that were hit")
async def violations(
    account: FromPath[UUID],
    person: Given[Trader | Staff],
    accounts: Given[AccountQueries],
    paging: Given[Paging],
) -> Page[ViolationView]:
    found = await accounts.violations(owner(person), AccountId(account), paging.after, paging.limit)
    return paging.page(found, lambda one: violation_view(one, for_staff=isinstance(person, Staff)))


@get("/accounts/{account:uuid}/statistics", operation_id="accounts.statistics", summary="A run in figures")
async def statistics(
    account: FromPath[UUID], person: Given[Trader | Staff], accounts: Given[AccountQueries], run: Run = None
) -> StatisticsView:
    return statistics_view(await accounts.statistics(owner(person), AccountId(account), run))


@get("/accounts/{account:uuid}/days", operation_id="accounts.days", summary="Trading days, the latest first")
async def days(
    account: FromPath[UUID],
    person: Given[Trader | Staff],
    accounts: Given[AccountQueries],
    paging: Given[Paging],
) -> Page[DayView]:
    return paging.page(await accounts.days(owner(person), AccountId(account), paging.after, paging.limit), day_view)


@get("/accounts/{account:uuid}/trades", operation_id="accounts.trades", summary="Trades that ended, the latest first")
async def trades(
    account: FromPath[UUID],
    person: Given[Trader | Staff],
    accounts: Given[AccountQueries],
    paging: Given[Paging],
) -> Page[TradeView]:
    return paging.page(await accounts.trades(owner(person), AccountId(account), paging.after, paging.limit), trade_view)


@get(
    "/accounts/{account:uuid}/what-if",
    operation_id="accounts.what-if",
    summary="How far from everything, and what a payout now would do",
    description="The same figures as `propfirm what-if` gives for a recorded history.",
)
async def what_if(
    account: FromPath[UUID],
    person: Given[Trader | Staff],
    ask: Given[AskOutlook],
    payout_minor: Annotated[
        int | None, QueryParameter(ge=1, le=2**53 - 1, description="Gross; the most on offer by default")
    ] = None,
) -> WhatIfView:
    payout = None if payout_minor is None else Cents(payout_minor)
    return what_if_view(await ask(owner(person), AccountId(account), payout))


@get(
    "/accounts/{account:uuid}/proof",
    operation_id="accounts.proof",
    summary="The proof of a run",
    description="One file with everything that the run's verdict rests on: `propfirm verify-proof` judges it again.",
    media_type="application/json",
)
async def proof(
    account: FromPath[UUID], person: Given[Trader | Staff], prove: Given[ExportProof], run: Run = None
) -> Response[bytes]:
    content = await prove(AccountId(account), run, owner(person))
    name = f"{account}-{run or 'current'}.proof.json"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/json", headers=headers)


@get("/accounts/{account:uuid}/appeals", operation_id="accounts.appeals", summary="Appeals against its verdicts")
async def appeals(
    account: FromPath[UUID], person: Given[Trader | Staff], accounts: Given[AccountQueries]
) -> list[AppealView]:
    return [line_view(one) for one in await accounts.appeals(owner(person), AccountId(account))]


@post(
    "/accounts/{account:uuid}/appeals",
    operation_id="accounts.appeal",
    summary="Appeal against the verdict",
    responses={201: ResponseSpec(AppealView, description="Two people of the firm will look at it")},
)
async def file_appeal(
    request: AnyRequest,
    account: FromPath[UUID],
    data: JSONBody[Statement],
    trader: Given[Trader],
    once: Given[Once],
    filing: Given[FileAppeal],
) -> Response[bytes]:
    async def act(work: UnitOfWork) -> Answer:
        filed = await replace(filing, work=work)(trader, AccountId(account), data.statement)
        return created(appeal_view(filed))

    return respond(await once(request, trader.id, act))


@post(
    "/appeals/{appeal_id:uuid}/withdraw",
    operation_id="appeals.withdraw",
    summary="Take an appeal back",
    status_code=200,
)
async def withdraw_appeal(
    appeal_id: FromPath[UUID], trader: Given[Trader], withdraw: Given[WithdrawAppeal]
) -> AppealView:
    return appeal_view(await withdraw(trader, AppealId(appeal_id)))


def accounts(
    queries: Callable[[], AccountQueries],
    look: Callable[[], LookAtProgress],
    tell: Callable[[], TellActivities],
    ask: Callable[[], AskOutlook],
    prove: Callable[[], ExportProof],
    filing: Callable[[], FileAppeal],
    withdraw: Callable[[], WithdrawAppeal],
) -> Router:
    return Router(
        "/v1",
        route_handlers=[
            my_accounts,
            one_account,
            progress,
            refresh,
            activities,
            violations,
            statistics,
            days,
            trades,
            what_if,
            proof,
            appeals,
            file_appeal,
            withdraw_appeal,
        ],
        dependencies={
            "accounts": provided(queries),
            "look": provided(look),
            "tell": provided(tell),
            "ask": provided(ask),
            "prove": provided(prove),
            "filing": provided(filing),
            "withdraw": provided(withdraw),
        },
        tags=["Accounts"],
    )
