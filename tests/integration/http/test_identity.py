"""Registering and signing in: one account an address, one answer to whoever does not know the password."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from sqlalchemy import text

from propfirm.adapters.argon2.passwords import Argon2Passwords
from propfirm.entrypoints.service_container import ServiceContainer
from tests.integration.http.conftest import PASSWORD, key, promote, registered, signed_in
from tests.integration.http.problems import problem

pytestmark = pytest.mark.anyio
ME = "/v1/challenges/01890000-0000-7000-8000-000000000000"
"""An address that only somebody who is signed in is told is empty."""


async def register(client: httpx.AsyncClient, **changed: str) -> httpx.Response:
    body = {"email": "ann@example.com", "name": "Ann", "password": PASSWORD, **changed}
    return await client.post("/v1/auth/register", json=body, headers=key())


async def login(client: httpx.AsyncClient, email: str, password: str) -> httpx.Response:
    return await client.post("/v1/auth/login", json={"email": email, "password": password})


async def set_people(container: ServiceContainer, change: str) -> None:
    async with container.engine().begin() as connection:
        await connection.execute(text(f"update users set {change}"))  # noqa: S608 - our own words
    await asyncio.sleep(1.1)  # what people are is known anew within a second


async def test_who_registers_can_sign_in_and_is_known_by_their_token(client: httpx.AsyncClient) -> None:
    ann = await registered(client)
    assert ann.person["email"] == "ann@example.com"
    assert ann.person["role"] == "trader"
    problem(await client.get(ME, headers=ann.headers), 404, "not-found")


async def test_a_password_is_nowhere_in_what_is_answered_or_kept(
    client: httpx.AsyncClient, container: ServiceContainer
) -> None:
    answer = await register(client)
    assert PASSWORD not in answer.text
    assert "argon2" not in answer.text
    async with container.engine().connect() as connection:
        for table in ("users", "idempotency", "audit"):
            rows = await connection.scalars(text(f"select {table}::text from {table}"))  # noqa: S608 - our own names
            assert PASSWORD not in "".join(rows.all())
        assert str(await connection.scalar(text("select password_hash from users"))).startswith("$argon2id$")


@pytest.mark.parametrize(
    "email", ["ANN@EXAMPLE.COM", "  ann@example.com ", "\uff41nn@example.com", "ann\uff20example.com"]
)
async def test_one_address_has_one_account_however_it_is_spelled(client: httpx.AsyncClient, email: str) -> None:
    assert (await register(client)).status_code == 201
    problem(await register(client, email=email), 409, "identity-address-taken")
    assert (await login(client, email, PASSWORD)).status_code == 200


@pytest.mark.parametrize(
    "email",
    [
        "ann@example.com\n",
        "ann\t@example.com",
        "",
        "ann",
        "ann@",
        "@example.com",
        "ann@example",
        "ann@example.com, bob@example.com",
        f"{'a' * 389}@example.com",
        '"ann smith"@example.com',
        "ann@[127.0.0.1]",
        "ann@127.0.0.1",
    ],
)
async def test_what_is_no_address_is_refused(client: httpx.AsyncClient, email: str) -> None:
    problem(await register(client, email=email), 422, "identity-bad-address")
    problem(await login(client, email, PASSWORD), 401, "identity-not-signed-in")


@pytest.mark.parametrize(
    ("name", "slug"), [("", "validation"), ("   ", "identity-bad-name"), ("A\u0007", "identity-bad-name")]
)
async def test_a_name_has_letters(client: httpx.AsyncClient, name: str, slug: str) -> None:
    problem(await register(client, name=name), 422, slug)


@pytest.mark.parametrize(
    "password",
    [
        "eleven char",
        "x" * 129,
        "password1234",
        "propfirm2026",
        "aaaaaaaaaaaa",
        "ann@example.com",
        "correct\nhorse battery",
    ],
)
async def test_a_weak_password_is_refused_and_not_repeated(client: httpx.AsyncClient, password: str) -> None:
    answer = await register(client, password=password)
    problem(answer, 422, "identity-weak-password")
    assert password not in answer.text


async def test_a_password_of_ten_thousand_characters_is_refused_before_it_is_hashed(client: httpx.AsyncClient) -> None:
    problem(await register(client, password="x" * 10_000), 422, "too-long")
    problem(await login(client, "ann@example.com", "x" * 10_000), 422, "too-long")


@pytest.mark.parametrize(
    "password",
    ["twelve chars", "x1y2" * 16, "x1y2" * 32, " leading and trailing ", "🐎🔋📎 correct horse", "Grüße aus Köln"],
)
async def test_a_good_password_is_taken_to_the_letter(client: httpx.AsyncClient, password: str) -> None:
    assert (await register(client, password=password)).status_code == 201
    assert (await login(client, "ann@example.com", password)).status_code == 200
    for close in (password[:-1], password.strip() + "x", password.upper()):
        problem(await login(client, "ann@example.com", close), 401, "identity-not-signed-in")


async def test_a_password_is_the_same_however_the_keyboard_composes_it(client: httpx.AsyncClient) -> None:
    apart, together = "Gru\u0308\u00dfe aus Ko\u0308ln", "Gr\u00fc\u00dfe aus K\u00f6ln"
    assert (await register(client, password=apart)).status_code == 201
    assert (await login(client, "ann@example.com", together)).status_code == 200


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes against which a password was tried, in order: each costs the same time."""
    tried: list[str] = []
    verify = Argon2Passwords._verify

    def counted(self: Argon2Passwords, hashed: str, password: str) -> bool:
        tried.append(hashed)
        return verify(self, hashed, password)

    monkeypatch.setattr(Argon2Passwords, "_verify", counted)
    return tried


