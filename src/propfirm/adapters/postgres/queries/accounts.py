"""Accounts, and what happened on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.documents import from_json
from propfirm.adapters.postgres.queries.reading import Row, at_instant, behind, conditions, cut, fetch, owned, read
from propfirm.application.evaluation.queries import (
    AccountLine,
    AccountState,
    AppealLine,
    DayLine,
    Happening,
    OfPayout,
    Opined,
    Statistics,
    TradeLine,
    Violation,
)
from propfirm.application.paging import Place, Slice
from propfirm.domain.errors import NotFound
from propfirm.domain.evaluation import appeal, events
from propfirm.domain.evaluation.review import HitName
from propfirm.domain.ids import AccountId, AppealId, PersonId
from propfirm.domain.money import ONE, Micros, Ppm
from propfirm.domain.payouts import request
from propfirm.domain.rules.findings import Finding, Hit, Rule
from propfirm.domain.rules.state import FAR

ACCOUNTS: Final = """
select a.id, a.owner_id, u.email, a.program, a.program_version, p.document ->> 'name' as program_name, a.stage, a.run,
    a.state, r.balance_micros, r.equity_micros, r.floor_micros, a.opened_at, coalesce(e.at, a.changed_at) as changed_at
from accounts a
left join lateral (
    select at from account_events where account_id = a.id order by number desc limit 1
) e on true
join users u on u.id = a.owner_id
join program_versions p on (p.program, p.version) = (a.program, a.program_version)
left join risk_states r on (r.account_id, r.run) = (a.id, a.run)
where {where}
order by a.opened_at desc, a.id desc
limit :limit
"""

"""changed_at: of the last event. The column beside is since when the state is as it is: after a hold, of before it."""

TO_CLOSE: Final = """
a.state <> 'closed' and exists (select from payouts p where (p.account_id, p.run) = (a.id, a.run)
    and p.state = 'sent' and p.document -> 'claim' ->> 'closes' = 'true')
"""
"""Of account ``a``: its last payout was made, and it would not be closed."""

ACTIVITIES: Final = """
select at_ns, place, run, source, what, gross_cents, trader_cents from (
    select (extract(epoch from at) * 1000000000)::bigint as at_ns, 'e' || lpad(number::text, 12, '0') as place,
        0 as run, 'account' as source, event as what, null::bigint as gross_cents, null::bigint as trader_cents
    from account_events where account_id = :account
    union all
    select at_ns, 'f' || lpad(run::text, 6, '0') || lpad(seq::text, 14, '0') || lpad(place::text, 5, '0'),
        run, 'run', finding, null, null
    from findings where account_id = :account
    union all
    select (extract(epoch from e.at) * 1000000000)::bigint, 'p' || p.id || lpad(e.number::text, 12, '0'),
        p.run, 'payout', e.event, p.gross_cents, p.trader_cents
    from payouts p join payout_events e on e.payout_id = p.id where p.account_id = :account
) as told
where {where}
order by at_ns desc, place collate "C" desc
limit :limit
"""

VIOLATIONS: Final = """
select f.account_id, f.run, f.seq, f.place, f.at_ns, f.finding, u.email,
    v.decision, v.reason, v.reviewer_id, v.at as reviewed_at
from findings f
join accounts a on a.id = f.account_id
join users u on u.id = a.owner_id
left join violation_reviews v on (v.account_id, v.run, v.seq, v.place) = (f.account_id, f.run, f.seq, f.place)
where f.kind = 'hit' and {where}
order by f.at_ns desc, f.account_id desc, f.run desc, f.seq desc, f.place desc
limit :limit
"""

TRADES: Final = """
select run, seq, symbol, side, opened_ns, closed_ns, contracts, profit_micros, fees_micros,
    coalesce(opened_ns > (select ended_ns from risk_states r where (r.account_id, r.run) = (t.account_id, t.run)),
        false) as after_the_end
from trades t
where account_id = :account and {where}
order by closed_ns desc, seq desc
limit :limit
"""

DAYS: Final = """
select d.run, d.day, d.start_micros, d.end_micros, d.profit_micros, d.floor_micros, d.day_floor_micros, d.traded,
    d.qualifying, s.balance_micros, s.equity_micros
