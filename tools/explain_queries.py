"""Keeps the plans of docs/tables.md: ``python tools/explain_queries.py`` seeds a server of its own and writes them.

Every index of the tables has a query here that it serves; a test holds the page to that.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg
from sqlalchemy import ClauseElement, text
from sqlalchemy.dialects import postgresql

from propfirm.adapters.embedded_postgres.server import EmbeddedPostgres
from propfirm.adapters.postgres import accounts as stored_accounts
from propfirm.adapters.postgres import intake, jobs, migrate, purchases, seals
from propfirm.adapters.postgres import payouts as stored_payouts
from propfirm.adapters.postgres import refunds as stored_refunds
from propfirm.adapters.postgres.queries import accounts, ledger, news, payouts, people, programs, refunds
from propfirm.adapters.system.ownership import Ownership

PAGE: Final = Path(__file__).parent.parent / "docs" / "tables.md"
BEGIN, END = "<!-- plans: begin -->", "<!-- plans: end -->"
ONE: Final = UUID(int=1)
THEN: Final = datetime(2025, 9, 1, tzinfo=UTC)
PAGE_OF_FIFTY: Final = 51

SEED: Final = """
-- A firm of some years: 2,000 people, 5,000 accounts, most of them over.
insert into users
select id, id || '@example.com', 'Ann', case when n <= 20 then 'admin' else 'trader' end, 'active', 'x',
    timestamptz '2024-01-01' + n * interval '1 hour'
from (select n, lpad(to_hex(n), 32, '0')::uuid as id from generate_series(1, 2000) n) as people;

insert into program_versions
select 'p' || n % 60, n / 60 + 1, case when n >= 1140 then 'published' else 'retired' end, 'x', 100,
    jsonb_build_object(
        'name', 'P', 'starting_balance', 50000000000,
        'rules', (select string_agg(md5(n || '.' || m), '') from generate_series(1, 40) m),
        'stages', jsonb_build_array(jsonb_build_object(
            'news', case when n % 20 = 0 then jsonb_build_object('feed', 'us') end))),
    timestamptz '2024-01-01' + n * interval '6 hours'
from generate_series(0, 1199) n;

insert into purchases
select id, lpad(to_hex(n % 2000 + 1), 32, '0')::uuid, 'challenge', 'p' || n % 60, 1, null, 100, 'USD', 'sandbox', id,
    case when n % 500 = 0 then 'ordered' else 'delivered' end, '{}', timestamptz '2024-01-01' + n * interval '3 hours'
from (select n, lpad(to_hex(n), 32, '0')::uuid as id from generate_series(1, 5000) n) as bought;

insert into refunds
select id, id, 'sandbox', id, 'paid_again', 100, 'USD', case when n % 500 = 0 then 'unknown' else 'returned' end, '{}',
    timestamptz '2024-01-01' + n * interval '3 hours'
from (select n, lpad(to_hex(n), 32, '0')::uuid as id from generate_series(1, 5000) n) as owed;

insert into accounts
select id, buyer_id, id, program, 1, 'one', 1,
    (array['failed', 'failed', 'failed', 'closed', 'failed', 'failed', 'failed', 'closed', 'evaluating', 'funded'])[
        abs(hashtext(id::text)) % 10 + 1],
    null, 0, '{}', placed_at, placed_at
from purchases;
insert into account_events select id, number, opened_at, '{}' from accounts, generate_series(1, 6) as number;
insert into runs select id, 1, id, 'one', program, 1, 'x', null, opened_at from accounts;
update runs set told = 'ended', should = 'ended' from accounts
where id = account_id and state in ('failed', 'closed') and account_id::text not like '%00';
update runs set should = 'ended' from accounts where id = account_id and state in ('failed', 'closed');
update runs set should = 'trading' where should is null;
update accounts set state = 'pending',
    document = case when id::text like '%070' then '{}' else '{"offer": {"fee": 100}}' end::jsonb
where id::text like '%07_' and state = 'failed';
insert into purchase_events select id, 1, placed_at, '{}', placed_at from purchases;
insert into refund_events select id, 1, owed_at, '{}', owed_at from refunds;
insert into procrastinate_jobs (queue_name, task_name, lock, args, status)
select 'firm', 'evaluation.ended', id, '{}', 'failed' from accounts;
insert into procrastinate_events (job_id, type, at) select id, 'failed', now() from procrastinate_jobs;
insert into idempotency
select owner_id, 'x', id, 'x', 201, '', null, case when id::text like '%00' then opened_at else now() end from accounts;
insert into risk_states select id, 1, 40, 0, 0, 0, 0, 'open', 1, '', '{}', 0, '' from accounts;

insert into seals
select date '2024-01-01' + n, timestamptz '2024-01-02' + n * interval '1 day', 5000, n, n - 1, null, null, null
from generate_series(1, 10) n;
insert into sealed_chains
select date '2024-01-01' + n, row_number() over (partition by n), account_id, run, null, 3 * n, 'x', 'x', '{}'
from risk_states, generate_series(1, 10) n;

