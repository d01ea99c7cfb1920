"""A database's URL is read once: what two drivers would read differently is refused, and a password never repeated."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from propfirm.entrypoints.database_url import QUERY, database_url

BASE = "postgresql://ann:hidden-word@db.internal:5432/firm"
LETTERS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1)


@pytest.mark.parametrize(
    "text",
    [
        BASE,
        "postgresql://db.internal/firm",
        "postgresql://ann@[::1]:5432/firm",
        "postgresql://ann:hidden%40word@my_db-1/firm",
        f"{BASE}?sslmode=verify-full&sslrootcert={quote(__file__, safe='')}",
        f"{BASE}?connect_timeout=10&target_session_attrs=read-write",
        f"{BASE}?application_name=the%20firm%2B1",
    ],
)
def test_a_url_of_postgres_own_library_stays_as_it_is(text: str) -> None:
    assert database_url(text) == text


def test_another_way_of_writing_comes_to_the_same() -> None:
    assert database_url("postgres://ann@h/firm?application_name=a+b") == (
        "postgresql://ann@h/firm?application_name=a%2Bb"
    )


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://ann:hidden-word@h:abc/firm",
        "postgresql://ann:hidden-word@h:0/firm",
        "postgresql://ann:hidden-word@h:65536/firm",
        "postgresql://ann:hidden-word@h:-1/firm",
        "postgresql://ann:hidden-word@h:/firm",
        "postgresql://ann:hidden-word@h1,h2/firm",
        "postgresql://ann:hidden-word@%2Frun%2Fpostgresql/firm",
        "postgresql://ann:hidden-word@h",
        "postgresql://ann:hidden-word@h/",
        "postgresql://ann:hidden-word@h/a/b",
        "postgresql://ann:hidden-word@/firm",
        "postgresql+asyncpg://ann:hidden-word@h/firm",
        "postgresql://ann:hidden/word@h/firm",
        "postgresql://ann:12/hidden@h/firm",
        "postgresql://ann:12/hidden?word=1@h/firm",
        "postgresql://ann:hidden#word@h/firm",
        "postgresql://ann:hidden@word@h/firm",
        "postgresql://ann:hidden%word@h/firm",
        "postgresql://ann:hidden%00word@h/firm",
        "postgresql://ann:hidden word@h/firm",
        "postgresql://ann:hidden\nword@h/firm",
        f"{BASE}#hidden",
    ],
)
def test_what_cannot_be_read_in_one_way_alone_is_refused_and_nothing_of_it_repeated(text: str) -> None:
    with pytest.raises(ValueError, match=r"^must (be|have) ") as refusal:
        database_url(text)
    assert "hidden" not in str(refusal.value)
    assert "ann" not in str(refusal.value)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("ssl=true", f"cannot have ssl: it takes {', '.join(QUERY)}"),
        ("host=elsewhere", f"cannot have host: it takes {', '.join(QUERY)}"),
        ("sslmode", f"cannot have sslmode: it takes {', '.join(QUERY)}"),
        ("SSLMODE=require", f"has an unreadable query: it takes {', '.join(QUERY)}"),
        ("sslmode=require&", f"has an unreadable query: it takes {', '.join(QUERY)}"),
        ("sslmode=yes", "sslmode must be one of disable, allow, prefer, require, verify-ca, verify-full"),
        ("sslmode=require&sslmode=disable", "says sslmode twice"),
        ("sslrootcert=/no/such/file", "sslrootcert names no file"),
        ("connect_timeout=0", "connect_timeout must be a whole number of seconds from 1 to 600"),
        ("connect_timeout=1e1", "connect_timeout must be a whole number of seconds from 1 to 600"),
        ("application_name=", "application_name must have 1 to 63 printable ASCII characters"),
        (
            "target_session_attrs=master",
            "target_session_attrs must be one of any, read-write, read-only, primary, standby, prefer-standby",
        ),
    ],
)
def test_what_a_query_cannot_say_is_told_by_its_name(query: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as refusal:
        database_url(f"{BASE}?{query}")
    assert str(refusal.value) == says


@given(user=LETTERS, password=LETTERS, database=LETTERS)
def test_whatever_is_percent_encoded_reaches_the_driver_as_it_was_meant(
    user: str, password: str, database: str
) -> None:
    said = {"user": user, "password": password, "dbname": database}
    address = "postgresql://{user}:{password}@h:1/{dbname}".format(**{k: quote(v, safe="") for k, v in said.items()})
    read = conninfo_to_dict(database_url(address))
    assert {name: read[name] for name in said} == said


def test_a_folder_is_no_certificate(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^sslrootcert names no file$"):
        database_url(f"{BASE}?sslrootcert={quote(str(tmp_path), safe='')}")
