"""The journal: quotes once per contract, an account's own events, and where the engine stands.

These are the rows that there are millions of, so they go by the plain driver, many in a statement. The unit of work has
begun the transaction before: the driver's own connection is inside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, assert_never

import asyncpg
import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from propfirm.adapters.postgres.documents import dump, from_json, to_json
from propfirm.application.ports.platforms import Happened, Told
from propfirm.application.ports.work import Risk, RunMovedOn, Shown
from propfirm.domain.ids import AccountId
from propfirm.domain.rules.events import Event, Fill
from propfirm.domain.rules.findings import DayClosed, Finding, Hit
from propfirm.domain.rules.journal import Checkpoint, Entry, Quoted, chained
from propfirm.domain.rules.records import DayTaken, Record, TradeEnded
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import ENGINE_SEMANTICS

_STATE: Final = msgspec.msgpack.Decoder(State)

_ARRIVE: Final = """
insert into feed_positions as known values ($1, $2)
on conflict (feed) do update set until_ns = excluded.until_ns where known.until_ns < excluded.until_ns
"""
_QUOTE: Final = """
insert into quotes (symbol, number, at_ns, bid, ask, link)
select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])
"""
_QUOTES: Final = """
select symbol, number, at_ns, bid, ask, link from quotes
where symbol = $1 and number > $2 and number <= $3 order by number
"""
_RISK: Final = """
select state, seen, clock_ns, ended, head from risk_states where account_id = $1 and run = $2
"""
_STAND: Final = """
insert into risk_states as known (account_id, run, seq, at_ns, balance_micros, equity_micros, floor_micros, verdict,
    semantics, state, seen, clock_ns, head, ended_ns, ended)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb, $12, $13, $15, $16)
on conflict (account_id, run) do update set (seq, at_ns, balance_micros, equity_micros, floor_micros, verdict,
    semantics, state, seen, clock_ns, head, ended_ns, ended) = row(excluded.seq, excluded.at_ns,
    excluded.balance_micros, excluded.equity_micros, excluded.floor_micros, excluded.verdict, excluded.semantics,
    excluded.state, excluded.seen, excluded.clock_ns, excluded.head,
    -- Of a run that ended before its end was kept, when that was is all that is known.
    case when excluded.verdict <> 'open' then coalesce(excluded.ended_ns, known.ended_ns) end, excluded.ended)
where known.head = $14
"""
_ENTER: Final = """
insert into journal (account_id, run, seq, at_ns, kind, event, seen, link)
select $1, $2, * from unnest($3::bigint[], $4::bigint[], $5::text[], $6::jsonb[], $7::jsonb[], $8::text[])
"""
_EXECUTE: Final = """
insert into executions (account_id, source, execution, run, seq)
select $1, $2, e.execution, $3, e.seq from unnest($4::text[], $5::bigint[]) as e(execution, seq)
"""
_FIND: Final = """
insert into findings (account_id, run, seq, place, at_ns, kind, rule, action, finding)
select $1, $2, * from unnest($3::bigint[], $4::smallint[], $5::bigint[], $6::text[], $7::text[], $8::text[],
    $9::jsonb[])
