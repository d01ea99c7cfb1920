"""``propfirm dev`` as people start and stop it: by Ctrl-C, by TERM, by ``kill -9``; twice, beside itself, and anew."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from typing import Final

import psycopg
import pytest

from propfirm.adapters.system.ownership import Ownership
from tests.integration.demo.processes import GONE_S, Home, home_of, wait_until
from tests.unit.entrypoints.test_settings import RANDOM

ORDINARY: Final = "nobody"
"""Whom root lets start it, besides root: Postgres treats the two differently."""
USERS: Final = (None, ORDINARY) if os.geteuid() == 0 else (None,)
AT_ONCE_S: Final = 5.0
"""Promised for what makes no sense; of a processor, since the machine may have other things to do."""


@pytest.fixture(params=USERS, ids=lambda user: user or "whoever runs the tests")
def home(request: pytest.FixtureRequest) -> Iterator[Home]:
    with home_of(request.param) as made:
        yield made


@pytest.fixture
def own() -> Iterator[Home]:
    with home_of(None) as made:
        yield made


def test_however_it_ends_no_process_is_left_and_it_goes_on_where_it_was(home: Home) -> None:
    with home.running("--seed", "7") as first:
        accounts, seed, password = first.accounts(), first.seed, first.password
        assert (len(accounts), seed) == (6, 7)
        assert any("postgres" in command for command in home.processes().values())
        assert first.end(signal.SIGINT) == 130
    stood = home.clock()
    with home.running() as second:
        assert (second.accounts(), second.seed, second.password) == (accounts, seed, password)
        second.process.kill()
        wait_until(lambda: not home.processes(), home.processes)
    killed = home.clock()
    assert killed > stood
    with home.running() as third:
        assert (third.accounts(), third.seed) == (accounts, seed)
        assert third.end(signal.SIGTERM) == 0
    assert home.clock() > killed


def test_reset_begins_anew_and_another_seed_needs_it(home: Home) -> None:
    with home.running() as first:
        before, secret = first.accounts(), first.password
        assert first.end(signal.SIGINT) == 130
    code, said, _ = home.refused("--seed", "8")
    assert (code, said.count("\n")) == (2, 1), said
    assert "begun=15" in said
    assert "asked=8" in said
    assert "--reset" in said
    with home.running("--reset", "--seed", "8") as anew:
        assert anew.seed == 8
        assert anew.password == secret, "secrets outlive the data"
        after = anew.accounts()
        assert len(after) == len(before)
        assert not {*before} & {*after}
        assert anew.end(signal.SIGINT) == 130


def test_killed_and_started_at_once_it_waits_for_its_own_database_to_end(own: Home) -> None:
    with own.running() as first:
        accounts = first.accounts()
        first.process.kill()
        first.process.wait()
        with own.running() as second:  # nobody has waited for the server, which is still writing
            assert second.accounts() == accounts
            assert second.end(signal.SIGINT) == 130


def test_there_is_one_demo_in_a_folder_and_one_on_a_port(own: Home) -> None:
    with own.running() as first:
        code, said, _ = own.refused()
        assert (code, said.count("\n")) == (2, 1), said
        assert "Another propfirm dev runs on this folder" in said
        code, said, _ = own.refused("--reset")
        assert (code, "Another propfirm dev runs" in said) == (2, True), said
        assert len(first.accounts()) == 6, "it never noticed"
        assert first.end(signal.SIGINT) == 130
    with socket.create_server(("127.0.0.1", own.port)):
        code, said, _ = own.refused()
    assert (code, said.count("\n")) == (2, 1), said
    assert "The port cannot be listened on" in said
    assert f"port={own.port}" in said
    wait_until(lambda: not own.processes(), own.processes)


def test_a_state_that_was_removed_by_hand_is_told_and_reset_begins_anew(own: Home) -> None:
    with own.running() as first:
        assert first.end(signal.SIGINT) == 130
    (own.state / "database" / "password").unlink()
    code, said, _ = own.refused()
    assert (code, said.count("\n")) == (2, 1), said
    assert "--reset" in said
    with own.running("--reset") as anew:
        assert len(anew.accounts()) == 6
        assert anew.end(signal.SIGINT) == 130


def test_a_damaged_state_is_told_by_its_file_and_what_to_do(own: Home) -> None:
    with own.running() as first:
        accounts = first.accounts()
        assert first.end(signal.SIGINT) == 130
    files = ("clock", "platform/feed.json", "platform/platform.jsonl", "secrets/jwt", "database/password")
    for name in files:
        file = own.state / name
        whole = file.read_bytes()
        for garbage in (b"\xff\x00hidden-word", b""):
            file.write_bytes(garbage)
            code, said, _ = own.refused()
            assert (code, said.count("\n")) == (2, 1), (name, said)
            assert str(file.relative_to(own.folder)) in said
            assert "restore it" in said
            assert "hidden-word" not in said
        file.write_bytes(whole)
    for name in ("platform/feed.json", "platform/platform.jsonl", "secrets/signing-key.pem"):
        file = own.state / name
        gone = file.rename(file.with_name("aside"))
        code, said, _ = own.refused()
        assert (code, said.count("\n")) == (2, 1), (name, said)
        assert f"{file.relative_to(own.folder)}: is gone" in said
        gone.rename(file)
    stood = own.clock()
    (own.state / "clock").unlink()
    with own.running() as again:
        assert "The clock was behind the books" in again.said
        assert own.clock() >= stood - 24 * 3600 * 10**9, "not the story's first day"
        assert again.accounts() == accounts
        assert again.end(signal.SIGINT) == 130


def test_what_it_says_at_its_start_is_true(own: Home) -> None:
    with own.running("--seed", "7", "--speed", "600") as first:
        assert "Grace will pass" not in first.said
        assert "take about 32 minutes" in first.said
        assert str(own.state.name) in first.said
        if os.geteuid() == 0:
            assert str(own.folder / "system" / "data") in first.said
        assert first.end(signal.SIGINT) == 130
    with own.running() as second:
        assert "go on where they were" in second.said
        assert second.end(signal.SIGINT) == 130


def test_ctrl_c_before_it_is_ready_leaves_no_process_and_the_next_start_completes_it(own: Home) -> None:
    """At moments of a first start: while Postgres is made, while the tables are, while people buy."""
    begun = Ownership(own.state).taken
    for reached in ("secrets", "database", "platform"):
        with own.start() as process:
            wait_until(lambda name=reached: begun() and (own.state / name).exists())  # type: ignore[misc]  # bound now
            process.send_signal(signal.SIGINT)
            said, _ = process.communicate(timeout=GONE_S)
        assert process.returncode == 130, said
        assert "Traceback" not in said
        wait_until(lambda: not own.processes(), own.processes)
    with own.running() as whole:
        assert len(whole.accounts()) == 6
        assert whole.end(signal.SIGINT) == 130


@pytest.mark.parametrize(
    ("changes", "host"),
    [({"PROPFIRM_HOST": "0.0.0.0", "ALLOWED_HOSTS": "firm.test"}, "firm.test"), ({"PROPFIRM_HOST": "::1"}, "[::1]")],  # noqa: S104 - for a moment, on a port of its own
    ids=["every address", "IPv6"],
)
def test_wherever_it_listens_and_whatever_it_is_called_people_buy_and_it_is_ready(
    own: Home, changes: dict[str, str], host: str
) -> None:
    if ":" in changes["PROPFIRM_HOST"] and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    with own.running(**changes) as first:
        assert f"propfirm runs at   http://{host}:{own.port}\n" in first.said
        assert first.end(signal.SIGINT) == 130


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


# ------------------------------------------------------------------------------ B139 to B146: what makes no sense

BAD: Final = {
    "DATABASE_URL": ("", "sqlite:///hidden-word.db", "postgresql://me:hidden-word@127.0.0.1/firm\n"),
    "JWT_SECRET": ("hidden-word", "a" * 64, "changeme-hidden-word-changeme-hidden-word"),
    "PROPFIRM_SANDBOX_SECRET": ("", "hidden-word"),
    "PROPFIRM_PORT": ("hidden-word", "0"),
    "PROPFIRM_CONNECTIONS": ("-1",),
    "PROPFIRM_HIDDEN": ("hidden-word",),
    "PROPFIRM_ENVIRONMENT": ("hidden-word",),
}


@pytest.mark.parametrize(
    ("variable", "value"), [(name, value) for name, values in BAD.items() for value in values], ids=repr
)
def test_settings_that_make_no_sense_stop_the_start_by_name_and_never_by_value(
    own: Home, variable: str, value: str
) -> None:
    code, said, took = own.refused(**{variable: value})
    assert (code, said.count("\n")) == (2, 1), said
    assert said.startswith(f"{variable}: ")
    assert not value or value not in said
    assert "hidden-word" not in said
    assert took < AT_ONCE_S
    assert not own.state.exists(), "nothing was begun"


def test_two_secrets_that_are_one_are_told_together_with_everything_else(own: Home) -> None:
    changes = {"JWT_SECRET": RANDOM, "PROPFIRM_SANDBOX_SECRET": RANDOM, "PROPFIRM_PORT": "x"}
    code, said, _ = own.refused(**changes)
    assert (code, [line.partition(":")[0] for line in said.splitlines()]) == (2, ["JWT_SECRET", "PROPFIRM_PORT"])
    assert RANDOM not in said


def test_a_signing_key_that_is_none_is_told_by_its_path(own: Home) -> None:
    broken = own.folder / "key.pem"
    begin, end = (f"-----{word} PRIVATE KEY-----" for word in ("BEGIN", "END"))
    broken.write_text(f"{begin}\nhidden-word\n{end}\n")
    broken.chmod(0o600)
    code, said, _ = own.refused(PROPFIRM_SIGNING_KEY=str(broken))
    assert (code, said.count("\n")) == (2, 1), said
    assert str(broken) in said
    assert "hidden-word" not in said


def test_a_database_that_does_not_answer_and_a_wrong_password_are_told_without_it(own: Home) -> None:
    for url in ("postgresql://me:hidden-word@127.0.0.1:1/firm", "postgresql://me:hidden-word@nowhere.invalid/firm"):
        code, said, _ = own.refused(DATABASE_URL=url)
        assert (code, said.count("\n")) == (2, 1), said
        assert "hidden-word" not in said


def test_a_wrong_password_is_told_without_it(own: Home, database: str) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(database)
    wrong = f"postgresql://{parts['user']}:hidden-word@{parts['host']}:{parts['port']}/{parts['dbname']}"
    code, said, _ = own.refused(DATABASE_URL=wrong)
    assert (code, said.count("\n")) == (2, 1), said
    assert "hidden-word" not in said


def test_a_folder_that_takes_no_files_is_told_with_its_setting(own: Home) -> None:
    occupied = own.folder / "occupied"
    occupied.write_text("no folder")
    code, said, _ = own.refused(PROPFIRM_STATE=str(occupied))
    assert (code, said.count("\n")) == (2, 1), said
    assert "PROPFIRM_STATE" in said
    assert str(occupied) in said


def test_reset_leaves_a_database_alone_that_is_not_its_own(own: Home, database: str) -> None:
    code, said, _ = own.refused("--reset", DATABASE_URL=database)
    assert (code, "DATABASE_URL" in said) == (2, True), said
    assert database not in said


def test_production_has_no_demo(own: Home) -> None:
    key = own.folder / "key.pem"
    made = {
        "PROPFIRM_ENVIRONMENT": "production",
        "DATABASE_URL": "postgresql://me:hidden-word@127.0.0.1/firm",
        "JWT_SECRET": RANDOM,
        "ALLOWED_HOSTS": "api.firm.test",
        "PROPFIRM_SIGNING_KEY": str(key),
    }
    code, said, _ = own.refused(**made)
    assert (code, said.count("\n")) == (2, 1), said
    assert "PROPFIRM_ENVIRONMENT" in said


@pytest.mark.parametrize("changes", [{"TZ": "Asia/Tokyo"}, {"LANG": "C", "LC_ALL": "C"}], ids=str)
def test_zone_and_locale_of_the_machine_change_nothing(own: Home, changes: dict[str, str]) -> None:
    with own.running(**changes) as demo:
        assert demo.said.isascii()
        assert len(demo.accounts()) == 6
        assert demo.end(signal.SIGINT) == 130
