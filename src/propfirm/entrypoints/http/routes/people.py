"""What the staff sees first, and what it knows of people: the dashboard, users, notes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Final
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from propfirm.application.analytics.queries import FigureQueries
from propfirm.application.identity.queries import PeopleQueries
from propfirm.application.ports.clock import Clock
from propfirm.application.ports.work import Answer, UnitOfWork
from propfirm.application.support.queries import NoteQueries
from propfirm.application.support.write_note import WriteNote
from propfirm.domain.identity.actors import Staff
from propfirm.domain.identity.people import Role
from propfirm.domain.ids import PersonId
from propfirm.domain.support.notes import TEXT_MAX, About
from propfirm.entrypoints.http.dependencies import Given, provided
from propfirm.entrypoints.http.idempotency import Once, created, respond
from propfirm.entrypoints.http.pages import Page
from propfirm.entrypoints.http.requests import AnyRequest
from propfirm.entrypoints.http.routes.views import Paging
from propfirm.entrypoints.views.people import FiguresView, NoteView, UserView, figures_view, note_view, user_view


class NoteText(Struct, frozen=True, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=TEXT_MAX)]


@get("/dashboard", operation_id="admin.dashboard", summary="The firm at a glance")
async def dashboard(figures: Given[FigureQueries], clock: Given[Clock]) -> FiguresView:
    now = clock.now()
    return figures_view(await figures.figures(now), now)


@get("/users", operation_id="admin.users.list", summary="People, the latest first")
async def users(
    people: Given[PeopleQueries],
    paging: Given[Paging],
    role: Annotated[Role | None, QueryParameter()] = None,
    email: Annotated[str | None, QueryParameter(max_length=254, description="How the address begins")] = None,
) -> Page[UserView]:
    return paging.page(await people.people(role=role, email=email, after=paging.after, limit=paging.limit), user_view)


@get("/users/{user:uuid}", operation_id="admin.users.get", summary="One person")
async def user(user: FromPath[UUID], people: Given[PeopleQueries]) -> UserView:
    return user_view(await people.person(PersonId(user)))


NOTED: Final = {201: ResponseSpec(NoteView, description="Notes are never changed; a wrong one is followed by another")}


@get("/users/{user:uuid}/notes", operation_id="admin.users.notes", summary="Notes about a person")
async def user_notes(
    user: FromPath[UUID],
    notes: Given[NoteQueries],
    paging: Given[Paging],
) -> Page[NoteView]:
    return paging.page(await notes.notes("person", user, paging.after, paging.limit), note_view)


@post("/users/{user:uuid}/notes", operation_id="admin.users.note", summary="Write a note", responses=NOTED)
async def note_user(
    request: AnyRequest,
    user: FromPath[UUID],
    data: JSONBody[NoteText],
    staff: Given[Staff],
    once: Given[Once],
    writing: Given[WriteNote],
) -> Response[bytes]:
    return await _note(request, once, writing, staff, "person", user, data.text)


@get("/accounts/{account:uuid}/notes", operation_id="admin.accounts.notes", summary="Notes about an account")
async def account_notes(
    account: FromPath[UUID],
    notes: Given[NoteQueries],
    paging: Given[Paging],
) -> Page[NoteView]:
    return paging.page(await notes.notes("account", account, paging.after, paging.limit), note_view)


@post("/accounts/{account:uuid}/notes", operation_id="admin.accounts.note", summary="Write a note", responses=NOTED)
async def note_account(
    request: AnyRequest,
    account: FromPath[UUID],
    data: JSONBody[NoteText],
    staff: Given[Staff],
    once: Given[Once],
    writing: Given[WriteNote],
) -> Response[bytes]:
    return await _note(request, once, writing, staff, "account", account, data.text)


async def _note(
    request: AnyRequest, once: Once, writing: WriteNote, staff: Staff, about: About, subject: UUID, text: str
) -> Response[bytes]:
    async def act(work: UnitOfWork) -> Answer:
        return created(note_view(await replace(writing, work=work)(staff, about, subject, text)))

    return respond(await once(request, staff.id, act))


def support_desk(
    figures: Callable[[], FigureQueries],
    people: Callable[[], PeopleQueries],
    notes: Callable[[], NoteQueries],
    writing: Callable[[], WriteNote],
    clock: Callable[[], Clock],
) -> Router:
    return Router(
        "/v1/admin",
        route_handlers=[dashboard, users, user, user_notes, note_user, account_notes, note_account],
        dependencies={
            "figures": provided(figures),
            "people": provided(people),
            "notes": provided(notes),
            "writing": provided(writing),
            "clock": provided(clock),
        },
        tags=["Staff: people"],
    )