insert into findings
select id, 1, n, 0, n * 1000000000000, case when n = 40 then 'hit' else 'day_closed' end,
    case when n = 40 then 'max_loss' end,
    case when n = 40 then case when id::text like '%00' then 'block_payout' else 'fail' end end, '{"decided": true}'
from accounts, generate_series(1, 40) n;
insert into violation_reviews
select id, 1, 40, 0, owner_id, 'confirmed', 'x', opened_at from accounts where id::text like '%0';
insert into trades
select id, 1, n, 'ESZ6', 'long', n, n * 1000000000::bigint, 1, 0, 0 from accounts, generate_series(1, 40) n;

insert into payouts
select id, id, owner_id, 1, 100, 90,
    case when id::text like '%00' then 'unknown' else
        (array['sent', 'sent', 'sent', 'rejected', 'requested'])[abs(hashtext(id::text)) % 5 + 1] end, '{}',
    opened_at
from accounts;
insert into payout_events select id, n, requested_at, '{}', requested_at from payouts, generate_series(1, 5) n;
insert into disbursements select id, 1, 'sent', 'x' from payouts where state = 'sent';
insert into ledger_transfers select id, placed_at, 'purchase_paid', id, 'USD' from purchases;
insert into ledger_entries
select id, 0, 'provider_clearing', 'sandbox', 100 from purchases
union all
select id, 1, 'challenge_income', '', -100 from purchases;

insert into appeals
select id, id, case when id::text like '%000' then 'filed' else 'upheld' end,
    case when id::text like '%000' then opened_at end, '{}', opened_at
