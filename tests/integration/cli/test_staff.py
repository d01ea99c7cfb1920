"""What the staff keeps up from the command line: programs, people, releases, violations, appeals, figures."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from propfirm.entrypoints.cli import exits
from propfirm.entrypoints.http.pages import Page
from propfirm.entrypoints.views.accounts import AppealView
from propfirm.entrypoints.views.news import ReleaseView, UpkeepView
from propfirm.entrypoints.views.oversight import OwnedViolationView, ReviewedView
from propfirm.entrypoints.views.people import FiguresView, NoteView, PersonView, UserView
from propfirm.entrypoints.views.programs import CheckedView, OfferView, ProgramView, VersionView
from tests.integration.cli.conftest import (
    ADMIN,
    SECOND,
    SUPPORT,
    TRADER,
    Command,
    Failed,
    Funded,
    audited,
    contents,
    details,
    unknown,
)

YES = ("--yes", "--as", ADMIN)
PASSWORD = "correct horse battery staple"  # noqa: S105 - of somebody who lives for one test
FEED = "us-high-impact-2026"


# ------------------------------------------------------------ programs


@pytest.fixture
def own(command: Command, staff: None, tmp_path: Path) -> Path:
    """A program of the firm's own, as a file."""
    document = command("programs", "show", "topstep-50k", "--toml").out
    file = tmp_path / "own.toml"
    file.write_text(document.replace("topstep-50k", "own-50k"), "utf-8")
    return file


def test_a_program_is_drafted_published_priced_sold_and_retired(command: Command, at_the_firm: str, own: Path) -> None:
    assert command("programs", "on-sale", "--json").json == []
    drafted = command("programs", "draft", own, *YES, "--json")
    drafted.holds(list[CheckedView])
    assert (drafted.code, drafted.json[0]["contradictions"]) == (exits.OK, [])
    published = command("programs", "publish", "own-50k", 1, *YES, "--json")
    published.holds(ProgramView)
    assert "no price" in command("programs", "publish", "own-50k", 1, *YES).out
    assert "149.00" in command("programs", "price", "own-50k", 1, "149", *YES).out
    sold = command("programs", "on-sale", "--json")
    sold.holds(list[OfferView])
    assert [(one["program"], one["price_minor"]) for one in sold.json] == [("own-50k", 149_00)]
    assert "own-50k" in command("programs", "on-sale").out
    versions = command("programs", "versions", "--status", "published", "--json")
    versions.holds(Page[VersionView])
    assert [one["program"] for one in versions.json["items"]] == ["own-50k"]
    assert command("programs", "versions", "--status", "draft", "--json").json["items"] == []
    assert "retired" in command("programs", "retire", "own-50k", 1, *YES).out
    assert command("programs", "on-sale", "--json").json == []
    acts = ["program_drafted", "program_published", "program_priced", "program_retired"]
    assert audited(at_the_firm) == [(act, ADMIN) for act in acts]


def test_the_firms_own_programs_are_shown_and_compared_by_id_and_version(
    command: Command, at_the_firm: str, own: Path
) -> None:
    assert command("programs", "draft", own, *YES).code == exits.OK
    unsold = command("programs", "show", "own-50k")
    assert (unsold.code, "there is no program 'own-50k'" in unsold.err) == (exits.BAD_INPUT, True)
    assert command("programs", "show", "own-50k@1").code == exits.OK
    assert command("programs", "publish", "own-50k", 1, *YES).code == exits.OK
    assert command("programs", "price", "own-50k", 1, "149", *YES).code == exits.OK
    assert command("programs", "show", "own-50k").out == command("programs", "show", "own-50k@1").out
    second = own.read_text("utf-8").replace("version = 1", "version = 2").replace('name = "', 'name = "New ')
    own.write_text(second, "utf-8")
    assert command("programs", "draft", own, *YES).code == exits.OK
    told = command("programs", "diff", "own-50k@1", "own-50k@2")
    assert (told.code, "~ version: 1 -> 2" in told.out) == (exits.OK, True), told.out
    none = command("programs", "show", "own-50k@3")
    assert (none.code, "own-50k@3" in none.err) == (exits.BAD_INPUT, True)


