"""Which accounts the board shows where there are more than it has lines for, and what it calls them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from msgspec.structs import replace

from propfirm.application.analytics.board import ROWS, LookAtBoard
from propfirm.application.evaluation.progress import AfterTheEnd, Progress
from propfirm.application.evaluation.queries import AccountLine
from propfirm.application.paging import Slice
from propfirm.application.simulation.report import Standing
from propfirm.domain.ids import AccountId, PersonId
from propfirm.domain.money import Micros, usd

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 16, 20, 46, tzinfo=UTC)
STANDING = Standing(
    at=1,
    ended_at=None,
    balance=usd("50200"),
    equity=usd("50100"),
    profit=usd("200"),
    target=None,
    to_target=None,
    floor=usd("48000"),
    to_floor=usd("2100"),
    day_floor=None,
    to_day_floor=None,
    high_water_mark=usd("50200"),
    trading_days=1,
    qualifying_days=0,
    open_contracts=5,
    conditions=(),
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def line(number: int, *, name: str = "", ended: bool = False) -> AccountLine:
    return AccountLine(
        id=AccountId(UUID(int=number)),
        owner=PersonId(UUID(int=1)),
        email=f"{name or f'trader{number}'}@example.com",
        program="starter-50k",
        program_version=1,
        program_name="",
        stage="challenge",
        run=1,
        state="failed" if ended else "evaluating",
        balance=None,
        equity=None,
        floor=None,
        opened_at=NOW,
        changed_at=NOW,
    )


class Firm:
    """Its accounts, the newest first, and a clock."""

    def __init__(self, *lines: AccountLine) -> None:
        self.lines = lines

    async def accounts(self, _owner: None, *, limit: int, **_: object) -> Slice[AccountLine]:
        return Slice(self.lines[:limit], None)

    async def look(self, _owner: None, account: AccountId) -> Progress:
        state = next(one.state for one in self.lines if one.id == account)
        progress = Progress(
            account=account,
            program="starter-50k",
            program_version=1,
            stage="challenge",
            run=1,
            state=state,
            now=NOW,
            zone="America/Chicago",
            begun=True,
            locked=False,
            day_ends=None,
            standing=STANDING,
            rules=(),
        )
        if state != "failed":
            return progress
        return replace(progress, after_the_end=AfterTheEnd(2, usd("51000"), usd("51000"), usd("900"), 0))

    def now(self) -> datetime:
        return NOW

    def board(self) -> LookAtBoard:
        return LookAtBoard(self, self.look, None, self)  # type: ignore[arg-type]  # as far as rows need them


async def test_who_lives_is_shown_before_whoever_is_over_however_new() -> None:
    over = [line(100 + n, ended=True) for n in range(ROWS)]
    living = [line(n) for n in (3, 2, 1)]
    view = await Firm(*over, *living).board()([])
    assert [row.account.int for row in view.rows] == [3, 2, 1, *range(100, 100 + ROWS - 3)]
    assert view.more


async def test_several_accounts_of_one_person_are_told_apart() -> None:
    view = await Firm(line(0xA28B7, name="ann"), line(0xB910B, name="ann"), line(3, name="bob")).board()([])
    assert [row.name for row in view.rows] == ["ann 28b7", "ann 910b", "bob"]


async def test_who_is_over_shows_the_verdicts_money_and_what_is_open_now() -> None:
    living, over = (await Firm(line(1), line(2, ended=True)).board()([])).rows
    assert (living.profit, living.open_contracts) == (usd("200"), 5)
    assert (over.equity, over.profit, over.open_contracts) == (usd("50100"), Micros(usd("100")), 0)