from trading_days d
left join daily_snapshots s on (s.account_id, s.run, s.day) = (d.account_id, d.run, d.day)
where d.account_id = :account and {where}
order by d.run desc, d.day desc
limit :limit
"""

STATISTICS: Final = """
select count(*) as trades, count(*) filter (where profit_micros > 0) as wins,
    count(*) filter (where profit_micros < 0) as losses, coalesce(sum(profit_micros), 0)::bigint as profit,
    coalesce(sum(fees_micros), 0)::bigint as fees,
    coalesce(sum(profit_micros) filter (where profit_micros > 0), 0)::bigint as gross_profit,
    coalesce(sum(profit_micros) filter (where profit_micros < 0), 0)::bigint as gross_loss,
    max(profit_micros) as best, min(profit_micros) as worst, avg(closed_ns - opened_ns)::bigint as held_ns
from trades where account_id = :account and run = :run and opened_ns <= :ended
"""
LATER_STATISTICS: Final = """
select count(*) as trades, coalesce(sum(profit_micros), 0)::bigint as profit
from trades where account_id = :account and run = :run and opened_ns > :ended
"""
ENDED: Final = "select ended_ns from risk_states where account_id = :account and run = :run and ended_ns is not null"
DAY_STATISTICS: Final = """
select count(*) as days, count(*) filter (where traded) as traded, max(profit_micros) as best,
    min(profit_micros) as worst
