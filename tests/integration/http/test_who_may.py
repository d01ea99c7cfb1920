"""Every operation that there is, asked by everybody: it answers whom its line of the policy names, and nobody else."""

from __future__ import annotations

import re
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from msgspec.structs import replace

from propfirm.domain.identity.people import Role
from propfirm.domain.ids import PersonId
from propfirm.entrypoints.http.policy import POLICY, Who
from propfirm.entrypoints.service_container import ServiceContainer
from tests.integration.http.conftest import key
from tests.integration.postgres.test_desk import trading
from tests.integration.postgres.test_stores import person

pytestmark = pytest.mark.anyio
MAY: Final[dict[Who, set[str]]] = {
    "anyone": {"nobody", "trader", "support", "admin"},
    "person": {"trader", "support", "admin"},
    "trader": {"trader"},
    "staff": {"support", "admin"},
    "admin": {"admin"},
}


async def everybody(container: ServiceContainer) -> dict[str, dict[str, str]]:
    headers: dict[str, dict[str, str]] = {"nobody": {}}
    roles: tuple[Role, ...] = ("trader", "support", "admin")
    for role in roles:
        someone = replace(person(f"{role}@example.com"), role=role)
        async with container.work().begin() as tx:
            await tx.people.add(someone)
        headers[role] = {"Authorization": f"Bearer {container.tokens().issue(PersonId(someone.id), role)[0]}"}
    return headers


def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if method in {"get", "post", "put", "delete", "patch"}
    ]


async def test_every_operation_answers_whom_the_policy_names_and_nobody_else(
    client: httpx.AsyncClient, container: ServiceContainer
) -> None:
    people = await everybody(container)
    description = (await client.get("/docs/openapi.json")).json()
    asked = operations(description)
    assert {one["operationId"] for _, _, one in asked} >= {name for name in POLICY if name.startswith("admin.")}
    wrong = []
    for method, path, operation in asked:
        # Ids of nothing: whoever may ask hears that it is not there, or what their body lacks.
        url = re.sub(r"\{(?:version)[^}]*\}", "1", path)
        url = re.sub(r"\{(?:program)[^}]*\}", "nothing", url)
        url = re.sub(r"\{[^}]*\}", str(uuid4()), url)
        body: dict[str, str] | None = {} if "requestBody" in operation else None
        for name, headers in people.items():
            answer = await client.request(method, url, json=body, headers={**headers, **key()})
            let_in = answer.status_code not in {401, 403}
            who = POLICY[operation["operationId"]]
            if let_in != (name in MAY[who]) and operation["operationId"] != "auth.login":
                wrong.append((operation["operationId"], name, answer.status_code))
            if answer.is_server_error:
                wrong.append((operation["operationId"], name, answer.status_code))
    assert wrong == []


async def test_nothing_of_another_trader_is_there(client: httpx.AsyncClient, container: ServiceContainer) -> None:
    people, account = await everybody(container), await trading(container.work())
    description = (await client.get("/docs/openapi.json")).json()
    for method, path, operation in operations(description):
        who = POLICY[operation["operationId"]]
        if who not in {"trader", "person"} or "{" not in path or "requestBody" in operation:
            continue
        url = re.sub(r"\{[^}]*\}", str(uuid4()), re.sub(r"\{account[^}]*\}", str(account), path))
        answer = await client.request(method, url, headers={**people["trader"], **key()})
        assert answer.status_code == 404, (operation["operationId"], answer.text)