"""
_DAY: Final = """
insert into trading_days (account_id, run, day, start_micros, end_micros, profit_micros, floor_micros,
    day_floor_micros, traded, qualifying)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_TRADE: Final = """
insert into trades (account_id, run, seq, symbol, side, opened_ns, closed_ns, contracts, profit_micros, fees_micros)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_SNAPSHOT: Final = """
insert into daily_snapshots (account_id, run, day, at_ns, balance_micros, equity_micros)
values ($1, $2, $3, $4, $5, $6)
"""
_FIRST_FILL: Final = "select min(at_ns) from journal where account_id = $1 and run = $2 and kind = 'fill'"
# Places 3 and 7 of a movement of cash: its kind and its reference.
_WITHDRAWN: Final = """
select event ->> 7 from journal where account_id = $1 and run = $2 and kind = 'cash' and event ->> 3 = 'payout'
"""
_ENTRIES: Final = """
select event, seen from journal where account_id = $1 and run = $2 and seq > $3 order by seq limit $4
"""
_LINKS: Final = "select link from journal where account_id = $1 and run = $2 order by seq"
_FINDINGS: Final = "select finding from findings where account_id = $1 and run = $2 order by seq, place"
_TRADES: Final = """
select seq, symbol, side, opened_ns, closed_ns, contracts, profit_micros, fees_micros from trades
where account_id = $1 and run = $2 order by seq
"""
_SNAPSHOTS: Final = """
select at_ns, day, balance_micros, equity_micros from daily_snapshots where account_id = $1 and run = $2 order by day
"""
_SHOWN: Final = """
select seq, at_ns, balance_micros, equity_micros, floor_micros, verdict, ended_ns from risk_states
where account_id = $1 and run = $2
"""
# One index look-up a contract: a plain `distinct on` would read every quote there is.
_LATEST: Final = """
with recursive contract as (
    (select symbol from quotes order by symbol limit 1)
    union all
    select (select symbol from quotes where symbol > contract.symbol order by symbol limit 1)
    from contract where contract.symbol is not null
)
select newest.symbol, newest.number, newest.at_ns, newest.bid, newest.ask, newest.link
from contract, lateral (
    select * from quotes where quotes.symbol = contract.symbol order by number desc limit 1
) as newest
"""

_ANNOUNCE: Final = "insert into announcements (account_id, run, at_ns, event) values ($1, $2, $3, $4::jsonb)"
_ANNOUNCED: Final = """
with taken as (delete from announcements where at_ns <= $1 returning *)
select runs.platform_account, taken.event from taken join runs using (account_id, run)
order by taken.at_ns, taken.number
"""
_UNHEARD: Final = "select exists (select from announcements where account_id = $1 and run = $2)"

SOURCE: Final = "platform"


@dataclass(frozen=True, slots=True)
class PostgresJournal:
    connection: AsyncConnection

    async def arrived(self, feed: str, until: int) -> bool:
        done: str = await (await self._driver()).execute(_ARRIVE, feed, until)
        return done.endswith(" 1")

    async def quote(self, quoted: Sequence[Quoted]) -> None:
        if not quoted:
            return
        driver = await self._driver()
        columns = ([getattr(one, name) for one in quoted] for name in ("symbol", "number", "at", "bid", "ask", "link"))
        await driver.execute(_QUOTE, *columns)

    async def quotes(self, symbol: str, after: int, upto: int) -> Sequence[Quoted]:
        rows = await (await self._driver()).fetch(_QUOTES, symbol, after, upto)
        return [Quoted(*row) for row in rows]

    async def risk(self, account: AccountId, run: int) -> Risk | None:
        row = await (await self._driver()).fetchrow(_RISK, account, run)
        if row is None:
            return None
        state = _STATE.decode(row["state"])
        ended = None if row["ended"] is None else _STATE.decode(row["ended"])
        return Risk(account, run, Checkpoint(state, _seen(row["seen"]), row["clock_ns"], ended), row["head"])

    async def write(
        self,
        before: str,
        risk: Risk,
        entries: Sequence[Entry],
        findings: Sequence[Finding],
        records: Sequence[Record] = (),
    ) -> None:
        driver = await self._driver()
        state, ended, account, run = risk.checkpoint.state, risk.checkpoint.ended, risk.account, risk.run
        shown = Shown.of(state, ended)
        done = await driver.execute(
            _STAND,
            account,
            run,
            shown.seq,
            shown.at,
            shown.balance,
            shown.equity,
            shown.floor,
            shown.verdict,
            ENGINE_SEMANTICS,
            msgspec.msgpack.encode(state),
            dump(risk.checkpoint.seen),
            risk.checkpoint.clock,
            risk.head,
            before,
            shown.ended,
            None if ended is None else msgspec.msgpack.encode(ended),
        )
        if not done.endswith(" 1"):
            raise RunMovedOn(account, run)
        if entries:
            await self._enter(driver, risk, before, entries)
        if findings:
            await self._find(driver, risk, findings)
        for record in records:
            await self._remember(driver, risk, record)

    async def entries(
        self, account: AccountId, run: int, *, after: int = 0, most: int | None = None
    ) -> Sequence[Entry]:
        rows = await (await self._driver()).fetch(_ENTRIES, account, run, after, most)
        return [Entry(from_json(_plain(row["event"]), Event), _seen(row["seen"])) for row in rows]

    async def links(self, account: AccountId, run: int) -> Sequence[str]:
        return [row["link"] for row in await (await self._driver()).fetch(_LINKS, account, run)]

    async def findings(self, account: AccountId, run: int) -> Sequence[Finding]:
        rows = await (await self._driver()).fetch(_FINDINGS, account, run)
        return [from_json(_plain(row["finding"]), Finding) for row in rows]

    async def records(self, account: AccountId, run: int) -> Sequence[Record]:
        driver = await self._driver()
        trades = [TradeEnded(*row) for row in await driver.fetch(_TRADES, account, run)]
        return [*trades, *(DayTaken(*row) for row in await driver.fetch(_SNAPSHOTS, account, run))]

    async def shown(self, account: AccountId, run: int) -> Shown | None:
        row = await (await self._driver()).fetchrow(_SHOWN, account, run)
        return None if row is None else Shown(*row)

    async def latest(self) -> Sequence[Quoted]:
        return [Quoted(*row) for row in await (await self._driver()).fetch(_LATEST)]

    async def announce(self, account: AccountId, run: int, event: Happened) -> None:
        await (await self._driver()).execute(_ANNOUNCE, account, run, event.at, dump(to_json(event)))

    async def announced(self, until: int) -> Sequence[Told]:
        rows = await (await self._driver()).fetch(_ANNOUNCED, until)
        return [Told(row["platform_account"], from_json(_plain(row["event"]), Happened)) for row in rows]

    async def unheard(self, account: AccountId, run: int) -> bool:
        waits: bool = await (await self._driver()).fetchval(_UNHEARD, account, run)
        return waits

    async def first_fill(self, account: AccountId, run: int) -> int | None:
        found: int | None = await (await self._driver()).fetchval(_FIRST_FILL, account, run)
        return found

    async def withdrawn(self, account: AccountId, run: int) -> frozenset[str]:
        rows = await (await self._driver()).fetch(_WITHDRAWN, account, run)
        return frozenset(row[0] for row in rows)

    async def _driver(self) -> asyncpg.Connection[asyncpg.Record]:
        raw = await self.connection.get_raw_connection()
        driver: asyncpg.Connection[asyncpg.Record] | None = raw.driver_connection
        assert driver is not None  # noqa: S101 - a checked-out connection has one; for the type checker
        return driver

    async def _enter(self, driver: Any, risk: Risk, before: str, entries: Sequence[Entry]) -> None:  # noqa: ANN401 - see _driver
        links = list(chained(before, entries))
        await driver.execute(
            _ENTER,
            risk.account,
            risk.run,
            [one.event.seq for one in entries],
            [one.event.at for one in entries],
            [type(one.event).__struct_config__.tag for one in entries],
            [dump(to_json(one.event)) for one in entries],
            [dump(dict(one.seen)) for one in entries],
            links,
        )
        fills = [one.event for one in entries if isinstance(one.event, Fill)]
        if fills:
            await driver.execute(
                _EXECUTE, risk.account, SOURCE, risk.run, [f.execution for f in fills], [f.seq for f in fills]
            )

    async def _find(self, driver: Any, risk: Risk, findings: Sequence[Finding]) -> None:  # noqa: ANN401 - see _driver
        await driver.execute(
            _FIND,
            risk.account,
            risk.run,
            [one.seq for one in findings],
            list(_places(findings)),
            [one.at for one in findings],
            [type(one).__struct_config__.tag for one in findings],
            [getattr(one, "rule", None) for one in findings],
            [one.outcome if isinstance(one, Hit) else None for one in findings],
            [dump(to_json(one)) for one in findings],
        )
        for day in findings:
            if isinstance(day, DayClosed):
                await driver.execute(
                    _DAY,
                    risk.account,
                    risk.run,
                    day.day,
                    day.start_balance,
                    day.end_balance,
                    day.pnl,
                    day.floor,
                    day.day_floor,
                    day.traded,
                    day.qualifying,
                )

    async def _remember(self, driver: Any, risk: Risk, record: Record) -> None:  # noqa: ANN401 - see _driver
        run = risk.account, risk.run
        match record:
            case TradeEnded():
                times = record.opened, record.closed
                figures = record.contracts, record.profit, record.fees
                await driver.execute(_TRADE, *run, record.seq, record.symbol, record.side, *times, *figures)
            case DayTaken():
                await driver.execute(_SNAPSHOT, *run, record.day, record.at, record.balance, record.equity)
            case _:
                assert_never(record)


def _places(findings: Sequence[Finding]) -> Sequence[int]:
    """The number of each finding among those of its event, from 0."""
    places: list[int] = []
    for n, one in enumerate(findings):
        places.append(places[-1] + 1 if n and findings[n - 1].seq == one.seq else 0)
    return places


def _plain(column: object) -> object:
    """JSON as the driver gives it: text on a connection of its own, values on one of SQLAlchemy's."""
    return msgspec.json.decode(column) if isinstance(column, str | bytes) else column


def _seen(column: object) -> dict[str, int]:
    seen: dict[str, int] = from_json(_plain(column), dict[str, int])
    return seen