def test_of_a_family_all_are_drafted_or_none(command: Command, at_the_firm: str, own: Path) -> None:
    assert command("programs", "draft", own, *YES).code == exits.OK
    assert command("programs", "publish", "own-50k", 1, *YES).code == exits.OK
    family = own.with_name("family.toml")
    one = own.read_text("utf-8").replace('"own-50k"', '"new-50k"')
    family.write_text(one, "utf-8")
    assert command("programs", "draft", family, *YES).code == exits.OK
    before = contents(at_the_firm)
    for words in (("publish", "own-50k", 2), ("price", "none", 1, "5"), ("retire", "new-50k", 1)):
        ended = command("programs", *words, *YES)
        assert (ended.code, ended.out) == (exits.BAD_INPUT, ""), words
    again = command("programs", "draft", own, *YES)
    assert (again.code, "Only a draft can be written over" in again.err) == (exits.BAD_INPUT, True)
    assert command("programs", "draft", own.with_name("none.toml"), *YES).code == exits.BAD_INPUT
    assert contents(at_the_firm) == before


# ------------------------------------------------------------ people


def test_somebody_becomes_one_of_the_staff_with_a_password_that_no_argument_names(
    command: Command, at_the_firm: str, staff: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = ("users", "create", "new@firm.example", "--name", "Nora New", "--role", "support", *YES)
    before = contents(at_the_firm)
    for given, told in (("", "neither has one"), ("short\n", "too easy")):
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        refused = command(*new)
        assert (refused.code, told in refused.err) == (exits.BAD_INPUT, True)
    assert contents(at_the_firm) == before
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))
    made = command(*new, "--json")
    assert made.code == exits.OK, made.err
    made.holds(PersonView)
    assert (made.json["role"], PASSWORD in made.out + made.err) == ("support", False)
    assert audited(at_the_firm) == [("appointed", ADMIN)]
    monkeypatch.setenv("PROPFIRM_ADMIN_PASSWORD", PASSWORD)
    assert command(*new).code == exits.BAD_INPUT, "the address is taken"
    other = command("users", "create", "other@firm.example", "--name", "Other", "--role", "admin", *YES)
    assert (other.code, "admin" in other.out) == (exits.OK, True)


def test_a_password_in_the_arguments_is_not_supported(command: Command, staff: None) -> None:
    new = ("users", "create", "new@firm.example", "--name", "Nora New", "--role", "support", *YES)
    assert command(*new, "--password", PASSWORD).code == exits.BAD_INPUT


def test_people_are_listed_seen_and_written_about(command: Command, staff: None) -> None:
    def listed(*filters: str) -> list[str]:
        answer = command("users", "list", "--json", *filters)
        answer.holds(Page[UserView])
        return sorted(one["email"] for one in answer.json["items"])

    assert listed() == sorted([ADMIN, SECOND, SUPPORT, TRADER])
    assert listed("--role", "admin") == sorted([ADMIN, SECOND])
    assert listed("--email", "supp") == [SUPPORT]
    assert TRADER in command("users", "list").out
    shown = command("users", "show", TRADER, "--json")
    shown.holds(UserView)
    assert "trader" in command("users", "show", TRADER).out
    command("users", "note", TRADER, "asked for a form", "--yes", "--as", SUPPORT, "--json").holds(NoteView)
    assert command("users", "note", TRADER, "got it", *YES).code == exits.OK
    notes = command("users", "notes", TRADER, "--json")
    notes.holds(Page[NoteView])
    assert [one["text"] for one in notes.json["items"]] == ["got it", "asked for a form"]
    assert "asked for a form" in command("users", "notes", TRADER).out
    for name in ("show", "notes"):
        nobody = command("users", name, "nobody@firm.example")
        assert (nobody.code, "Nobody is known" in nobody.err) == (exits.BAD_INPUT, True)


# ------------------------------------------------------------ releases


YEAR: Final = datetime.now(UTC).year + 1


def test_a_release_is_listed_moved_and_called_off(command: Command, at_the_firm: str, funded: Funded) -> None:
    added = command("events", "add", FEED, "CPI", f"{YEAR}-12-11T13:30:00Z", "CPI of November", *YES, "--json")
    assert added.code == exits.OK, added.err
    added.holds(UpkeepView)
    id_ = added.json["release"]["id"]
    moved = command("events", "move", id_, f"{YEAR}-12-11T10:00:00-05:00", *YES)
    assert (moved.code, f"{YEAR}-12-11T15:00:00Z" in moved.out) == (exits.OK, True)
    assert "now it touches no account" in moved.out
    listed = command("events", "list", "--feed", FEED, "--json")
    listed.holds(Page[ReleaseView])
    assert [one["cancelled"] for one in listed.json["items"]] == [False]
    assert command("events", "cancel", id_, *YES).code == exits.OK
    assert "yes" in command("events", "list").out
    acts = ["release_listed", "release_moved", "release_called_off"]
    assert audited(at_the_firm)[-3:] == [(act, ADMIN) for act in acts]
    at = {"at": "2027-12-11T15:00:00+00:00", "at_before": "2027-12-11T13:30:00+00:00"}
    assert details(at_the_firm, "release_moved") == at | {"release": details(at_the_firm, "release_listed")["release"]}


