"""Registering and signing in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import NAMESPACE_URL, uuid5

from litestar import Response, Router, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody
from msgspec import Meta, Struct

from propfirm.application.identity.register import Register
from propfirm.application.identity.sign_in import SignIn
from propfirm.application.ports.identity import Pass
from propfirm.application.ports.work import Answer, UnitOfWork
from propfirm.domain.identity.people import PASSWORD_MAX, PASSWORD_MIN, Person
from propfirm.domain.ids import PersonId
from propfirm.entrypoints.http.dependencies import Given, provided
from propfirm.entrypoints.http.idempotency import Once, created, respond
from propfirm.entrypoints.http.requests import AnyRequest
from propfirm.entrypoints.views.people import PersonView, person_view

TEXT_MAX: Final = 1_000
"""Characters that an edge reads at all; the domain is stricter."""

Email = Annotated[
    str, Meta(max_length=TEXT_MAX, description="Compared without regard to case", examples=["ann@example.com"])
]
Password = Annotated[
    str, Meta(max_length=TEXT_MAX, description=f"{PASSWORD_MIN} to {PASSWORD_MAX} characters, none of the usual ones")
]


class Registration(Struct, frozen=True, forbid_unknown_fields=True):
    email: Email
    name: Annotated[str, Meta(min_length=1, max_length=TEXT_MAX, examples=["Ann Trader"])]
    password: Password


class Login(Struct, frozen=True, forbid_unknown_fields=True):
    email: Email
    password: Password


class Session(Struct, frozen=True):
    """access_token: to be sent as ``Authorization: Bearer ...`` until ``expires_at``, of real time."""

    access_token: str
    expires_at: datetime
    person: PersonView
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - RFC 6750's word


@post(
    "/register",
    operation_id="auth.register",
    summary="Register as a trader",
    responses={201: ResponseSpec(PersonView, description="The new person")},
)
async def register_person(
    request: AnyRequest, data: JSONBody[Registration], register: Given[Register], once: Given[Once]
) -> Response[bytes]:
    once.named(request)  # a request without a key is refused before it costs a hash
    person = await register.prepare(data.email, data.name, data.password)

    async def act(work: UnitOfWork) -> Answer:
        return created(person_view(await replace(register, work=work).enrol(person)))

    # Nobody is signed in yet: the key belongs to the address that registers.
    stranger = PersonId(uuid5(NAMESPACE_URL, f"mailto:{person.email}"))
    return respond(await once(request, stranger, act, confidential=True))


@post("/login", operation_id="auth.login", summary="Sign in", status_code=200)
async def login(data: JSONBody[Login], sign_in: Given[SignIn]) -> Session:
    person, token, content = await sign_in(data.email, data.password)
    return _session(person, token, content)


def _session(person: Person, token: str, content: Pass) -> Session:
    return Session(token, content.until, person_view(person))


def identity(register: Callable[[], Register], sign_in: Callable[[], SignIn]) -> Router:
    return Router(
        "/v1/auth",
        route_handlers=[register_person, login],
        dependencies={"register": provided(register), "sign_in": provided(sign_in)},
        tags=["Identity"],
    )