from accounts;
insert into admin_notes
select gen_random_uuid(), 'account', id, lpad('1', 32, '0')::uuid, 'x', opened_at from accounts;
insert into news_events
select gen_random_uuid(), 'us', 'CPI', 'CPI', timestamptz '2024-01-01' + n * interval '1 day', false, now()
from generate_series(1, 1000) n;
"""


class Asked(NamedTuple):
    """A query that runs. what: who asks it, in words. served_by: its index. limit: of a page, one row more."""

    what: str
    served_by: str
    sql: str | ClauseElement
    limit: int | None = None


def asked() -> Iterator[Asked]:
    page = PAGE_OF_FIFTY
    of = accounts.ACCOUNTS.format
    yield Asked("a trader's accounts", "ix_accounts_owner_id_opened_at_id", of(where="a.owner_id = :one"), page)
    yield Asked("everybody's accounts", "ix_accounts_opened_at_id", of(where="true"), page)
    yield Asked("accounts in a state", "ix_accounts_state_opened_at_id", of(where="a.state = 'funded'"), page)
    hits = accounts.VIOLATIONS.format
    yield Asked("what went wrong lately", "ix_findings_judged", hits(where="true"), page)
    yield Asked(
        "what must be looked at before an account is paid",
        "ix_findings_blocking",
        "select distinct rule from findings where account_id = :one and run = 1 and kind = 'hit'"
        " and action = 'block_payout'",
    )
    trades = accounts.TRADES.format(where="true").replace(":account", ":one")
    yield Asked("trades of an account", "ix_trades_account_id_closed_ns_seq", trades, page)
    mine = accounts.APPEALS.replace(":account", ":one")
    yield Asked("appeals of an account", "ix_appeals_account_id_filed_at", mine)
    yield Asked("appeals that wait", "ix_appeals_due", accounts.APPEALS_OPEN.format(where="true"), page)
    yield Asked("people", "ix_users_registered_at_id", people.PEOPLE.format(where="true"), page)
    notes = people.NOTES.format(where="true").replace(":subject", ":one").replace(":about", "'account'")
    yield Asked("notes about an account", "ix_admin_notes_about_subject_id_at", notes, page)
    on_sale = programs.ON_SALE.format(where="and program = 'p1'")
    yield Asked("a program on sale", "ix_program_versions_on_sale", on_sale)
    watching = news.WATCHING.replace(":pattern", """'{"stages": [{"news": {"feed": "us"}}]}'""")
    yield Asked("whom a release touches", "ix_program_versions_document", watching)
    yield Asked("releases", "ix_news_events_release_at_id", news.EVENTS.format(where="true"), page)
    yield Asked(
        "one release of a kind at one time",
        "uq_news_events_release",
        "select id from news_events where feed = 'us' and category = 'CPI' and release_at = '2025-01-01Z'"
        " and not cancelled",
    )
    of_payouts = payouts.PAYOUTS.format
    yield Asked("payouts", "ix_payouts_requested_at_id", of_payouts(where="true"), page)
    yield Asked("a trader's payouts", "ix_payouts_owner_id_requested_at_id", of_payouts(where="owner_id = :one"), page)
    yield Asked(
        "payouts of an account",
        "ix_payouts_account_id_requested_at",
        "select * from payouts where account_id = :one order by requested_at, id",
    )
    yield Asked("payouts that wait for somebody", "ix_payouts_open", of_payouts(where="state = 'unknown'"), page)
    yield Asked(
        "the live attempt of a payout",
        "uq_disbursements_live",
        "select attempt from disbursements where payout_id = :one and state in ('sending', 'unknown', 'sent')",
    )
    yield Asked(
        "purchases of a day (dashboard)",
        "ix_purchases_placed_at",
        "select count(*) from purchases where placed_at >= '2025-09-01Z'",
    )
    of_refunds = refunds.REFUNDS.format
    yield Asked("refunds", "ix_refunds_owed_at_id", of_refunds(where="true"), page)
    of_one = "select * from refunds where purchase_id = :one order by owed_at, id"
    yield Asked("the refunds of one purchase", "ix_refunds_purchase_id", of_one)
    booked = ledger.TRANSFERS.format
    yield Asked("what was booked lately", "ix_ledger_transfers_at_id", booked(where="true"), page)
    about = ledger.ABOUT.replace(":about", f"'{ONE}'")
    yield Asked("what was booked of one payout", "ix_ledger_transfers_about", booked(where=about), page)
    yield Asked(
        "the balance of one account of the books",
        "ix_ledger_entries_account",
        "select sum(amount_cents) from ledger_entries where kind = 'trader_payable' and owner = 'x'"
        " and currency = 'USD'",
    )


def looked_after() -> Iterator[Asked]:
    """What runs by itself: with every batch of the feed, every few seconds, once a day."""
    yield Asked("whom the desk judges", "ix_accounts_live", stored_accounts.TRADING)
    yield Asked("accounts that wait for the platform", "ix_accounts_unopened", stored_accounts.UNOPENED)
    yield Asked("runs of which the platform was told otherwise", "ix_runs_astray", stored_accounts.ASTRAY)
    lost = {":task": "'evaluation.ended'", ":key": f"'{ONE}'", ":arguments": "'{}'"}
    yield Asked("whether a job is lost", "ix_procrastinate_jobs_lock", _given(jobs.LOST, lost))
    yield Asked("appeals that were not answered in time", "ix_appeals_due", stored_accounts.overdue(THEN))
    yield Asked("payouts on their way", "ix_payouts_open", stored_payouts.on_the_way(THEN))
    yield Asked("accounts that wait to be closed", "ix_payouts_last", stored_payouts.UNCLOSED)
    yield Asked("payouts that are to be put back", "ix_payouts_to_put_back", stored_payouts.TO_PUT_BACK)
    yield Asked("orders of which something is to come", "ix_purchases_open", purchases.unfinished(THEN))
    yield Asked("refunds on their way", "ix_refunds_open", stored_refunds.on_the_way(THEN))
    of_payment = purchases.heard_of("sandbox", [str(ONE)])
    yield Asked("payments that are known", "uq_purchases_provider_payment_reference", of_payment)
    yield Asked("what went on since the last seal", "uq_sealed_chains_account_id_run_day", seals.MOVED)
    yield Asked("keys whose time is over", "ix_idempotency_at", intake.forgotten(timedelta(days=1)))


def _given(sql: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        sql = sql.replace(name, value)
    return sql


def explained(connection: psycopg.Connection[Any], one: Asked) -> str:
    asked_for = one.sql
    if isinstance(asked_for, str):
        values = {"one": ONE, "limit": one.limit}
        used = {name: value for name, value in values.items() if f":{name}" in asked_for}
        asked_for = text(asked_for).bindparams(**used)
    spelled = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    sql = str(asked_for.compile(dialect=spelled, compile_kwargs={"literal_binds": True}))
    return "\n".join(row[0] for row in connection.execute(f"explain (costs off) {sql}".encode()))


def plans(url: str) -> str:
    """The part of the page. Raises SystemExit where a query goes another way than its index."""
    parts = []
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SEED.encode())
        connection.execute("vacuum analyze")
        for one in (*asked(), *looked_after()):
            plan = explained(connection, one)
            if one.served_by not in plan:
                msg = f"{one.what} does not use {one.served_by}:\n{plan}"
                raise SystemExit(msg)
            parts.append(f"**{one.what[0].upper()}{one.what[1:]}**: `{one.served_by}`\n\n```\n{plan}\n```")
    return "\n\n".join(parts)


def drawn(page: str, part: str) -> str:
    whole, found = re.subn(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n{part}\n{END}", page, flags=re.DOTALL)
    if found != 1:
        msg = f"the page has {found} places for the plans"
        raise SystemExit(msg)
    return whole


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="propfirm-plans-"))
    folder.chmod(0o755)  # where root runs this, the server's user must get in
    try:
        with EmbeddedPostgres(folder / "state", Ownership(folder / "state"), system_folder=folder / "system") as server:
            migrate.upgrade(server.url())
            PAGE.write_text(drawn(PAGE.read_text("utf-8"), plans(server.url())), "utf-8")
    finally:
        shutil.rmtree(folder)
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
