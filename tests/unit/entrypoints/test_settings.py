"""Settings that make no sense stop the start, all at once, by name."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest

from propfirm.entrypoints.settings import BadSettings, Secret, Settings, read

RANDOM = "kF3v9QpX7sLw2ZbN8dRt5YhM1cGj6UaE"
URL = "postgresql://propfirm:hidden-word@db.internal:5432/propfirm"
EXAMPLE = (Path(__file__).parents[3] / ".env.example").read_text("utf-8")
PRODUCTION = {
    "PROPFIRM_ENVIRONMENT": "production",
    "DATABASE_URL": URL,
    "JWT_SECRET": RANDOM,
    "ALLOWED_HOSTS": "api.firm.test",
    "PROPFIRM_SIGNING_KEY": "/keys/firm.pem",
}


def told(variables: dict[str, str]) -> dict[str, str]:
    with pytest.raises(BadSettings) as refusal:
        read(variables)
    return {one.variable: one.reason for one in refusal.value.problems}


def test_nothing_set_is_a_laptop() -> None:
    assert read({"PATH": "/bin", "HOME": "/"}) == Settings()


def test_the_example_names_every_setting_and_marks_those_that_nobody_reads_yet() -> None:
    words = dict[str, str]()
    for comment, names in re.findall(r"((?:^# .*\n)+)((?:^#[A-Z_]+=.*\n)+)", EXAMPLE, re.MULTILINE):
        words |= dict.fromkeys(re.findall(r"^#([A-Z_]+)=", names, re.MULTILINE), comment)
    assert len(words) == len(re.findall(r"^#[A-Z_]+=", EXAMPLE, re.MULTILINE))
    heard = {name for name, reason in told(dict.fromkeys(words, " ")).items() if reason == "is empty"}
    assert len(heard) == len(Settings.__struct_fields__)
    assert heard == {name for name, comment in words.items() if "(later)" not in comment}


def test_production_needs_its_own_values() -> None:
    assert read(PRODUCTION).environment == "production"
    assert set(told({"PROPFIRM_ENVIRONMENT": "production"})) == {
        "DATABASE_URL",
        "JWT_SECRET",
        "ALLOWED_HOSTS",
        "PROPFIRM_SIGNING_KEY",
    }


def test_a_standby_is_for_reading() -> None:
    address = f"{URL}?target_session_attrs=prefer-standby"
    assert told({"DATABASE_URL": address})["DATABASE_URL"] == (
        "target_session_attrs must be one of any, read-write, primary"
    )
    assert read({"DATABASE_READER_URL": address}).reader_url is not None


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "sqlite:///firm.db"),
        ("DATABASE_URL", URL + "\n"),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "postgresql://[half"),
        ("DATABASE_READER_URL", "postgresql:///nohost"),
        *(("DATABASE_URL", f"{URL}?target_session_attrs={of}") for of in ("read-only", "standby", "prefer-standby")),
        ("JWT_SECRET", "short"),
        ("JWT_SECRET", "a" * 64),
        ("JWT_SECRET", "changeme-" * 5),
        ("PROPFIRM_PORT", "abc"),
        ("PROPFIRM_PORT", "0"),
        ("PROPFIRM_PORT", "1e3"),
        ("PROPFIRM_PORT", "٨٠"),
        ("PROPFIRM_CONNECTIONS", "-1"),
        ("PROPFIRM_ENVIRONMENT", "staging"),
        ("PROPFIRM_HOST", "a b"),
        ("PROPFIRM_HOST", "127.0.0.1:8000"),
        ("PROPFIRM_HOST", "fe80::1%eth0"),
        ("ALLOWED_HOSTS", "firm.test,firm.test:8000"),
        ("PROPFIRM_COLOUR", "red"),
        ("ALLOWED_HOSTS", "*"),
        ("PROPFIRM_OPERATOR", "ada"),
        ("PROPFIRM_OPERATOR", "ada@firm.example\n"),
    ],
)
def test_a_wrong_value_is_told_by_its_variable_alone(variable: str, value: str) -> None:
    problems = told({variable: value})
    assert set(problems) == {variable}
    assert not value.strip() or value.strip() not in problems[variable]


@pytest.mark.parametrize(
    ("variables", "site", "own_door"),
    [
        ({}, "127.0.0.1", "127.0.0.1"),
        ({"PROPFIRM_HOST": "0.0.0.0"}, "127.0.0.1", "127.0.0.1"),  # noqa: S104 - nothing listens here
        ({"PROPFIRM_HOST": "::"}, "[::1]", "[::1]"),
        ({"PROPFIRM_HOST": "::1"}, "[::1]", "[::1]"),
        ({"PROPFIRM_HOST": "10.0.0.7"}, "10.0.0.7", "10.0.0.7"),
        ({"PROPFIRM_HOST": "Firm.test"}, "firm.test", "Firm.test"),
        ({"ALLOWED_HOSTS": "firm.test,127.0.0.1"}, "firm.test", "127.0.0.1"),
        ({"PROPFIRM_HOST": "10.0.0.7", "ALLOWED_HOSTS": "2001:db8::7"}, "[2001:db8::7]", "10.0.0.7"),
    ],
    ids=str,
)
def test_links_name_a_host_that_is_served_and_the_process_reaches_itself(
    variables: dict[str, str], site: str, own_door: str
) -> None:
    settings = read(variables)
    assert (settings.site, settings.own_door) == (f"http://{site}:8000", f"http://{own_door}:8000")
    assert site.strip("[]") in settings.allowed_hosts


def test_all_mistakes_are_told_at_once() -> None:
    assert set(told({"PROPFIRM_PORT": "x", "JWT_SECRET": "y", "PROPFIRM_NO": "1"})) == {
        "PROPFIRM_PORT",
        "JWT_SECRET",
        "PROPFIRM_NO",
    }


@pytest.mark.parametrize(("variable", "value"), [("DEBUG", "1"), ("PROPFIRM_SANDBOX_SECRET", RANDOM[::-1])])
def test_production_refuses_what_belongs_on_a_laptop(variable: str, value: str) -> None:
    assert set(told(PRODUCTION | {variable: value})) == {variable}


@pytest.mark.parametrize("ring", [RANDOM, f"{RANDOM},{RANDOM[::-1]}", f"{RANDOM[::-1]}, {RANDOM}"])
def test_no_secret_serves_twice(ring: str) -> None:
    assert set(told({"JWT_SECRET": ring, "PROPFIRM_SANDBOX_SECRET": RANDOM})) == {"JWT_SECRET"}


def test_a_secret_is_shown_and_written_nowhere() -> None:
    settings = read(PRODUCTION)
    assert "hidden-word" not in repr(settings)
    assert RANDOM not in f"{settings} {settings.jwt_secret}"
    assert settings.jwt_secret == Secret(RANDOM)
    with pytest.raises(TypeError):
        pickle.dumps(settings.jwt_secret)
