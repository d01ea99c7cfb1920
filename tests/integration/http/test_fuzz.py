"""The API against its own description: what it says it takes is taken, what it says it answers is answered."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
import pytest
import schemathesis
from dependency_injector.providers import Object
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from propfirm.entrypoints.http import server as serving
from propfirm.entrypoints.http.policy import POLICY
from propfirm.entrypoints.service_container import ServiceContainer
from propfirm.entrypoints.settings import Secret, Settings
from tests.integration.http.conftest import PASSWORD, Till, key
from tests.integration.http.test_description import UNDESCRIBED

EXAMPLES = 10
BY_ITS_STATE = [
    positive_data_acceptance,  # most of what is well-formed names nothing that is there
    negative_data_rejection,  # it takes what a header or a null in JSON may be for a mistake
]


@contextmanager
def served(database: str) -> Iterator[str]:
    """The address of the application, on a loop and in a thread of its own."""
    settings_ = Settings(database_url=Secret(database), jwt_secret=Secret("one key of thirty-two bytes at least"))
    container = ServiceContainer(settings=Object(settings_), checkouts=Object(Till()))
    app: Any = container.http()
    server = serving.server(app, "127.0.0.1", 0)

    async def serve() -> None:
        await server._serve()
        container.passwords().close()
        await container.engine().dispose()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    while not server.started:
        assert thread.is_alive()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def token(client: httpx.Client, database: str, role: str) -> dict[str, str]:
    """Of somebody with this role."""
    me = {"email": f"{role}@example.com", "password": PASSWORD}
    assert client.post("/v1/auth/register", json={**me, "name": role}, headers=key()).status_code == 201
    with psycopg.connect(database) as connection:
        connection.execute("update users set role = %s where email = %s", (role, me["email"]))
    return {"Authorization": f"Bearer {client.post('/v1/auth/login', json=me).json()['access_token']}"}


def try_out(operation: Any, headers: dict[str, str], mode: GenerationMode) -> set[int]:
    """The statuses that were answered. Fails where an answer is not what the description says."""
    answered = set()

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(mode))
    def holds(case: Any) -> None:
        answered.add(case.call_and_validate(headers=headers, excluded_checks=BY_ITS_STATE).status_code)

    try:
        holds()
    except Unsatisfiable:  # where any text is a name, nothing is no name
        assert mode == GenerationMode.NEGATIVE
    return answered


@pytest.mark.thorough
def test_the_api_is_what_it_says_of_itself(database: str) -> None:
    with served(database) as address, httpx.Client(base_url=address) as client:
        tokens = {role: token(client, database, role) for role in ("trader", "support", "admin")}
        asking = {"trader": "trader", "person": "trader", "staff": "support", "admin": "admin"}
        schema = schemathesis.openapi.from_url(f"{address}/docs/openapi.json")
        operations = dict(map(named, schema.get_all_operations()))
        assert operations.keys() == POLICY.keys() - UNDESCRIBED
        for name, operation in operations.items():
            role = asking.get(POLICY[name])
            for mode in GenerationMode:
                if mode == GenerationMode.NEGATIVE and not takes_anything(operation):
                    continue
                answered = try_out(operation, {} if role is None else tokens[role], mode)
                assert max(answered, default=0) < 500, (name, answered)
                assert mode == GenerationMode.NEGATIVE or role is None or not answered & {401, 403}, (name, answered)


def named(found: Any) -> tuple[str, Any]:
    operation = found.ok()
    return operation.definition.raw["operationId"], operation


def takes_anything(operation: Any) -> bool:
    """Only what takes something can be given something wrong."""
    raw = operation.definition.raw
    return bool(raw.get("requestBody") or raw.get("parameters"))