from trading_days where account_id = :account and run = :run
"""

APPEALS: Final = """
select id, account_id, state, due_at, filed_at, document from appeals where account_id = :account order by filed_at, id
"""
APPEALS_OPEN: Final = """
select id, account_id, state, due_at, filed_at, document from appeals
where due_at is not null and {where} order by due_at, id limit :limit
"""


@dataclass(frozen=True, slots=True)
class PostgresAccountQueries:
    """engine: of the reader, where a report may be a moment old; of the writer for whoever acts by it."""

    engine: AsyncEngine

    async def account(self, owner: PersonId | None, account: AccountId) -> AccountLine:
        where, values = conditions(account=("a.id = :account", account), owner=("a.owner_id = :owner", owner))
        found = await read(self.engine, ACCOUNTS.format(where=where), values | {"limit": 1})
        if not found:
            raise NotFound
        return _account(found[0])

    async def accounts(
        self,
        owner: PersonId | None,
        *,
        state: AccountState | None,
        program: str | None,
        after: Place | None,
        limit: int,
        to_close: bool = False,
    ) -> Slice[AccountLine]:
        where, values = conditions(
            owner=("a.owner_id = :owner", owner),
            state=("a.state = :state", state),
            program=("a.program = :program", program),
        )
        where = f"{where} and {TO_CLOSE}" if to_close else where
        page, more = behind("a.opened_at", "a.id", after)
        sql = ACCOUNTS.format(where=f"{where} and {page}")
        rows = await read(self.engine, sql, values | more | {"limit": limit + 1})
        found = cut(rows, limit, lambda row: at_instant(row, "opened_at"))
        return Slice([_account(row) for row in found.rows], found.end)

    async def activities(
        self, owner: PersonId | None, account: AccountId, after: Place | None, limit: int
    ) -> Slice[Happening]:
        sql, values = _from(ACTIVITIES, '(at_ns, place collate "C")', after)
        rows = await self._of(owner, account, sql, values, limit)
        found = cut(rows, limit, lambda row: Place(row["at_ns"], row["place"]))
        return Slice([_happening(row) for row in found.rows], found.end)

    async def violations(
        self, owner: PersonId | None, account: AccountId, after: Place | None, limit: int
    ) -> Slice[Violation]:
        sql, values = _hits_behind(after)
        rows = await self._of(owner, account, sql.format(where="f.account_id = :account"), values, limit)
        return _violations(rows, limit)

    async def all_violations(
        self, *, rule: Rule | None, reviewed: bool | None, after: Place | None, limit: int
    ) -> Slice[Violation]:
        where, filters = conditions(
            rule=("f.rule = :rule", rule),
            reviewed=("(v.decision is not null) = :reviewed", reviewed),
        )
        sql, values = _hits_behind(after)
        rows = await read(self.engine, sql.format(where=where), values | filters | {"limit": limit + 1})
        return _violations(rows, limit)

    async def statistics(self, owner: PersonId | None, account: AccountId, run: int | None) -> Statistics:
        async with self.engine.connect() as connection:
            current = await owned(connection, owner, account)
            if run is not None and not 1 <= run <= current:
                raise NotFound
            values: dict[str, object] = {"account": account, "run": run or current}
            ended = next((row["ended_ns"] for row in await fetch(connection, ENDED, values)), FAR)
            (trades,) = await fetch(connection, STATISTICS, values | {"ended": ended})
            (later,) = await fetch(connection, LATER_STATISTICS, values | {"ended": ended})
            (days,) = await fetch(connection, DAY_STATISTICS, values)
        return _statistics(run or current, trades, later, days)

    async def days(self, owner: PersonId | None, account: AccountId, after: Place | None, limit: int) -> Slice[DayLine]:
        # A day has no instant here: its run stands for the time, its date for the id.
        page = "true" if after is None else "(d.run, d.day) < (:after_run, :after_day)"
        values: dict[str, object] = (
            {} if after is None else {"after_run": after.at, "after_day": date.fromisoformat(after.id)}
        )
        rows = await self._of(owner, account, DAYS.format(where=page), values, limit)
        found = cut(rows, limit, lambda row: Place(row["run"], row["day"].isoformat()))
        return Slice([_day(row) for row in found.rows], found.end)

    async def trades(
        self, owner: PersonId | None, account: AccountId, after: Place | None, limit: int
    ) -> Slice[TradeLine]:
        page = "true" if after is None else "(closed_ns, seq) < (:after_at, :after_seq)"
        values: dict[str, object] = {} if after is None else {"after_at": after.at, "after_seq": int(after.id)}
        rows = await self._of(owner, account, TRADES.format(where=page), values, limit)
        found = cut(rows, limit, lambda row: Place(row["closed_ns"], str(row["seq"])))
        return Slice([_trade(row) for row in found.rows], found.end)

    async def appeals(self, owner: PersonId | None, account: AccountId) -> Sequence[AppealLine]:
        async with self.engine.connect() as connection:
            await owned(connection, owner, account)
            return [_appeal(row) for row in await fetch(connection, APPEALS, {"account": account})]

    async def appeals_open(self, after: Place | None, limit: int) -> Slice[AppealLine]:
        page, values = behind("due_at", "id", after)
        sql = APPEALS_OPEN.format(where=page.replace("<", ">"))
        rows = await read(self.engine, sql, values | {"limit": limit + 1})
        found = cut(rows, limit, lambda row: at_instant(row, "due_at"))
        return Slice([_appeal(row) for row in found.rows], found.end)

    async def _of(
        self, owner: PersonId | None, account: AccountId, sql: str, values: dict[str, object], limit: int
    ) -> Sequence[Row]:
        """One row more than the limit. Raises NotFound."""
        async with self.engine.connect() as connection:
            await owned(connection, owner, account)
            return await fetch(connection, sql, values | {"account": account, "limit": limit + 1})


def _from(sql: str, columns: str, after: Place | None) -> tuple[str, dict[str, object]]:
    if after is None:
        return sql.format(where="true"), {}
    return sql.format(where=f"{columns} < (:after_at, :after_id)"), {"after_at": after.at, "after_id": after.id}


def _hits_behind(after: Place | None) -> tuple[str, dict[str, object]]:
    """A hit's place has four parts beside the time. What it gives still awaits its filters."""
    if after is None:
        return VIOLATIONS, {}
    account, run, seq, place = after.id.split("/")
    page = "(f.at_ns, f.account_id, f.run, f.seq, f.place) < (:at, cast(:behind as uuid), :behind_run, :seq, :place)"
    values = {"at": after.at, "behind": account, "behind_run": int(run), "seq": int(seq), "place": int(place)}
    return VIOLATIONS.replace("{where}", f"{page} and {{where}}"), values


