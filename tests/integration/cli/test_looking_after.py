"""``propfirm replay`` and ``propfirm verify``: silent on what holds, and naming whatever somebody changed."""

from __future__ import annotations

from typing import get_args

import psycopg
import pytest
from alembic import command as alembic
from psycopg import sql

from propfirm.adapters.postgres import engine
from propfirm.adapters.postgres.journal import PostgresJournal
from propfirm.adapters.postgres.payouts import PostgresPayouts
from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.adapters.sandbox.takings import SandboxTakings
from propfirm.application.ports.invariants import Invariant
from propfirm.application.ports.payments import Unavailable
from propfirm.entrypoints.cli import exits
from propfirm.entrypoints.cli.verify import LOOKED_AT
from tests.integration.cli.conftest import ADMIN, Command, Failed, Funded, contents, unknown


def tampered(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        assert connection.execute(statement.encode()).rowcount


def test_a_run_is_derived_again_to_the_same(command: Command, at_the_firm: str, failed: Failed) -> None:
    before = contents(at_the_firm)
    one = command("replay", failed.account)
    assert (one.code, one.err) == (exits.OK, "")
    heads, line = one.out.splitlines()
    assert heads.split() == ["ACCOUNT", "RUN", "EVENTS", "FINDINGS", "VERDICT", "DIFFERENCE", "DETAIL"]
    assert line.split()[0] == str(failed.account)
    assert line.split()[4:] == ["breached", "-", "-"]
    assert command("replay", "--all").out == command("replay", failed.account, "--run", 1).out == one.out
    machines = command("replay", "--all", "--json").json
    assert (machines["same"], [each["difference"] for each in machines["runs"]]) == (True, [None])
    assert contents(at_the_firm) == before


def test_a_journal_that_somebody_changed_is_told(command: Command, at_the_firm: str, failed: Failed) -> None:
    for statement, difference in (
        ("update quotes set bid = bid + 100, ask = ask + 100 where number = 20", "quotes"),
        ("delete from quotes where number = 20", "quotes"),
        ("update journal set event = jsonb_set(event, '{6}', '1') where kind = 'fill'", "chain"),
        ("""update journal set event = '["nonsense"]' where kind = 'fill'""", "unreadable"),
    ):
        tampered(at_the_firm, statement)
        told = command("replay", "--all")
        assert (told.code, difference in told.out.splitlines()[1]) == (exits.FAILED, True), statement
    machines = command("replay", failed.account, "--json")
    assert (machines.code, machines.json["same"]) == (exits.FAILED, False)
    assert machines.json["runs"][0]["difference"] == "unreadable"


def test_what_cannot_be_replayed_is_told_by_its_reason(command: Command, failed: Failed) -> None:
    assert command("replay", unknown()).err == "There is no such thing\n"
    other = command("replay", failed.account, "--run", 2)
    assert (other.code, "no such run" in other.err) == (exits.BAD_INPUT, True)
    for words in ((), (failed.account, "--all"), ("--all", "--run", 1), ("--run", 1), ("not-an-id",)):
        assert command("replay", *words).code == exits.BAD_INPUT, words


def test_a_firm_without_runs_has_nothing_to_replay(command: Command, staff: None) -> None:
    ended = command("replay", "--all")
    assert (ended.code, ended.err) == (exits.OK, "no run was traded yet\n")


def test_every_invariant_has_its_line(command: Command, at_the_firm: str, funded: Funded) -> None:
    assert LOOKED_AT.keys() == set(get_args(Invariant))
    before = contents(at_the_firm)
    ended = command("verify")
    assert [line.split("  ")[0] for line in ended.out.splitlines() if not line.startswith(" ")] == list(LOOKED_AT)
    machines = command("verify", "--json").json
    assert [one["invariant"] for one in machines["invariants"]] == list(LOOKED_AT)
    assert contents(at_the_firm) == before


def test_a_firm_that_holds_ends_well(command: Command, staff: None) -> None:
    ended = command("verify")
    assert (ended.code, ended.err) == (exits.OK, "")
    assert all("  holds  (" in line for line in ended.out.splitlines())
    assert command("verify", "--json").json["holds"] is True


def test_whatever_is_violated_is_named(command: Command, at_the_firm: str, failed: Failed) -> None:
    tampered(at_the_firm, "update quotes set bid = bid + 100, ask = ask + 100 where number = 20")
    ended = command("verify")
    assert ended.code == exits.FAILED
    lines = ended.out.splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("chains are whole"))
    assert "violated" in lines[place]
    assert lines[place + 1].startswith("  prices:ESH26: ")
    machines = command("verify", "--json")
    assert (machines.code, machines.json["holds"]) == (exits.FAILED, False)


