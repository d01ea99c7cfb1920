"""``propfirm accounts`` on a real Postgres: what is seen of one, in words and in the API's shapes, and its holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from propfirm.entrypoints.cli import exits
from propfirm.entrypoints.http.pages import Page
from propfirm.entrypoints.views.accounts import (
    AccountView,
    ActivityView,
    DayView,
    ProgressView,
    StatisticsView,
    TradeView,
    ViolationView,
    WhatIfView,
)
from propfirm.entrypoints.views.oversight import HeldView, OwnedAccountView
from propfirm.entrypoints.views.people import NoteView
from tests.integration.cli.conftest import ADMIN, ANN, SECOND, SUPPORT, Command, Failed, Funded, audited, unknown

LOOKS: Final[dict[str, tuple[type[Any], str]]] = {
    "show": (AccountView, "topstep-50k"),
    "progress": (ProgressView, "Maximum loss"),
    "activities": (Page[ActivityView], "run 1 failed"),
    "violations": (Page[ViolationView], "maximum loss"),
    "days": (Page[DayView], "QUALIFYING"),
    "trades": (Page[TradeView], "CONTRACTS"),
    "notes": (Page[NoteView], "AUTHOR"),
    "statistics": (StatisticsView, "win rate"),
    "what-if": (WhatIfView, "note"),
}


def test_an_account_is_seen_in_words_and_as_the_api_shows_it(command: Command, failed: Failed) -> None:
    for name, (shape, words) in LOOKS.items():
        people = command("accounts", name, failed.account)
        assert (people.code, people.err) == (exits.OK, ""), name
        assert words.lower() in people.out.lower(), name
        machines = command("accounts", name, failed.account, "--json")
        assert machines.code == exits.OK, name
        machines.holds(shape)


def test_an_account_that_there_is_not_is_told(command: Command, failed: Failed, tmp_path: Path) -> None:
    for name in (*LOOKS, "proof"):
        more = [tmp_path / "proof.json"] if name == "proof" else []
        ended = command("accounts", name, unknown(), *more)
        assert (ended.code, ended.out, ended.err) == (exits.BAD_INPUT, "", "There is no such thing\n"), name
    assert not list(tmp_path.glob("proof*"))


NONSENSE: Final = [
    ("accounts", "show", "not-an-id"),
    ("accounts", "show", "0192d3f4"),
    ("accounts", "list", "--state", "lost"),
    ("accounts", "list", "--owner", "nobody"),
    ("accounts", "list", "--program", "a;drop"),
    ("accounts", "list", "--limit", "0"),
    ("accounts", "list", "--limit", "201"),
    ("accounts", "list", "--after", "no cursor"),
    ("accounts", "list", "--owner", "nobody@firm.example"),
    ("accounts", "statistics", "0192d3f4-0000-7000-8000-000000000000", "--run", "0"),
    ("accounts", "what-if", "0192d3f4-0000-7000-8000-000000000000", "--payout", "1.005"),
    ("accounts", "note", "0192d3f4-0000-7000-8000-000000000000", " "),
    ("accounts", "note", "0192d3f4-0000-7000-8000-000000000000", "bell\a"),
]


def test_what_makes_no_sense_is_one_problem_and_no_answer(command: Command, staff: None) -> None:
    for words in NONSENSE:
        ended = command(*words)
        assert (ended.code, ended.out) == (exits.BAD_INPUT, ""), words
        assert ended.err.strip(), words
        assert "Traceback" not in ended.err, words


def test_accounts_are_listed_by_state_program_and_owner(command: Command, failed: Failed) -> None:
    def listed(*filters: str) -> list[str]:
        answer = command("accounts", "list", "--json", *filters)
        answer.holds(Page[OwnedAccountView])
        return [one["account"]["id"] for one in answer.json["items"]]

    known = [str(failed.account)]
    assert listed() == known
    assert listed("--to-close") == []
    assert listed("--state", "failed") == listed("--program", "topstep-50k") == listed("--owner", ANN) == known
    assert listed("--state", "funded") == listed("--program", "starter-50k") == listed("--owner", SUPPORT) == []
    table = command("accounts", "list").out.splitlines()
    assert table[0].split() == ["EMAIL", "ID", "PROGRAM", "STAGE", "RUN", "STATE", "BALANCE", "EQUITY", "FLOOR"]
    assert table[1].split()[:2] == [ANN, str(failed.account)]
    assert len(table) == 2


def test_a_list_goes_on_where_its_cursor_says(command: Command, failed: Failed) -> None:
    whole = command("accounts", "activities", failed.account, "--json").json["items"]
    assert len(whole) > 2
    got: list[object] = []
    after: tuple[str, ...] = ()
    while True:
        page = command("accounts", "activities", failed.account, "--limit", 1, "--json", *after).json
        got += page["items"]
        if page["next"] is None:
            break
        after = ("--after", page["next"])
        assert command("accounts", "violations", failed.account, *after).code == exits.BAD_INPUT, "of another list"
    assert got == whole
    told = command("accounts", "activities", failed.account, "--limit", 1)
    assert told.err.startswith("there is more: --after ")


def test_progress_names_every_rule_with_what_is_left(command: Command, funded: Funded) -> None:
    lines = command("accounts", "progress", funded.account).out.splitlines()
    heads = next(line for line in lines if line.startswith("NAME"))
    assert heads.split() == ["NAME", "STANDING", "LIMIT", "ACTUAL", "LEFT", "UNIT", "RESETS", "IN", "SYMBOL"]
    loss = next(line for line in lines if line.lower().startswith("maximum loss"))
    assert loss.split()[2:6] == ["kept", "48,000.00", "52,000.00", "4,000.00"]


def test_the_proof_of_a_run_is_written_whole_and_holds(command: Command, failed: Failed, tmp_path: Path) -> None:
    target = tmp_path / "proof.json"
    assert command("accounts", "proof", failed.account, target, "--run", 2).code == exits.BAD_INPUT
    assert not target.exists()
    ended = command("accounts", "proof", failed.account, target)
    assert (ended.code, ended.out) == (exits.OK, f"{target}\n")
    held = command("verify-proof", target).out
    assert held.startswith("the proof holds\nof: program topstep-50k version ")
    assert "verdict: breached, maximum loss, by event " in held
    printed = command("accounts", "proof", failed.account, "-")
    assert (printed.code, printed.out.encode()) == (exits.OK, target.read_bytes())
    assert not Path("-").exists()
    other = tmp_path / "letter.txt"
    other.write_text("dear Ann", "utf-8")
    assert command("accounts", "proof", failed.account, other).code == exits.BAD_INPUT
    assert other.read_text("utf-8") == "dear Ann"
    assert command("accounts", "proof", failed.account, other, "--force").code == exits.OK
    assert other.read_bytes() == target.read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir() if one.is_file()) == ["letter.txt", "proof.json"]


def test_a_hold_is_placed_by_one_and_lifted_by_another(command: Command, at_the_firm: str, funded: Funded) -> None:
    hold = ("--cause", "conduct", "--reason", "two accounts in one hand", "--yes", "--as")
    placed = command("accounts", "suspend", funded.account, *hold, ADMIN, "--json")
    assert placed.code == exits.OK
    placed.holds(HeldView)
    assert (placed.json["state"], placed.json["holds"][0]["reason"]) == ("suspended", "two accounts in one hand")
    same = command("accounts", "resume", funded.account, *hold, ADMIN)
    assert (same.code, same.out) == (exits.BAD_INPUT, "")
    lifted = command("accounts", "resume", funded.account, *hold, SECOND)
    assert (lifted.code, "funded" in lifted.out) == (exits.OK, True)
    assert audited(at_the_firm)[-2:] == [("account_suspended", ADMIN), ("hold_lifted", SECOND)]


def test_a_note_is_read_again_as_it_was_written_in_one_line(command: Command, funded: Funded) -> None:
    text = "first line\nsecond line"
    written = command("accounts", "note", funded.account, text, "--yes", "--as", SUPPORT, "--json")
    written.holds(NoteView)
    assert command("accounts", "notes", funded.account, "--json").json["items"] == [written.json]
    assert "first line\\nsecond line" in command("accounts", "notes", funded.account).out
