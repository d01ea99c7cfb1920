"""What the staff watches over: accounts, violations, appeals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Final, Literal
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from propfirm.application.evaluation.appeals import AnswerProposal, ProposeDecision
from propfirm.application.evaluation.hold_account import HoldAccount
from propfirm.application.evaluation.queries import AccountQueries
from propfirm.application.evaluation.review_violation import ReviewViolation
from propfirm.application.ports.work import Answer, UnitOfWork
from propfirm.domain.evaluation.appeal import Decision
from propfirm.domain.evaluation.review import REASON_MAX, HitName, Opinion
from propfirm.domain.evaluation.states import HoldCause
from propfirm.domain.identity.actors import Staff
from propfirm.domain.ids import AccountId, AppealId, PersonId
from propfirm.domain.rules.findings import Rule
from propfirm.entrypoints.http.dependencies import Given, provided
from propfirm.entrypoints.http.idempotency import Once, created, respond
from propfirm.entrypoints.http.pages import Page
from propfirm.entrypoints.http.requests import AnyRequest
from propfirm.entrypoints.http.routes.accounts import State
from propfirm.entrypoints.http.routes.views import Paging
from propfirm.entrypoints.views.accounts import (
    AppealView,
    appeal_view,
    line_view,
)
from propfirm.entrypoints.views.oversight import (
    HeldView,
    OwnedAccountView,
    OwnedViolationView,
    ReviewedView,
    held_view,
    owned_view,
    owned_violation,
    reviewed_view,
)

NUMBER_MAX: Final = 2**53 - 1
Reason = Annotated[str, Meta(min_length=1, max_length=REASON_MAX)]


class Holding(Struct, frozen=True, forbid_unknown_fields=True):
    cause: HoldCause
    reason: Reason


class ReviewBody(Struct, frozen=True, forbid_unknown_fields=True):
    """account, run, event, place: as the violation names them. cleared: it holds no payout up any more."""

    account: UUID
    run: Annotated[int, Meta(ge=1, le=1_000_000)]
    event: Annotated[int, Meta(ge=1, le=NUMBER_MAX)]
    place: Annotated[int, Meta(ge=0, le=32_767)]
    decision: Opinion
    reason: Reason


class ProposalBody(Struct, frozen=True, forbid_unknown_fields=True):
    """override: why the decision goes against the evidence, where it does."""

    decision: Decision
    reason: Reason
    override: Annotated[str, Meta(min_length=1, max_length=REASON_MAX)] | None = None


class Declining(Struct, frozen=True, forbid_unknown_fields=True):
    reason: Reason


@get("/accounts", operation_id="admin.accounts.list", summary="Everybody's accounts, the latest first")
async def all_accounts(
    accounts: Given[AccountQueries],
    paging: Given[Paging],
    in_state: State = None,
    program: Annotated[str | None, QueryParameter(max_length=64)] = None,
    user: Annotated[UUID | None, QueryParameter(description="Whose")] = None,
) -> Page[OwnedAccountView]:
    whose = None if user is None else PersonId(user)
    found = await accounts.accounts(whose, state=in_state, program=program, after=paging.after, limit=paging.limit)
    return paging.page(found, owned_view)


@get(
    "/accounts/to-close",
    operation_id="admin.accounts.to_close",
    summary="Accounts that an open appeal keeps after their last payout, the latest first",
    description="They are closed by themselves once the appeal is over.",
)
async def accounts_to_close(
    accounts: Given[AccountQueries],
    paging: Given[Paging],
) -> Page[OwnedAccountView]:
    found = await accounts.accounts(
        None, state=None, program=None, after=paging.after, limit=paging.limit, to_close=True
    )
    return paging.page(found, owned_view)


@post(
    "/accounts/{account:uuid}/suspend",
    operation_id="admin.accounts.suspend",
    summary="Keep it still",
    description="The trader hears that the account is on hold and since when; cause and reason stay with the staff.",
    status_code=200,
)
async def suspend(
    account: FromPath[UUID], data: JSONBody[Holding], staff: Given[Staff], hold: Given[HoldAccount]
) -> HeldView:
    return held_view(await hold.suspend(staff, AccountId(account), data.cause, data.reason))


@post(
    "/accounts/{account:uuid}/resume",
    operation_id="admin.accounts.resume",
    summary="Lift a hold that another person placed",
    status_code=200,
)
async def resume(
    account: FromPath[UUID], data: JSONBody[Holding], staff: Given[Staff], hold: Given[HoldAccount]
) -> HeldView:
    return held_view(await hold.resume(staff, AccountId(account), data.cause, data.reason))


@get("/violations", operation_id="admin.violations.list", summary="Rules that were hit, on all accounts")
async def all_violations(
    accounts: Given[AccountQueries],
    paging: Given[Paging],
    rule: Annotated[Rule | None, QueryParameter()] = None,
    review: Annotated[Literal["waiting", "done"] | None, QueryParameter()] = None,
) -> Page[OwnedViolationView]:
    reviewed = None if review is None else review == "done"
    found = await accounts.all_violations(rule=rule, reviewed=reviewed, after=paging.after, limit=paging.limit)
    return paging.page(found, owned_violation)


@post(
    "/violations/review",
    operation_id="admin.violations.review",
    summary="Say what is thought of a violation",
    responses={201: ResponseSpec(ReviewedView, description="Said once, for good")},
)
async def review_violation(
    request: AnyRequest,
    data: JSONBody[ReviewBody],
    staff: Given[Staff],
    once: Given[Once],
    reviewing: Given[ReviewViolation],
) -> Response[bytes]:
    name = HitName(AccountId(data.account), data.run, data.event, data.place)

    async def act(work: UnitOfWork) -> Answer:
        said = await replace(reviewing, work=work)(staff, name, data.decision, data.reason)
        return created(reviewed_view(said))

    return respond(await once(request, staff.id, act))


@get("/appeals", operation_id="admin.appeals.list", summary="Appeals that wait, the most urgent first")
async def open_appeals(
    accounts: Given[AccountQueries],
    paging: Given[Paging],
) -> Page[AppealView]:
    return paging.page(await accounts.appeals_open(paging.after, paging.limit), line_view)


@post(
    "/appeals/{appeal_id:uuid}/propose",
    operation_id="admin.appeals.propose",
    summary="Propose a decision",
    description="The evidence is run again at this moment; a decision against what it says needs an `override`.",
    status_code=200,
)
async def propose(
    appeal_id: FromPath[UUID], data: JSONBody[ProposalBody], staff: Given[Staff], proposing: Given[ProposeDecision]
) -> AppealView:
    found = await proposing(staff, AppealId(appeal_id), data.decision, data.reason, data.override)
    return appeal_view(found)


@post(
    "/appeals/{appeal_id:uuid}/confirm",
    operation_id="admin.appeals.confirm",
    summary="Agree, as the second person: it is decided",
    status_code=200,
)
async def confirm(appeal_id: FromPath[UUID], staff: Given[Staff], answering: Given[AnswerProposal]) -> AppealView:
    return appeal_view(await answering.confirm(staff, AppealId(appeal_id)))


@post(
    "/appeals/{appeal_id:uuid}/decline",
    operation_id="admin.appeals.decline",
    summary="Do not agree: it is open again",
    status_code=200,
)
async def decline(
    appeal_id: FromPath[UUID], data: JSONBody[Declining], staff: Given[Staff], answering: Given[AnswerProposal]
) -> AppealView:
    return appeal_view(await answering.decline(staff, AppealId(appeal_id), data.reason))


def oversight(
    accounts: Callable[[], AccountQueries],
    hold: Callable[[], HoldAccount],
    reviewing: Callable[[], ReviewViolation],
    proposing: Callable[[], ProposeDecision],
    answering: Callable[[], AnswerProposal],
) -> Router:
    return Router(
        "/v1/admin",
        route_handlers=[
            all_accounts,
            accounts_to_close,
            suspend,
            resume,
            all_violations,
            review_violation,
            open_appeals,
            propose,
            confirm,
            decline,
        ],
        dependencies={
            "accounts": provided(accounts),
            "hold": provided(hold),
            "reviewing": provided(reviewing),
            "proposing": provided(proposing),
            "answering": provided(answering),
        },
        tags=["Staff: accounts"],
    )