NO_RELEASE: Final = [
    ("add", FEED, "WEATHER", f"{YEAR}-12-11T13:30:00Z", "x"),
    ("add", FEED, "CPI", f"{YEAR}-12-11T13:30:00", "x"),
    ("add", FEED, "CPI", "9999-12-31T23:59:59-14:00", "x"),
    ("add", FEED, "CPI", "2001-12-11T13:30:00Z", "x"),
    ("add", "No Feed", "CPI", f"{YEAR}-12-11T13:30:00Z", "x"),
    ("move", unknown(), f"{YEAR}-12-11T13:30:00Z"),
    ("cancel", unknown()),
]


def test_a_release_that_makes_no_sense_changes_nothing(command: Command, at_the_firm: str, staff: None) -> None:
    before = contents(at_the_firm)
    for words in NO_RELEASE:
        ended = command("events", *words, *YES)
        assert (ended.code, ended.out) == (exits.BAD_INPUT, ""), words
    assert contents(at_the_firm) == before


# ------------------------------------------------------------ violations, appeals, figures


def test_a_violation_is_reviewed_once(command: Command, at_the_firm: str, failed: Failed) -> None:
    waiting = command("violations", "list", "--review", "waiting", "--rule", "max_loss", "--json")
    waiting.holds(Page[OwnedViolationView])
    (one,) = (item["violation"] for item in waiting.json["items"])
    assert str(failed.account) in command("violations", "list").out
    name = (one["account"], one["run"], one["event"], one["place"])
    said = command("violations", "review", *name, "cleared", "--reason", "the platform froze", *YES, "--json")
    said.holds(ReviewedView)
    assert command("violations", "list", "--review", "waiting", "--json").json["items"] == []
    assert "cleared" in command("violations", "list", "--review", "done").out
    twice = command("violations", "review", *name, "confirmed", "--reason", "no", *YES)
    assert (twice.code, "Somebody has reviewed" in twice.err) == (exits.BAD_INPUT, True)
    none = command("violations", "review", *name[:3], 99, "cleared", "--reason", "x", *YES)
    assert (none.code, none.out) == (exits.BAD_INPUT, "")
    assert audited(at_the_firm)[-1] == ("violation_reviewed", ADMIN)


def test_an_appeal_is_decided_by_two_people(command: Command, at_the_firm: str, failed: Failed) -> None:
    waiting = command("appeals", "list", "--json")
    waiting.holds(Page[AppealView])
    assert [one["id"] for one in waiting.json["items"]] == [str(failed.appeal)]
    assert "the price was wrong" in command("appeals", "list").out
    against = command("appeals", "propose", failed.appeal, "overturn", "--reason", "I believe her", *YES)
    assert (against.code, against.out) == (exits.BAD_INPUT, "")
    proposed = command("appeals", "propose", failed.appeal, "uphold", "--reason", "the tape is clear", *YES, "--json")
    proposed.holds(AppealView)
    assert proposed.json["state"] == "underreview"
    assert command("appeals", "confirm", failed.appeal, *YES).code == exits.BAD_INPUT, "by the same person"
    declined = command("appeals", "decline", failed.appeal, "--reason", "show me", "--yes", "--as", SECOND)
    assert (declined.code, "filed" in declined.out) == (exits.OK, True)
    again = ("appeals", "propose", failed.appeal, "uphold", "--reason", "here it is", *YES)
    assert command(*again).code == exits.OK
    confirmed = command("appeals", "confirm", failed.appeal, "--yes", "--as", SECOND)
    assert (confirmed.code, "upheld" in confirmed.out) == (exits.OK, True)
    assert command("appeals", "list", "--json").json["items"] == []
    acts = [("decision_proposed", ADMIN), ("decision_declined", SECOND)]
    assert audited(at_the_firm)[-4:] == [*acts, ("decision_proposed", ADMIN), ("appeal_upheld", SECOND)]
    assert details(at_the_firm, "decision_declined") == {"decision": "uphold", "reason": "show me"}
    upheld = details(at_the_firm, "appeal_upheld")
    assert (upheld["decision"], upheld["reason"], upheld["rerun"]) == ("uphold", "here it is", "same")


def test_the_firm_is_seen_at_a_glance(command: Command, failed: Failed) -> None:
    machines = command("dashboard", "--json")
    machines.holds(FiguresView)
    assert (machines.json["accounts"], machines.json["appeals_open"]) == ({"failed": 1}, 1)
    people = command("dashboard")
    assert (people.code, "failed 1" in people.out) == (exits.OK, True)
