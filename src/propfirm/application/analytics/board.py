"""The firm at a glance while it runs: its newest accounts, how far each is from the end, and what just happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from msgspec import Struct

from propfirm.application.evaluation.activities import Activity, TellActivities
from propfirm.application.evaluation.progress import LookAtProgress
from propfirm.application.evaluation.queries import AccountLine, AccountQueries, AccountState
from propfirm.application.ports.clock import Clock
from propfirm.domain.ids import AccountId
from propfirm.domain.money import Micros

ROWS: Final = 12
SEEN: Final = 100
"""Of so many of the newest accounts those are chosen that are shown."""
ENDED: Final[frozenset[AccountState]] = frozenset({"failed", "closed"})
ID_END: Final = 4
LATEST: Final = 8
"""Activities of an account that one look can miss: of a second, in which it lives hours."""

TELLING: Final = frozenset({"hit", "passed"})
"""Findings that end something. An account's own events are all told."""


class BoardRow(Struct, frozen=True, kw_only=True):
    """to_floor, to_day_floor, to_target: what is left; None where there is no such line, or the stage is over. Then
    equity and profit, with what was open, are those of the verdict; open_contracts are of now."""

    account: AccountId
    name: str
    program: str
    stage: str
    state: AccountState
    equity: Micros
    profit: Micros
    to_floor: Micros | None
    to_day_floor: Micros | None
    to_target: Micros | None
    trading_days: int
    open_contracts: int


class Headline(Struct, frozen=True):
    """at: the firm's time."""

    at: datetime
    text: str


class BoardView(Struct, frozen=True):
    """now: the firm's time. rows: who lives first, then the newest. headlines: the newest last. more: accounts that
    are not shown."""

    now: datetime
    rows: Sequence[BoardRow]
    headlines: Sequence[Headline]
    more: bool = False


class Board(Protocol):
    """Where it is shown. ``tell`` also where nobody watches a screen; ``show`` may do nothing there."""

    def show(self, view: BoardView) -> None: ...

    def tell(self, headline: Headline) -> None: ...

    def announce(self, text: str) -> None:
        """Said to whoever started it, above everything that is shown."""
        ...

    def close(self) -> None: ...


@dataclass(slots=True)
class LookAtBoard:
    """One look after another: what was there when it began, or was told once, is not told again."""

    queries: AccountQueries
    look: LookAtProgress
    activities: TellActivities
    clock: Clock
    _known: dict[AccountId, frozenset[Activity]] = field(default_factory=dict)
    """The latest of the newest accounts, as of the last look: what is older does not come back."""

    async def begin(self) -> None:
        """What is there by now is no news."""
        await self.headlines()

    async def headlines(self) -> list[Headline]:
        """Of the newest accounts, in order of time: what became of them, and the hits and passes that it rests on."""
        found = await self.queries.accounts(None, state=None, program=None, after=None, limit=ROWS)
        fresh, known = list[tuple[str, Activity]](), dict[AccountId, frozenset[Activity]]()
        for line in found.rows:
            latest = await self.activities(None, line.id, None, LATEST)
            known[line.id] = frozenset(one for one in latest.rows if one.run == 0 or one.kind in TELLING)
            fresh.extend((_name(line), one) for one in known[line.id] - self._known.get(line.id, frozenset()))
        self._known = known
        fresh.sort(key=lambda one: (one[1].at, one[1].run == 0))
        return [Headline(one.at, f"{name}: {one.text}") for name, one in fresh]

    async def __call__(self, headlines: Sequence[Headline]) -> BoardView:
        found = await self.queries.accounts(None, state=None, program=None, after=None, limit=SEEN)
        # Both the newest first: what a low screen cuts off is what was over long ago.
        shown = sorted(found.rows, key=lambda one: one.state in ENDED)[:ROWS]
        names = _told_apart(shown)
        rows = list[BoardRow]()
        for line in shown:
            seen = await self.look(None, line.id)
            standing, later = seen.standing, seen.after_the_end
            open_profit = 0 if later is None else standing.equity - standing.balance
            rows.append(
                BoardRow(
                    account=line.id,
                    name=names[line.id],
                    program=line.program,
                    stage=seen.stage,
                    state=seen.state,
                    equity=standing.equity,
                    profit=Micros(standing.profit + open_profit),
                    to_floor=standing.to_floor,
                    to_day_floor=standing.to_day_floor,
                    to_target=standing.to_target,
                    trading_days=standing.trading_days,
                    open_contracts=standing.open_contracts if later is None else later.open_contracts,
                )
            )
        more = found.end is not None or len(found.rows) > len(shown)
        return BoardView(self.clock.now(), rows, tuple(headlines), more=more)


def _told_apart(lines: Sequence[AccountLine]) -> dict[AccountId, str]:
    """By the person's name, and where they have several accounts by the end of the account's id as well."""
    named = Counter(map(_name, lines))
    return {one.id: _name(one) + (f" {one.id.hex[-ID_END:]}" if named[_name(one)] > 1 else "") for one in lines}


def _name(line: AccountLine) -> str:
    return line.email.partition("@")[0]
