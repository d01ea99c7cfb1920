"""Every operation that there is, asked by everybody: it answers whom its line of the policy names, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import pytest
from msgspec.structs import replace

from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.application.evaluation.appeals import FileAppeal
from propfirm.domain.identity.actors import Trader
from propfirm.domain.identity.people import Role
from propfirm.domain.ids import PersonId
from propfirm.entrypoints.http.policy import POLICY, Who
from propfirm.entrypoints.service_container import ServiceContainer
from tests.integration.cli.conftest import contents
from tests.integration.firm import Firm, HandClock, join
from tests.integration.http.conftest import key
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
            await join(tx, someone)
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


@dataclass(frozen=True)
class Belongings:
    """What Ann has: a failed account with an appeal against its verdict, a payout that waits, and her purchase."""

    ann: Trader
    ids: Mapping[str, UUID]
    """By the name that a path gives them."""

    def url(self, path: str) -> str:
        return re.sub(r"\{(\w+)[^}]*\}", lambda found: str(self.ids[found[1]]), path)

    def body(self, operation: str) -> dict[str, object] | None:
        """One that the operation takes from whoever it belongs to."""
        bodies: dict[str, dict[str, object]] = {
            "accounts.appeal": {"statement": "The price was wrong."},
            "payouts.request": {"account": str(self.ids["account"]), "amount_minor": 10_000},
        }
        return bodies.get(operation)


async def belongings(container: ServiceContainer) -> Belongings:
    clock = HandClock()
    firm = Firm(container.work(), SandboxBank(container.engine(), clock), clock)
    await firm.fund()
    await firm.earn(80)
    asked = await firm.ask(1_000)
    await firm.earn(-130)
    filed = await FileAppeal(firm.work, clock, firm.ids)(firm.ann, firm.account, "The price was wrong.")
    async with firm.work.begin() as tx:
        purchase = (await tx.accounts.peek(firm.account)).enrolment.purchase
    ids: dict[str, UUID] = {"account": firm.account, "appeal_id": filed.filing.id, "payout": asked.claim.id}
    return Belongings(firm.ann, {**ids, "purchase": purchase})


async def test_nothing_of_another_trader_is_there(
    client: httpx.AsyncClient, container: ServiceContainer, database: str
) -> None:
    """Whatever names a thing that exists says that it does not, and leaves it as it is; its owner is heard."""
    stranger = (await everybody(container))["trader"]
    anns = await belongings(container)
    owner = {"Authorization": f"Bearer {container.tokens().issue(anns.ann.id, 'trader')[0]}"}
    description = (await client.get("/docs/openapi.json")).json()
    theirs = [
        (method, path, name)
        for method, path, operation in operations(description)
        if POLICY[name := operation["operationId"]] in {"trader", "person"}
        and ("{" in path or anns.body(name) is not None)
    ]
    assert {"payouts.request", "payouts.cancel", "accounts.appeal", "appeals.withdraw", "accounts.reset"} <= {
        name for _, _, name in theirs
    }
    before = contents(database)
    heard = {"stranger": dict[str, int](), "owner": dict[str, int]()}
    for who, headers in (("stranger", stranger), ("owner", owner)):
        for method, path, name in theirs:
            body, asking = anns.body(name), {**headers, **key()}
            answer = await client.request(method, anns.url(path), json=body, headers=asking)
            heard[who][name] = answer.status_code
        if who == "stranger":
            assert contents(database) == before, "nobody changes what is not theirs"
    assert heard["stranger"] == {name: 404 for _, _, name in theirs}
    # What the account's state does not allow is refused; nobody comes so far with a body or an id that is wrong.
    assert {name for name, status in heard["owner"].items() if status in {401, 403, 404, 500}} == set()
