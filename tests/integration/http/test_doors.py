"""Every operation against every role: who the policy does not name is turned away before anything else is looked at."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from propfirm.domain.identity.people import Role
from propfirm.entrypoints.http.policy import POLICY, Who
from propfirm.entrypoints.service_container import ServiceContainer
from tests.integration.http.conftest import promote, registered, signed_in
from tests.integration.http.problems import problem
from tests.integration.http.test_description import METHODS

pytestmark = pytest.mark.anyio
MAY: dict[Who, set[str]] = {
    "anyone": {"trader", "support", "admin"},
    "person": {"trader", "support", "admin"},
    "trader": {"trader"},
    "staff": {"support", "admin"},
    "admin": {"admin"},
}
ROLES: tuple[Role, ...] = ("trader", "support", "admin")
SOMETHING = {"uuid": "01890000-0000-7000-8000-000000000000", "integer": "1"}


def doors(description: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Each operation's method, and an address of it at which there is nothing."""
    found = {}
    for path, item in description["paths"].items():
        for method in METHODS & item.keys():
            kinds = {
                one["name"]: one["schema"].get("format", one["schema"].get("type"))
                for one in item[method].get("parameters", ())
                if one["in"] == "path"
            }
            filled = {name: SOMETHING.get(kind, "nothing") for name, kind in kinds.items()}
            found[item[method]["operationId"]] = (method, path.format(**filled))
    return found


@pytest.fixture
async def tokens(client: httpx.AsyncClient, container: ServiceContainer) -> dict[str, dict[str, str]]:
    for role in ROLES:
        await registered(client, f"{role}@example.com")
        await promote(container.work(), f"{role}@example.com", role)
    return {role: (await signed_in(client, f"{role}@example.com")).headers for role in ROLES}


async def test_every_door_opens_to_those_whom_the_policy_names_and_to_nobody_else(
    client: httpx.AsyncClient, tokens: dict[str, dict[str, str]]
) -> None:
    found = doors((await client.get("/docs/openapi.json")).json())
    guarded = {name: door for name, door in found.items() if POLICY[name] != "anyone"}
    assert len(guarded) > 40
    for name, (method, address) in guarded.items():
        # The body is no JSON and the query means nothing: neither is looked at before it is known who asks.
        garbage: dict[str, Any] = {"content": b"\xff", "params": {"nothing": "1"}}
        problem(await client.request(method, address, **garbage), 401, "not-authenticated")
        for role, headers in tokens.items():
            answer = await client.request(method, address, headers=headers, **garbage)
            if role in MAY[POLICY[name]]:
                assert answer.status_code in {404, 422}, (name, role, answer.text)
            else:
                problem(answer, 403, "role-forbidden")


async def test_an_operation_for_anyone_asks_for_no_token(client: httpx.AsyncClient) -> None:
    found = doors((await client.get("/docs/openapi.json")).json())
    for name in found.keys() & {name for name, who in POLICY.items() if who == "anyone"}:
        method, address = found[name]
        answer = await client.request(method, address, headers={"Authorization": "Bearer of.bad.news"})
        assert answer.status_code not in {401, 403}, (name, answer.text)
