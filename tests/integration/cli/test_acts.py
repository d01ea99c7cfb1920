"""Every act of the command line: nothing without --yes, nothing without a name, nothing by who may not."""

from __future__ import annotations

import sys
from typing import Final

import psycopg
import pytest

from propfirm.entrypoints.cli import exits
from propfirm.entrypoints.cli.firm import shell
from tests.commands import commands, options
from tests.integration.cli.conftest import ADMIN, SECOND, SUPPORT, TRADER, Command, Failed, Funded, audited, contents

ID: Final = "0192d3f4-0000-7000-8000-000000000000"
ACTS: Final[dict[str, tuple[str, ...]]] = {
    "accounts suspend": (ID, "--cause", "conduct", "--reason", "x"),
    "accounts resume": (ID, "--cause", "conduct", "--reason", "x"),
    "accounts note": (ID, "x"),
    "payouts request": (ID, "100"),
    "payouts cancel": (ID,),
    "payouts approve": (ID,),
    "payouts reject": (ID, "--rule", "news", "--reason", "x"),
    "payouts resend": (ID,),
    "refunds retry": (ID,),
    "programs draft": ("program.toml",),
    "programs publish": ("starter-50k", "1"),
    "programs price": ("starter-50k", "1", "99"),
    "programs retire": ("starter-50k", "1"),
    "users note": (TRADER, "x"),
    "users create": ("new@firm.example", "--name", "New", "--role", "support"),
    "events add": ("us-high-impact-2026", "CPI", "2199-12-11T13:30:00Z", "x"),
    "events move": (ID, "2199-12-11T13:30:00Z"),
    "events cancel": (ID,),
    "violations review": (ID, "1", "1", "0", "cleared", "--reason", "x"),
    "appeals propose": (ID, "uphold", "--reason", "x"),
    "appeals confirm": (ID,),
    "appeals decline": (ID, "--reason", "x"),
    "db rollback": ("--to", "base"),
}
"""With arguments that nothing is wrong with."""
NAMED: Final = sorted(ACTS.keys() - {"db rollback"})
OF_TRADERS: Final = {"payouts request", "payouts cancel"}
OF_SUPPORT: Final = {"accounts note", "users note"}


@pytest.fixture(autouse=True)
def a_program_file(command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.chdir(str(tmp_path))
    document = command("programs", "show", "topstep-50k", "--toml").out
    with open("program.toml", "w", encoding="utf-8") as file:  # noqa: PTH123 - here, whatever here is
        file.write(document)


def test_every_act_is_tried() -> None:
    assert {name for name, parser in commands().items() if "--yes" in options(parser)} == ACTS.keys()


def test_without_a_yes_nothing_happens_and_it_says_what_would(command: Command, at_the_firm: str, staff: None) -> None:
    before = contents(at_the_firm)
    for name, words in ACTS.items():
        who = () if name == "db rollback" else ("--as", ADMIN)
        ended = command(*name.split(), *words, *who)
        assert (ended.code, ended.out) == (exits.UNCONFIRMED, ""), name
        assert ended.err.startswith("would "), name
        assert ended.err.endswith(": say --yes to do it\n"), name
    assert contents(at_the_firm) == before


def test_without_a_name_nothing_happens(command: Command, at_the_firm: str, staff: None) -> None:
    before = contents(at_the_firm)
    for name in NAMED:
        ended = command(*name.split(), *ACTS[name], "--yes")
        assert ended.code == exits.BAD_INPUT, name
        assert "--as EMAIL or PROPFIRM_OPERATOR" in ended.err, name
    assert contents(at_the_firm) == before


def test_who_may_not_changes_nothing(command: Command, at_the_firm: str, staff: None) -> None:
    before = contents(at_the_firm)
    for name in NAMED:
        wrong = {SUPPORT} if name in OF_TRADERS else {TRADER} if name in OF_SUPPORT else {SUPPORT, TRADER}
        for email in wrong:
            ended = command(*name.split(), *ACTS[name], "--yes", "--as", email)
            assert (ended.code, "role" in ended.err) == (exits.BAD_INPUT, True), (name, email)
    ended = command("payouts", "approve", ID, "--yes", "--as", "nobody@firm.example")
    assert (ended.code, "Nobody is known" in ended.err) == (exits.BAD_INPUT, True)
    assert contents(at_the_firm) == before


class Keyboard:
    """A terminal at which somebody answers."""

    def __init__(self, answer: str) -> None:
        self.answer = answer

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return self.answer


def test_at_a_terminal_somebody_is_asked(command: Command, funded: Funded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda _: True, raising=False)
    monkeypatch.setenv("PROPFIRM_OPERATOR", ADMIN)
    answers = {"n\n": exits.UNCONFIRMED, "": exits.UNCONFIRMED, "yesterday\n": exits.UNCONFIRMED, "Y\n": exits.OK}
    for answer, code in answers.items():
        monkeypatch.setattr(sys, "stdin", Keyboard(answer))
        ended = command("accounts", "suspend", funded.account, "--cause", "conduct", "--reason", "twice the same hand")
        assert ended.code == code, answer
        assert ended.err.startswith(f"suspend account {funded.account} (conduct)? [y/N] ")


def test_the_setting_names_who_acts_and_the_option_is_stronger(
    command: Command, at_the_firm: str, funded: Funded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROPFIRM_OPERATOR", "nonsense")
    assert "PROPFIRM_OPERATOR: must be an e-mail address" in command("dashboard").err
    monkeypatch.setenv("PROPFIRM_OPERATOR", ADMIN.upper())
    assert command("accounts", "note", funded.account, "one", "--yes").code == exits.OK
    assert command("accounts", "note", funded.account, "two", "--yes", "--as", SUPPORT).code == exits.OK
    assert [who for act, who in audited(at_the_firm) if act == "note_written"] == [ADMIN, SUPPORT]
    with psycopg.connect(at_the_firm) as connection:
        statement = "select distinct channel, shell from audit where act = 'note_written'"
        assert connection.execute(statement).fetchall() == [("cli", shell())], "named, not signed in"


def test_who_may_not_sign_in_does_not_act(command: Command, at_the_firm: str, failed: Failed) -> None:
    import psycopg  # noqa: PLC0415 - for this one

    with psycopg.connect(at_the_firm) as connection:
        connection.execute("update users set situation = 'suspended' where email = %s", (SECOND,))
    before = contents(at_the_firm)
    ended = command("appeals", "propose", failed.appeal, "uphold", "--reason", "x", "--yes", "--as", SECOND)
    assert (ended.code, "may not sign in" in ended.err) == (exits.BAD_INPUT, True)
    assert contents(at_the_firm) == before