async def test_a_stranger_and_a_wrong_password_hear_the_same_after_the_same_work(
    client: httpx.AsyncClient, verified: list[str]
) -> None:
    assert (await register(client)).status_code == 201
    told = []
    for email in ("ann@example.com", "nobody@example.com"):
        answer = await login(client, email, "a wrong password")
        told.append({**problem(answer, 401, "identity-not-signed-in"), "instance": ""})
    assert told[0] == told[1]
    # Two hashes of equal cost: everything but salt and digest is the same.
    assert len(verified) == 2
    assert verified[0].split("$")[:4] == verified[1].split("$")[:4]


@pytest.mark.parametrize("situation", ["suspended", "closed"])
async def test_who_may_not_sign_in_hears_it_only_with_the_right_password(
    client: httpx.AsyncClient, container: ServiceContainer, situation: str
) -> None:
    ann = await registered(client)
    await set_people(container, f"situation = '{situation}'")
    problem(await login(client, "ann@example.com", "a wrong password"), 401, "identity-not-signed-in")
    found = problem(await login(client, "ann@example.com", PASSWORD), 403, "identity-not-active")
    assert found["situation"] == situation
    problem(await client.get(ME, headers=ann.headers), 401, "not-authenticated")


async def test_a_role_that_was_taken_away_is_gone_at_once(
    client: httpx.AsyncClient, container: ServiceContainer
) -> None:
    ann = await registered(client)
    await promote(container.work(), "ann@example.com", "support")
    await asyncio.sleep(1.1)  # as above
    problem(await client.get(ME, headers=ann.headers), 403, "role-forbidden")
    assert (await signed_in(client, "ann@example.com")).person["role"] == "support"


async def test_a_registration_that_is_repeated_is_answered_to_the_letter(
    client: httpx.AsyncClient, container: ServiceContainer
) -> None:
    body = {"email": "ann@example.com", "name": "Ann", "password": PASSWORD}
    same = key()
    first = await client.post("/v1/auth/register", json=body, headers=same)
    again = await client.post("/v1/auth/register", json=body, headers=same)
    assert (again.status_code, again.content) == (201, first.content)
    other = {**body, "password": "another long password"}
    problem(await client.post("/v1/auth/register", json=other, headers=same), 422, "idempotency-mismatch")
    async with container.engine().connect() as connection:
        assert await connection.scalar(text("select count(*) from users")) == 1


async def test_twenty_registrations_at_once_make_one_account(
    client: httpx.AsyncClient, container: ServiceContainer
) -> None:
    answers = await asyncio.gather(*(register(client) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    async with container.engine().connect() as connection:
        assert await connection.scalar(text("select count(*) from users")) == 1


async def test_a_flood_of_sign_ins_is_turned_away_and_not_queued(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(login(client, "ann@example.com", PASSWORD) for _ in range(200)))
    statuses = {answer.status_code for answer in answers}
    assert statuses == {401, 503}
    assert all(answer.headers["retry-after"] for answer in answers if answer.status_code == 503)
    problem(await login(client, "ann@example.com", PASSWORD), 401, "identity-not-signed-in")


async def test_a_body_in_which_everything_is_wrong_costs_no_hash(
    client: httpx.AsyncClient, verified: list[str]
) -> None:
    answer = await client.post("/v1/auth/login", content=json.dumps({"email": 1}).encode())
    problem(answer, 415, "unsupported-media-type")
    answer = await client.post("/v1/auth/login", json={"email": 1})
    assert answer.status_code == 422
    assert verified == []
