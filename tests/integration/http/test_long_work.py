"""Proofs are made beside everything else, a few at a time, and whoever comes too late is asked to come back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

import httpx
import pytest
from dependency_injector.providers import Object

from propfirm.adapters.system.calculator import OneThread
from propfirm.entrypoints.service_container import ServiceContainer
from tests.integration.http.problems import problem
from tests.integration.http.test_looking import Firm, firm

pytestmark = pytest.mark.anyio
__all__ = ["firm"]
T = TypeVar("T")


class Held(OneThread):
    """Begins with nothing before it is let."""

    def __init__(self, at_once: int, waiting_most: int) -> None:
        super().__init__(at_once, waiting_most)
        self.let, self.given = threading.Event(), 0

    async def __call__(self, work: Callable[[], T]) -> T:
        self.given += 1

        def wait() -> T:
            assert self.let.wait(20)
            return work()

        return await super().__call__(wait)


@pytest.fixture
def held(container: ServiceContainer) -> Held:
    made = Held(at_once=2, waiting_most=1)
    container.calculator.override(Object(made))
    return made


async def test_while_a_proof_is_made_no_transaction_is_open_and_others_are_answered(
    held: Held, container: ServiceContainer, firm: Firm, client: httpx.AsyncClient
) -> None:
    proof = asyncio.create_task(client.get(f"/v1/accounts/{firm.account}/proof", headers=firm.trader))
    async with asyncio.timeout(10):
        while not held.given:  # noqa: ASYNC110 - what is waited for happens in a request that knows nothing of us
            await asyncio.sleep(0.01)
    assert container.engine().pool.checkedout() == 0  # type: ignore[attr-defined]  # not of every pool
    assert (await client.get("/v1/accounts", headers=firm.trader)).status_code == 200
    assert not proof.done()
    held.let.set()
    assert (await proof).status_code == 200


async def test_of_many_proofs_at_once_some_are_made_and_the_others_put_off(
    held: Held, firm: Firm, client: httpx.AsyncClient
) -> None:
    path = f"/v1/accounts/{firm.account}/proof"
    asked = [asyncio.create_task(client.get(path, headers=firm.trader)) for _ in range(10)]
    async with asyncio.timeout(10):
        while sum(one.done() for one in asked) < 7:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
    stranger = await client.get(path, headers=firm.stranger)
    problem(stranger, 404, "not-found")  # whose account it is not is told so, however busy
    held.let.set()
    answers = await asyncio.gather(*asked)
    assert sorted(one.status_code for one in answers) == [200] * 3 + [503] * 7
    for one in answers:
        if one.status_code == 503:
            problem(one, 503, "service-unavailable")
            assert int(one.headers["retry-after"]) > 0
