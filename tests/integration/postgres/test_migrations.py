"""The steps make what the code believes in, and unmake it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from propfirm.adapters.embedded_postgres.server import EmbeddedPostgres
from propfirm.adapters.postgres import migrate
from propfirm.adapters.postgres.tables import metadata
from tests.integration.conftest import run

OTHERS = ("procrastinate", "sandbox", "alembic")
"""Whose tables are not in ``tables``: the jobs', the sandbox's and the migrator's own."""


@pytest.fixture
def empty(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The URL of a database with nothing in it."""
    run(postgres, "create database empty")
    yield postgres.url("empty")
    run(postgres, "drop database empty with (force)")


def things(url: str) -> list[Any]:
    """Every table, function and type of the database."""
    with psycopg.connect(url) as connection:
        return connection.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace"
            " union all select proname from pg_proc where pronamespace = 'public'::regnamespace"
            " union all select typname from pg_type where typnamespace = 'public'::regnamespace"
        ).fetchall()


def test_the_tables_are_those_that_the_code_knows(empty: str) -> None:
    migrate.upgrade(empty)
    with migrate.connected(empty) as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": lambda name, _kind, _parents: not (name or "").startswith(OTHERS),
                "compare_server_default": True,
            },
        )
        assert compare_metadata(context, metadata) == []


def test_every_step_goes_up_down_and_up_again_and_leaves_nothing(empty: str) -> None:
    assert migrate.current(empty) is None
    migrate.upgrade(empty)
    there = sorted(things(empty))
    assert migrate.current(empty) == migrate.newest()
    migrate.downgrade(empty, "base")
    assert migrate.current(empty) is None
    assert {name for (name,) in things(empty)} <= {"alembic_version", "alembic_version_pkc", "_alembic_version"}
    migrate.upgrade(empty)
    assert sorted(things(empty)) == there


def test_what_went_back_in_another_currency_before_it_was_booked_is_booked(empty: str) -> None:
    migrate.upgrade(empty, "0006")
    with psycopg.connect(empty) as connection:
        connection.execute("set session_replication_role = replica")  # of a refund alone, without what it is of
        for state, currency in (("owed", "EUR"), ("returned", "EUR"), ("returned", "USD")):
            connection.execute(
                "insert into refunds select gen_random_uuid(), gen_random_uuid(), 'sandbox', gen_random_uuid(),"
                " 'paid_again', 50, %s, %s, %s, now()",
                (currency, state, '{"since": "2026-03-02T12:00:00Z", "debt": {"buyer": "ann"}}'),
            )
    for _ in range(2):
        migrate.upgrade(empty)
        with psycopg.connect(empty) as connection:
            held = connection.execute(
                "select kind, owner, currency, sum(amount_cents), count(*) from ledger_entries"
                " group by 1, 2, 3 order by 1"
            ).fetchall()
        assert held == [("provider_clearing", "sandbox", "EUR", 50, 3), ("refund_payable", "ann", "EUR", -50, 3)]
        migrate.downgrade(empty, "0006")
        with psycopg.connect(empty) as connection:
            assert connection.execute("select count(*) from ledger_transfers").fetchone() == (0,)


def test_what_was_rejected_after_its_approval_before_that_was_recorded_is_to_be_put_back(empty: str) -> None:
    migrate.upgrade(empty, "0010")
    lives = {"rejected": ("requested", "rejected"), "taken back": ("requested", "approved", "rejected")}
    with psycopg.connect(empty) as connection:
        connection.execute("set session_replication_role = replica")  # of payouts alone, without whose they are
        for gross, happened in enumerate(lives.values(), start=1):
            connection.execute(
                "with one as (insert into payouts values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1,"
                " %s, 1, 'rejected', '{}', now()) returning id)"
                " insert into payout_events (payout_id, number, at, event)"
                " select one.id, number, now(), jsonb_build_object('type', 'payout_' || name)"
                " from one, unnest(%s::text[]) with ordinality as told (name, number)",
                (gross, list(happened)),
            )
    read = "select document ->> 'to_put_back' from payouts order by gross_cents"
    for _ in range(2):
        migrate.upgrade(empty)
        with psycopg.connect(empty) as connection:
            assert connection.execute(read).fetchall() == [(None,), ("true",)]
            connection.execute(
                "insert into payout_events (payout_id, number, at, event)"
                ' select id, 4, now(), \'{"type": "payout_put_back"}\' from payouts where gross_cents = 2'
            )
        migrate.downgrade(empty, "0010")
        with psycopg.connect(empty) as connection:
            assert connection.execute(read).fetchall() == [(None,), (None,)]
            assert connection.execute("select count(*) from payout_events").fetchone() == (5,)


def test_two_migrators_at_once_do_it_once(empty: str) -> None:
    failed: list[BaseException] = []

    def go() -> None:
        try:
            migrate.upgrade(empty)
        except BaseException as error:  # noqa: BLE001 - told by the assertion below
            failed.append(error)

    both = [threading.Thread(target=go) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert failed == []
    assert migrate.current(empty) == migrate.newest()


def test_a_step_that_cannot_have_its_locks_gives_up_and_is_run_again_later(empty: str) -> None:
    migrate.upgrade(empty)
    there = sorted(things(empty))
    with psycopg.connect(empty) as busy:
        busy.execute("select count(*) from accounts")
        with pytest.raises(migrate.TablesInUse):
            migrate.downgrade(empty, "base")
        assert migrate.current(empty) != migrate.newest(), "the steps before it, which nobody was in the way of, stay"
        assert migrate.current(empty) is not None
    migrate.upgrade(empty)
    assert sorted(things(empty)) == there


UPGRADE = """
import sys
from propfirm.adapters.postgres import migrate

print("at it", flush=True)
migrate.upgrade(sys.argv[1])
"""


@pytest.mark.parametrize("after_s", [0.0, 0.05, 0.1, 0.2, 0.4])
def test_a_migrator_that_is_killed_leaves_no_half_step_and_the_next_one_finishes(empty: str, after_s: float) -> None:
    with subprocess.Popen([sys.executable, "-c", UPGRADE, empty], stdout=subprocess.PIPE, text=True) as migrator:
        assert migrator.stdout is not None
        assert migrator.stdout.readline() == "at it\n"
        time.sleep(after_s)
        migrator.kill()
    reached = migrate.current(empty)
    if reached is not None:
        migrate.downgrade(empty, reached)  # there is nothing beyond the step that it says
    migrate.upgrade(empty)
    migrate.downgrade(empty, "base")
    assert {name for (name,) in things(empty)} <= {"alembic_version", "alembic_version_pkc", "_alembic_version"}
