"""Connections: one engine a database and process, with its share of the server's connections."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from asyncpg.exceptions import InterfaceError, PostgresError, TargetServerAttributeNotMatched
from sqlalchemy import URL, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from propfirm.adapters.postgres.documents import dump, load

STATEMENT_TIMEOUT: Final = "15s"
LOCK_TIMEOUT: Final = "5s"
IDLE_TIMEOUT: Final = "30s"
CONNECT_TIMEOUT_S: Final = 5


def make_engine(url: str, *, connections: int, name: str) -> AsyncEngine:
    """Opens nothing yet. url: as Postgres' own library writes it. connections: at most so many at once. name: what the
    server's own lists show, where the URL has no other."""
    address, asked = _of_the_driver(url)
    made = create_async_engine(
        URL.create("postgresql+asyncpg"),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=10,
        hide_parameters=True,
        json_serializer=dump,
        json_deserializer=load,
        connect_args={
            "dsn": address,
            "timeout": int(asked.get("connect_timeout", CONNECT_TIMEOUT_S)),
            "server_settings": {
                "application_name": asked.get("application_name", name),
                "timezone": "UTC",
                "statement_timeout": STATEMENT_TIMEOUT,
                "lock_timeout": LOCK_TIMEOUT,
                "idle_in_transaction_session_timeout": IDLE_TIMEOUT,
            },
        },
    )
    event.listen(made.sync_engine, "handle_error", _withhold)
    return made


def _of_the_driver(url: str) -> tuple[str, dict[str, str]]:
    """The URL without what asyncpg would take for settings of the server, and its whole query."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    left = {name: value for name, value in query.items() if name not in {"connect_timeout", "application_name"}}
    return urlunsplit(parts._replace(query=urlencode(left, quote_via=quote))), query


def _withhold(context: ExceptionContext) -> None:
    """Takes rows and values out of an error before anybody can log it, and names the rule that was broken instead.

    The server's DETAIL is the row: an address, a password's hash. Where a column cannot take a value (SQLSTATE class
    22, the driver's own refusals among them), the message itself quotes it.
    """
    told = context.original_exception
    source = getattr(told, "orig", None)
    if not isinstance(source, PostgresError | InterfaceError):
        return
    state = getattr(source, "sqlstate", None) or ""
    quotes = state.startswith("22")
    before = str(source.args[0])
    rule = getattr(source, "constraint_name", None)
    words = f"{type(source).__name__ if quotes else before} (sqlstate={state} constraint={rule or ''})"
    source.detail = None
    if quotes:
        source.__cause__ = source.__context__ = None
    for error in (source, told, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).replace(before, words), *error.args[1:])


PASSING: Final = frozenset({"40001", "40P01", "53300", "55P03", "57014", "57P01", "57P02", "57P03"})
"""SQLSTATEs of a server that is busy, full, going down or coming up, and of two who wanted each other's locks."""


def passes(error: Exception) -> bool:
    """Whether it lies in the server's state of the moment and not in what was asked: asked again, it may go well.

    The same whether it came by SQLAlchemy or by the plain driver, on which the journal goes.
    """
    match error:
        case PoolExhausted() | ConnectionError() | TimeoutError():
            return True
        case DBAPIError():
            source = error.orig and (error.orig.__cause__ or error.orig)
            return error.connection_invalidated or (isinstance(source, Exception) and passes(source))
        case TargetServerAttributeNotMatched():  # its role: another server is becoming the primary
            return True
        case InterfaceError() if type(error) is InterfaceError:  # its subclasses quote values, which may say anything
            return "connection is closed" in str(error)
        case _:
            state = getattr(error, "sqlstate", None) or ""
            return state in PASSING or state.startswith("08")
