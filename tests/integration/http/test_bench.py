"""What the bench holds the service against."""

from __future__ import annotations

import pytest

from bench.service import queries_of_progress
from propfirm.entrypoints.service_container import ServiceContainer
from tests.integration.postgres.test_desk import desk_on, falling, trading

pytestmark = pytest.mark.anyio


async def test_the_queries_of_a_look_are_all_of_them_the_journals_too(container: ServiceContainer) -> None:
    work = container.work()
    account, desk = await trading(work), desk_on(work)
    for batch in falling():
        await desk.judge(batch)
    asked = await queries_of_progress(container, account)
    for table in ("accounts", "runs", "risk_states", "quotes", "findings"):
        assert any(f"from {table}" in " ".join(query.lower().split()) for query, _ in asked), table
    assert len({query for query, _ in asked}) == len(asked), "each is asked once"
    async with container.engine().connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        for query, parameters in asked:
            await driver.fetch(query, *parameters)
