"""The whole application on a real Postgres, spoken to as a client speaks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from dependency_injector.providers import Object
from msgspec.structs import replace

from propfirm.application.ports.payments import CheckoutNews, CheckoutOpen, Unavailable
from propfirm.application.ports.work import UnitOfWork
from propfirm.application.seeding.seed_firm import SEEDER
from propfirm.domain.identity.people import Role
from propfirm.domain.purchases.purchase import Order
from propfirm.entrypoints.service_container import ServiceContainer
from propfirm.entrypoints.settings import Secret, Settings
from tests.integration.verified import Silent, verify_of

PASSWORD = "correct horse battery staple"  # noqa: S105 - of people who live for one test


class Till:
    """A provider whose pages are never paid at; what it was asked for is counted. down: it does not answer."""

    name = "sandbox"

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.down = False

    async def open(self, order: Order, description: str) -> str:
        if self.down:
            raise Unavailable
        self.opened.append(description)
        return f"https://pay.example/{order.id}"

    async def look(self, order: Order) -> CheckoutNews:
        return CheckoutOpen()


@pytest.fixture
async def container(database: str, request: pytest.FixtureRequest) -> AsyncIterator[ServiceContainer]:
    """After the test every invariant of the firm must hold, whatever was asked of it."""
    settings = Settings(database_url=Secret(database), jwt_secret=Secret("one key of thirty-two bytes at least"))
    made = ServiceContainer(settings=Object(settings), checkouts=Object(Till()))
    yield made
    try:
        if request.node.get_closest_marker("breaks") is None:
            assert await verify_of(made.engine())(Silent()) == []
    finally:
        made.passwords().close()
        made.calculator().close()
        await made.engine().dispose()


@pytest.fixture
async def client(container: ServiceContainer) -> AsyncIterator[httpx.AsyncClient]:
    # What the application does not answer itself would be its own failure: it is never raised past it here.
    app: Any = container.http()
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as made:
        yield made


@dataclass(frozen=True)
class Signed:
    """A person who is signed in, and the header that says so."""

    person: dict[str, Any]
    headers: dict[str, str]

    @property
    def id(self) -> str:
        return str(self.person["id"])


async def promote(work: UnitOfWork, email: str, role: Role) -> None:
    """Another role, on record as whoever is appointed."""
    async with work.begin() as tx:
        person = await tx.people.by_email(email)
        assert person is not None
        await tx.people.put(replace(person, role=role))
        await tx.audit.record(SEEDER, "appointed", f"person:{person.id}", {"role": role})


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


async def registered(client: httpx.AsyncClient, email: str = "ann@example.com") -> Signed:
    """A trader, registered and signed in over HTTP."""
    body = {"email": email, "name": "Ann Trader", "password": PASSWORD}
    answer = await client.post("/v1/auth/register", json=body, headers=key())
    assert answer.status_code == 201, answer.text
    return await signed_in(client, email)


async def signed_in(client: httpx.AsyncClient, email: str) -> Signed:
    answer = await client.post("/v1/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    session = answer.json()
    return Signed(session["person"], {"Authorization": f"Bearer {session['access_token']}"})