@pytest.mark.parametrize(
    ("where", "name", "who"),
    [(SandboxBank, "statement", "bank"), (SandboxTakings, "charges", "payment provider")],
)
def test_who_does_not_answer_is_named(
    command: Command, funded: Funded, monkeypatch: pytest.MonkeyPatch, where: type, name: str, who: str
) -> None:
    async def says_nothing(*given: object) -> object:
        raise Unavailable

    monkeypatch.setattr(where, name, says_nothing)
    ended = command("verify")
    assert (ended.code, ended.out) == (exits.BAD_INPUT, "")
    assert f"The {who} does not answer, so not everything can be looked at: try again" in ended.err.splitlines()


NOBODYS = "0192d3f4-0000-7000-8000-000000000000"
KILL = """
select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
"""


def lost_at(monkeypatch: pytest.MonkeyPatch, url: str, where: object, name: str) -> None:
    """From this step on every connection that was open is gone, as of a server that was restarted."""
    step = getattr(where, name)

    def after_the_loss(*given: object, **named: object) -> object:
        with psycopg.connect(url) as connection:
            connection.execute(KILL)
        return step(*given, **named)

    monkeypatch.setattr(where, name, after_the_loss)


@pytest.mark.parametrize(
    ("where", "name", "words"),
    [
        (PostgresJournal, "risk", ("replay", "--all")),
        (PostgresJournal, "risk", ("verify",)),
        (PostgresPayouts, "peek", ("payouts", "show", NOBODYS)),
        (PostgresPayouts, "peek", ("payouts", "resend", NOBODYS, "--yes", "--as", ADMIN)),
        (alembic, "upgrade", ("db", "migrate")),
        (alembic, "downgrade", ("db", "rollback", "--to", "base", "--yes")),
    ],
    ids=["replay", "verify", "show", "act", "migrate", "rollback"],
)
def test_a_database_that_goes_away_is_told_in_a_line_and_damages_no_journal(
    command: Command,
    at_the_firm: str,
    funded: Funded,
    monkeypatch: pytest.MonkeyPatch,
    where: object,
    name: str,
    words: tuple[str, ...],
) -> None:
    before = contents(at_the_firm)
    with monkeypatch.context() as patched:
        lost_at(patched, at_the_firm, where, name)
        ended = command(*words)
    assert (ended.code, ended.out) == (exits.BAD_INPUT, ""), ended.err
    (line,) = [one for one in ended.err.splitlines() if not one.startswith(("money", "seals", "prices", "runs"))]
    assert line.startswith("The database went away or is too busy: see what was done, and try again (")
    assert contents(at_the_firm) == before


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("quotes", ("verify",)),
        ("quotes", ("replay", "--all")),
        ("risk_states", ("replay", "--all")),
        ("risk_states", ("accounts", "progress")),
    ],
    ids=lambda one: one if isinstance(one, str) else " ".join(one),
)
def test_a_table_that_somebody_holds_is_told_as_a_busy_database_and_no_verdict_is_given(
    command: Command,
    at_the_firm: str,
    failed: Failed,
    monkeypatch: pytest.MonkeyPatch,
    table: str,
    words: tuple[str, ...],
) -> None:
    monkeypatch.setattr(engine, "LOCK_TIMEOUT", "100ms")
    own = (failed.account,) if words[0] == "accounts" else ()
    with psycopg.connect(at_the_firm) as connection:
        connection.execute(sql.SQL("lock table {}").format(sql.Identifier(table)))
        ended = command(*words, *own)
    assert (ended.code, ended.out) == (exits.BAD_INPUT, ""), ended.err
    (line,) = [one for one in ended.err.splitlines() if not one.startswith(("money", "seals", "prices", "runs"))]
    assert line.endswith("see what was done, and try again (LockNotAvailableError)")
