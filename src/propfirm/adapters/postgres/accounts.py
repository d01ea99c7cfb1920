"""Accounts and appeals: the life of an account, and what happened in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, Text, case, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from propfirm.adapters.postgres.documents import from_json, to_json
from propfirm.adapters.postgres.events import append
from propfirm.adapters.postgres.tables import account_events, accounts, appeal_events, appeals, runs
from propfirm.application.ports.work import Astray, Beginning, Word
from propfirm.domain.errors import NotFound
from propfirm.domain.evaluation import appeal, events, states
from propfirm.domain.evaluation.facts import Binding
from propfirm.domain.evaluation.shards import shard_of
from propfirm.domain.ids import AccountId, AppealId, PersonId

TRADING: Final = (
    select(runs.c.platform_account, runs.c.account_id, runs.c.run)
    .join(accounts, (accounts.c.id == runs.c.account_id) & (accounts.c.run == runs.c.run))
    .where(accounts.c.state.in_(("evaluating", "funded", "suspended")))
    .order_by(runs.c.platform_account)
)
UNOPENED: Final = (
    select(accounts.c.id)
    .where(accounts.c.state == "pending", accounts.c.document["offer"].astext.is_(None))
    .order_by(accounts.c.changed_at)
)
ASTRAY: Final = (
    select(runs.c.account_id, runs.c.run, runs.c.platform_account, runs.c.should == "ended")
    .where(runs.c.astray)
    .order_by(runs.c.account_id, runs.c.run)
)


def overdue(now: datetime) -> Select[Any]:
    return select(appeals.c.id).where(appeals.c.due_at < now).order_by(appeals.c.due_at)


def to_row(account: states.Account) -> dict[str, object]:
    enrolment = account.enrolment
    return {
        "id": enrolment.id,
        "owner_id": enrolment.owner,
        "purchase_id": enrolment.purchase,
        "program": enrolment.bound.program,
        "program_version": enrolment.bound.version,
        "stage": enrolment.stage,
        "run": enrolment.run,
        "state": type(account).__name__.lower(),
        "platform_account": _platform_account(account),
        "shard": shard_of(enrolment.id),
        "document": to_json(account),
        "changed_at": account.since,
    }


def _platform_account(account: states.Account) -> str | None:
    match account:
        case states.Evaluating() | states.Funded():
            return account.platform_account
        case states.Suspended(held=states.Evaluating() | states.Funded() as held):
            return held.platform_account
        case states.Failed():
            return account.ended.platform_account
        case _:
            return None


def _should(account: states.Account) -> Word | None:
    """What the platform should have heard of the present run. None where it has none, or waits for a hold."""
    match account:
        case states.Evaluating() | states.Funded():
            return "trading"
        case states.Suspended(held=states.Evaluating() | states.Funded()):
            return "held"
        case states.Passed() | states.Failed() | states.Closed():
            return "ended"
        case _:
            return None


def from_row(row: Mapping[str, Any]) -> states.Account:
    account: states.Account = from_json(row["document"], states.Account)
    return account


@dataclass(frozen=True, slots=True)
class PostgresAccounts:
    connection: AsyncConnection

    async def get(self, id: AccountId, *, owner: PersonId | None = None) -> states.Account:  # noqa: A002 - the field's name
        query = select(accounts).where(accounts.c.id == id).with_for_update(key_share=True)
        if owner is not None:
            query = query.where(accounts.c.owner_id == owner)
        row = (await self.connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise NotFound
        return from_row(dict(row))

    async def put(self, id: AccountId, changed: states.Account, new: Sequence[events.Event]) -> None:  # noqa: A002 - as above
        row = to_row(changed)
        write = insert(accounts).values(row | {"opened_at": changed.since})
        write = write.on_conflict_do_update(
            index_elements=[accounts.c.id],
            set_={name: row[name] for name in row if name not in {"id", "owner_id", "purchase_id", "shard"}},
        )
        await self.connection.execute(write)
        await append(self.connection, account_events, id, new)
        if isinstance(changed, states.Evaluating | states.Funded):
            await self.connection.execute(insert(runs).values(_run(changed)).on_conflict_do_nothing())
        await self._say_what_should_be_told(changed)

    async def peek(self, id: AccountId, *, owner: PersonId | None = None) -> states.Account:  # noqa: A002 - as above
        query = select(accounts.c.document).where(accounts.c.id == id)
        if owner is not None:
            query = query.where(accounts.c.owner_id == owner)
        document = await self.connection.scalar(query)
        if document is None:
            raise NotFound
        found: states.Account = from_json(document, states.Account)
        return found

    async def trading(self) -> Sequence[tuple[str, AccountId, int]]:
        return [(name, AccountId(id_), run) for name, id_, run in await self.connection.execute(TRADING)]

    async def runs(self, id: AccountId | None = None) -> Sequence[tuple[AccountId, int]]:  # noqa: A002 - as above
        query = select(runs.c.account_id, runs.c.run).order_by(runs.c.account_id, runs.c.run)
        if id is not None:
            query = query.where(runs.c.account_id == id)
        return [(AccountId(id_), run) for id_, run in await self.connection.execute(query)]

    async def of_platform(self, platform_account: str) -> tuple[AccountId, int] | None:
        query = select(runs.c.account_id, runs.c.run).where(runs.c.platform_account == platform_account)
        row = (await self.connection.execute(query)).one_or_none()
        return None if row is None else (AccountId(row[0]), row[1])

    async def begun(self, id: AccountId, run: int) -> Beginning:  # noqa: A002 - as above
        query = select(runs).where(runs.c.account_id == id, runs.c.run == run)
        row = (await self.connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise NotFound
        bound = Binding(row["program"], row["program_version"], row["fingerprint"])
        return Beginning(row["stage"], bound, row["balance_micros"], row["begun_at"], row["platform_account"])

    async def told(self, id: AccountId, run: int, word: Word) -> None:  # noqa: A002 - as above
        await self.connection.execute(update(runs).where(runs.c.account_id == id, runs.c.run == run).values(told=word))

    async def unopened(self) -> Sequence[AccountId]:
        return [AccountId(id_) for id_ in await self.connection.scalars(UNOPENED)]

    async def astray(self) -> Sequence[Astray]:
        rows = await self.connection.execute(ASTRAY)
        return [Astray(AccountId(id_), run, name, is_over) for id_, run, name, is_over in rows]

    async def _say_what_should_be_told(self, account: states.Account) -> None:
        """Of the present run and of those before it, which are over."""
        id_, run = account.enrolment.id, account.enrolment.run
        should = case((runs.c.run < run, "ended"), else_=literal(_should(account), Text))
        write = update(runs).where(runs.c.account_id == id_, runs.c.should.is_distinct_from(should))
        await self.connection.execute(write.values(should=should))


def _run(account: states.Evaluating | states.Funded) -> dict[str, object]:
    enrolment = account.enrolment
    entry, bound = enrolment.entry, enrolment.bound
    return {
        "account_id": enrolment.id,
        "run": enrolment.run,
        "platform_account": account.platform_account,
        "stage": enrolment.stage,
        "program": bound.program,
        "program_version": bound.version,
        "fingerprint": bound.fingerprint,
        "balance_micros": entry.balance if isinstance(entry, states.Transferred) else None,
        "begun_at": account.since,
    }


def appeal_to_row(appealed: appeal.Appeal) -> dict[str, object]:
    return {
        "id": appealed.filing.id,
        "account_id": appealed.filing.account,
        "state": type(appealed).__name__.lower(),
        "due_at": appealed.due_at if isinstance(appealed, appeal.Filed | appeal.UnderReview) else None,
        "document": to_json(appealed),
        "filed_at": appealed.filing.filed_at,
    }


@dataclass(frozen=True, slots=True)
class PostgresAppeals:
    connection: AsyncConnection

    async def get(self, id: AppealId) -> appeal.Appeal:  # noqa: A002 - as above
        query = select(appeals.c.document).where(appeals.c.id == id).with_for_update(key_share=True)
        document = (await self.connection.execute(query)).scalar_one_or_none()
        if document is None:
            raise NotFound
        found: appeal.Appeal = from_json(document, appeal.Appeal)
        return found

    async def overdue(self, now: datetime) -> Sequence[AppealId]:
        return [AppealId(id_) for id_ in await self.connection.scalars(overdue(now))]

    async def put(self, changed: appeal.Appeal, new: Sequence[appeal.Event]) -> None:
        row = appeal_to_row(changed)
        write = insert(appeals).values(row)
        write = write.on_conflict_do_update(
            index_elements=[appeals.c.id], set_={name: row[name] for name in ("state", "due_at", "document")}
        )
        await self.connection.execute(write)
        await append(self.connection, appeal_events, changed.filing.id, new)
