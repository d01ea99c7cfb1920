"""A database's URL as Postgres' own library writes it, read once and strictly.

Two drivers connect: psycopg hands the URL to that library, asyncpg reads it by itself. They differ in what they do with
anything unusual, and in what they say about it, so only what both understand alike is let through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

SHAPE: Final = "must be postgresql://user:password@host:port/database"
ENCODED: Final = "must have spaces and the signs @ : / ? # % inside of a name or password percent-encoded"
TIMEOUT_S_MAX: Final = 600

HOST: Final = re.compile(r"[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\]", re.ASCII)
UNENCODED: Final = re.compile(r"\s|%(?![0-9A-Fa-f]{2})|%00")


def _among(*words: str) -> Callable[[str], str | None]:
    return lambda value: None if value in words else f"must be one of {', '.join(words)}"


def _seconds(value: str) -> str | None:
    fits = re.fullmatch(r"[0-9]{1,3}", value, re.ASCII) is not None and 1 <= int(value) <= TIMEOUT_S_MAX
    return None if fits else f"must be a whole number of seconds from 1 to {TIMEOUT_S_MAX}"


def _file(value: str) -> str | None:
    return None if Path(value).is_file() else "names no file"


def _label(value: str) -> str | None:
    fits = re.fullmatch(r"[ -~]{1,63}", value, re.ASCII) is not None
    return None if fits else "must have 1 to 63 printable ASCII characters"


QUERY: Final[Mapping[str, Callable[[str], str | None]]] = {
    "sslmode": _among("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "sslrootcert": _file,
    "application_name": _label,
    "connect_timeout": _seconds,
    "target_session_attrs": _among("any", "read-write", "read-only", "primary", "standby", "prefer-standby"),
}
"""What may stand behind the ``?``, and what is wrong with a value of it."""

WRITTEN_TO: Final = {**QUERY, "target_session_attrs": _among("any", "read-write", "primary")}
"""The same of a server that is written to: a standby would refuse the first write, long after the start."""


def database_url(text: str, query: Mapping[str, Callable[[str], str | None]] = QUERY) -> str:
    """The same URL in the one way of writing that every reader of it takes alike. Raises ValueError, whose words repeat
    nothing of the URL but the name of a parameter."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(SHAPE) from None
    # First: in what a password left unencoded has split, a piece of it may stand anywhere.
    if text.count("@") > 1 or ("@" in text and "@" not in parts.netloc) or UNENCODED.search(text):
        raise ValueError(ENCODED)
    host, database = parts.netloc.rpartition("@")[2], parts.path[1:]
    if port is not None:
        host = host.rpartition(":")[0]
    fits = parts.scheme in {"postgresql", "postgres"} and HOST.fullmatch(host) and port != 0
    if not fits or not database or "/" in database or "#" in text or not text.isprintable():
        raise ValueError(SHAPE)
    given = "&".join(f"{name}={quote(value, safe='')}" for name, value in _given(parts, query))
    address = f"postgresql://{parts.netloc}/{database}"
    return f"{address}?{given}" if given else address


def _given(parts: SplitResult, query: Mapping[str, Callable[[str], str | None]]) -> Iterator[tuple[str, str]]:
    """By hand: Postgres' library takes a plus for a plus, where Python's readers of forms take it for a space."""
    seen = set[str]()
    for item in parts.query.split("&") if parts.query else ():
        name, equals, value = item.partition("=")
        if name not in query or not equals:
            known = ", ".join(query)
            what = f"cannot have {name}" if re.fullmatch(r"[a-z_]{1,40}", name) else "has an unreadable query"
            msg = f"{what}: it takes {known}"
            raise ValueError(msg)
        if name in seen:
            msg = f"says {name} twice"
            raise ValueError(msg)
        seen.add(name)
        wrong = query[name](unquote(value))
        if wrong is not None:
            msg = f"{name} {wrong}"
            raise ValueError(msg)
        yield name, unquote(value)
