"""A new firm's first contents, and that seeding again takes nothing from the staff."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.argon2.passwords import Argon2Passwords
from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.resources.calendar import load_news
from propfirm.adapters.resources.programs import ShippedPrograms
from propfirm.adapters.system.clock import RealClock, Uuid7s
from propfirm.application.ports.work import Listing
from propfirm.application.seeding.seed_firm import Seeded, SeedFirm
from propfirm.application.seeding.seed_people import Newcomer, SeedPeople
from propfirm.domain.identity.people import WeakPassword
from propfirm.domain.money import Cents

pytestmark = pytest.mark.anyio
PASSWORD = "correct horse battery staple"  # noqa: S105 - of people who live for one test


@pytest.fixture
def work(engine: AsyncEngine) -> PostgresUnitOfWork:
    return PostgresUnitOfWork(engine)


def seeding(work: PostgresUnitOfWork) -> SeedFirm:
    return SeedFirm(work, RealClock(), Uuid7s(), ShippedPrograms(), load_news())


async def test_the_firms_own_programs_are_on_sale_at_their_prices(work: PostgresUnitOfWork) -> None:
    done = await seeding(work)({"tradeday-intraday-50k": Cents(99_00)})
    assert done == Seeded(2 + 6 + 6 + 1, len(load_news().rows))
    async with work.begin() as tx:
        prices = {
            name: None if (found := await tx.programs.on_sale(name)) is None else found.price
            for name in ("starter-50k", "starter-100k", "propfirm-1step-200k", "tradeday-intraday-50k", "topstep-50k")
        }
        listed = [one.release for one in await tx.news.listed(load_news().feed)]
    assert prices == {
        "starter-50k": 99_00,
        "starter-100k": 149_00,
        "propfirm-1step-200k": 999_00,
        "tradeday-intraday-50k": 99_00,
        "topstep-50k": None,
    }
    assert [(one.name, one.at) for one in listed] == [(one.name, one.at) for one in load_news().rows]


async def test_done_again_it_leaves_what_the_staff_has_changed(work: PostgresUnitOfWork) -> None:
    await seeding(work)()
    async with work.begin() as tx:
        found = await tx.programs.get("starter-50k", 1)
        await tx.programs.put(Listing(found.edition, "retired", Cents(1_00), found.changed_at))
    assert await seeding(work)() == Seeded(0, 0)
    async with work.begin() as tx:
        assert await tx.programs.on_sale("starter-50k") is None


async def test_people_are_made_once_and_keep_their_password(work: PostgresUnitOfWork) -> None:
    passwords = Argon2Passwords()
    seed = SeedPeople(work, RealClock(), Uuid7s(), passwords)
    boss, ann = Newcomer("Boss@Firm.example", "Boss", "admin"), Newcomer("ann@firm.example", "Ann", "trader")
    try:
        first = await seed([boss, ann], PASSWORD)
        again = await seed([ann, boss, Newcomer("sam@firm.example", "Sam", "support")], "another " + PASSWORD)
        assert [(one.email, one.role) for one in first] == [
            ("boss@firm.example", "admin"),
            ("ann@firm.example", "trader"),
        ]
        assert again[:2] == first[::-1]
        assert again[2].role == "support"
        assert await passwords.fits(PASSWORD, again[1].password_hash)
        with pytest.raises(WeakPassword):
            await seed([Newcomer("weak@firm.example", "Weak", "admin")], "short")
    finally:
        passwords.close()