def _violations(rows: Sequence[Row], limit: int) -> Slice[Violation]:
    def place(row: Row) -> Place:
        return Place(row["at_ns"], f"{row['account_id']}/{row['run']}/{row['seq']}/{row['place']}")

    found = cut(rows, limit, place)
    return Slice([_violation(row) for row in found.rows], found.end)


def _account(row: Row) -> AccountLine:
    return AccountLine(
        id=AccountId(row["id"]),
        owner=PersonId(row["owner_id"]),
        email=row["email"],
        program=row["program"],
        program_version=row["program_version"],
        program_name=row["program_name"],
        stage=row["stage"],
        run=row["run"],
        state=row["state"],
        balance=row["balance_micros"],
        equity=row["equity_micros"],
        floor=row["floor_micros"],
        opened_at=row["opened_at"],
        changed_at=row["changed_at"],
    )


def _happening(row: Row) -> Happening:
    what: events.Event | Finding | OfPayout
    match row["source"]:
        case "account":
            what = from_json(row["what"], events.Event)
        case "run":
            what = from_json(row["what"], Finding)
        case _:
            what = OfPayout(from_json(row["what"], request.Event), row["gross_cents"], row["trader_cents"])
    return Happening(row["at_ns"], row["run"], what)


def _violation(row: Row) -> Violation:
    hit: Hit = from_json(row["finding"], Hit)
    said = None
    if row["decision"] is not None:
        said = Opined(row["decision"], row["reason"], PersonId(row["reviewer_id"]), row["reviewed_at"])
    name = HitName(AccountId(row["account_id"]), row["run"], row["seq"], row["place"])
    return Violation(name, row["email"], hit, said)


def _trade(row: Row) -> TradeLine:
    return TradeLine(
        row["run"],
        row["seq"],
        row["symbol"],
        row["side"],
        row["opened_ns"],
        row["closed_ns"],
        row["contracts"],
        row["profit_micros"],
        row["fees_micros"],
        row["after_the_end"],
    )


def _day(row: Row) -> DayLine:
    return DayLine(
        run=row["run"],
        day=row["day"],
        start_balance=row["start_micros"],
        end_balance=row["end_micros"],
        profit=row["profit_micros"],
        floor=row["floor_micros"],
        day_floor=row["day_floor_micros"],
        traded=row["traded"],
        qualifying=row["qualifying"],
        snapshot_balance=row["balance_micros"],
        snapshot_equity=row["equity_micros"],
    )


def _appeal(row: Row) -> AppealLine:
    document: appeal.Appeal = from_json(row["document"], appeal.Appeal)
    ids = AppealId(row["id"]), AccountId(row["account_id"])
    return AppealLine(*ids, row["state"], row["due_at"], row["filed_at"], document)


def _statistics(run: int, trades: Row, later: Row, days: Row) -> Statistics:
    wins, losses = trades["wins"], trades["losses"]
    gain, loss = trades["gross_profit"], trades["gross_loss"]
    return Statistics(
        run=run,
        trades=trades["trades"],
        wins=wins,
        losses=losses,
        win_rate=_share(wins, trades["trades"]),
        profit=trades["profit"],
        fees=trades["fees"],
        gross_profit=gain,
        gross_loss=loss,
        profit_factor=_share(gain, -loss),
        average_win=Micros(gain // wins) if wins else None,
        average_loss=Micros(-(-loss // losses)) if losses else None,
        largest_win=trades["best"] if wins else None,
        largest_loss=trades["worst"] if losses else None,
        held_ns=trades["held_ns"],
        days=days["days"],
        traded_days=days["traded"],
        best_day=days["best"],
        worst_day=days["worst"],
        trades_after_the_end=later["trades"],
        profit_after_the_end=later["profit"],
    )


def _share(part: int, whole: int) -> Ppm | None:
    return Ppm(part * ONE // whole) if whole > 0 else None
