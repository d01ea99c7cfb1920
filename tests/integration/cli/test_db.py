"""``propfirm db`` on a real Postgres, as a person runs it: exit codes, words, and that nothing happens unasked."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from propfirm.entrypoints.cli import exits
from propfirm.entrypoints.cli.main import main


def test_rolled_back_and_migrated_again(at_the_firm: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "migrate"]) == exits.OK
    newest = capsys.readouterr().out.removeprefix("at ").strip()
    assert main(["db", "rollback", "--to", "base"]) == exits.UNCONFIRMED
    assert main(["db", "migrate"]) == exits.OK, "nothing was rolled back without --yes"
    capsys.readouterr()
    assert main(["db", "rollback", "--to", "base", "--yes"]) == exits.OK
    assert capsys.readouterr().out == f"from {newest} to no tables\n"
    assert main(["db", "seed"]) == exits.BAD_INPUT
    assert "propfirm db migrate" in capsys.readouterr().err
    assert main(["db", "migrate"]) == exits.OK
    assert capsys.readouterr().out == f"from no tables to {newest}\n"
    with psycopg.connect(at_the_firm) as connection:
        assert connection.execute("select count(*) from accounts").fetchone() == (0,)


def test_a_firm_is_seeded_once_with_its_first_administrator(
    at_the_firm: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["db", "seed", "--admin", "ada@firm.example"]) == exits.BAD_INPUT
    assert "PROPFIRM_ADMIN_PASSWORD" in capsys.readouterr().err
    monkeypatch.setenv("PROPFIRM_ADMIN_PASSWORD", "correct horse battery staple")
    assert main(["db", "seed", "--admin", "ada@firm.example"]) == exits.OK
    assert capsys.readouterr().out.startswith("14 programs put on sale, ")
    assert main(["db", "seed", "--admin", "ada@firm.example"]) == exits.OK
    assert capsys.readouterr().out == "0 programs put on sale, 0 news releases listed\n"
    with psycopg.connect(at_the_firm) as connection:
        assert connection.execute("select email, role from users").fetchall() == [("ada@firm.example", "admin")]


def test_a_step_that_there_is_not_is_told(at_the_firm: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "rollback", "--to", "0999", "--yes"]) == exits.BAD_INPUT
    assert "0999" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite://firm.db", "DATABASE_URL: must be postgresql://"),
        ("postgresql://ann:hidden-word@127.0.0.1:abc/firm", "DATABASE_URL: must be postgresql://"),
        ("postgresql://ann:hidden-word@127.0.0.1:1/firm?ssl=true", "DATABASE_URL: cannot have ssl: it takes sslmode,"),
        ("postgresql://ann:hidden-word@127.0.0.1:1/firm", "The database cannot be reached"),
    ],
)
def test_a_database_that_is_none_is_told_and_its_password_is_not(
    url: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("PROPFIRM_STATE", str(tmp_path))
    assert main(["db", "migrate"]) == exits.BAD_INPUT
    error = capsys.readouterr().err
    assert told in error
    assert "hidden-word" not in error


def test_a_wrong_password_is_told_and_not_repeated(
    at_the_firm: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before, _, after = at_the_firm.rpartition("@")
    monkeypatch.setenv("DATABASE_URL", before.rpartition(":")[0] + ":not-the-word@" + after)
    assert main(["db", "migrate"]) == exits.BAD_INPUT
    error = capsys.readouterr().err
    assert "The database cannot be reached" in error
    assert "not-the-word" not in error
