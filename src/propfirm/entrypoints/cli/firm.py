"""What all commands at the firm have in common: the firm is opened, who acts is known and asked for a yes, lists come a
page at a time.

The service is imported when it is asked for: help and wrong usage do not wait for a web server.
"""

from __future__ import annotations

import argparse
import os
import platform
import pwd
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct

from propfirm.application.paging import Place, Slice
from propfirm.domain.errors import Forbidden, NotFound, Refused
from propfirm.domain.identity.actors import Staff, Trader, Via
from propfirm.domain.identity.people import NotActive, Person
from propfirm.entrypoints.cli import streams, values
from propfirm.entrypoints.cli.answers import columns, put
from propfirm.entrypoints.cli.problems import Unconfirmed
from propfirm.entrypoints.settings import read

if TYPE_CHECKING:
    from propfirm.entrypoints.http.pages import Page
    from propfirm.entrypoints.http.policy import Who
    from propfirm.entrypoints.service_container import ServiceContainer

OPERATOR: Final = "PROPFIRM_OPERATOR"
LIMIT_DEFAULT: Final = 50
LIMIT_MAX: Final = 200
CURSOR_MAX: Final = 512

BEYOND_HTTP: Final[Mapping[str, Who]] = {"users.create": "admin"}
"""Who may do what the API has no operation for."""

T = TypeVar("T")
V = TypeVar("V")
S = TypeVar("S", bound=Struct)
A = TypeVar("A", Staff, Trader)


@dataclass(eq=False)
class OperatorMissing(Refused):
    code = "cli.operator-missing"
    title = f"Acts are recorded under somebody's name: say who acts, by --as EMAIL or {OPERATOR}"
    operation: str


@dataclass(eq=False)
class NobodyKnown(NotFound):
    code = "cli.nobody"
    title = "Nobody is known by this e-mail address"
    email: str


@dataclass(eq=False)
class OtherKindOfPerson(Forbidden):
    code = "cli.other-kind-of-person"
    title = "This is for people of another role"
    email: str
    role: str


class Looking(argparse.Namespace):
    json: bool


class Paged(Looking):
    limit: int
    after: str | None


class Acting(Looking):
    operator: str | None
    yes: bool


# ---------------------------------------------------------------- arguments


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for machines, in the shapes of the API")


def add_paging(parser: argparse.ArgumentParser) -> None:
    number, words = values.whole(1, LIMIT_MAX), f"lines at most ({LIMIT_DEFAULT})"
    parser.add_argument("--limit", metavar="N", type=number, default=LIMIT_DEFAULT, help=words)
    parser.add_argument("--after", metavar="CURSOR", type=values.text(CURSOR_MAX), help="go on behind a page")
    add_json(parser)


def add_acting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--as", dest="operator", metavar="EMAIL", type=values.email, help=f"who acts; {OPERATOR} by default"
    )
    parser.add_argument("--yes", action="store_true", help="do it; without it nothing happens, and the exit code is 3")
    add_json(parser)


# ---------------------------------------------------------------- at the firm


def at_the_firm(use: Callable[[ServiceContainer], Awaitable[V]]) -> V:
    """Raises what ``home.run`` raises."""
    from propfirm.entrypoints import home  # noqa: PLC0415  # see above

    return home.run(use)


async def person_of(firm: ServiceContainer, email: str) -> Person:
    """Raises NobodyKnown."""
    async with firm.work().begin() as tx:
        found: Person | None = await tx.people.by_email(email)
    if found is None:
        raise NobodyKnown(email)
    return found


def as_staff(arguments: Acting, operation: str, act: str, use: Callable[[ServiceContainer, Staff], Awaitable[V]]) -> V:
    """An act of the staff. operation: its line in the policy. act: what it does, as an imperative.

    Raises OperatorMissing, Unconfirmed; then, at the firm, NobodyKnown, NotActive, OtherKindOfPerson, RoleForbidden,
    and what the act raises.
    """
    return _act(arguments, operation, act, use, Staff)


def as_trader(
    arguments: Acting, operation: str, act: str, use: Callable[[ServiceContainer, Trader], Awaitable[V]]
) -> V:
    """As ``as_staff``, for what a trader does with their own."""
    return _act(arguments, operation, act, use, Trader)


def _act(
    arguments: Acting,
    operation: str,
    act: str,
    use: Callable[[ServiceContainer, A], Awaitable[V]],
    kind: type[A],
) -> V:
    email = arguments.operator or read(os.environ).operator
    if email is None:
        raise OperatorMissing(operation)
    confirm(act, yes=arguments.yes)

    async def acted(firm: ServiceContainer) -> V:
        return await use(firm, await _actor(firm, email, operation, kind))

    return at_the_firm(acted)


async def _actor(firm: ServiceContainer, email: str, operation: str, kind: type[A]) -> A:
    from propfirm.entrypoints.http.policy import POLICY, allow  # noqa: PLC0415  # see above

    person = await person_of(firm, email)
    if person.situation != "active":
        raise NotActive(person.situation)
    via = Via("cli", shell())
    actor = Trader(person.id, via) if person.role == "trader" else Staff(person.id, person.role, via)
    if not isinstance(actor, kind):
        raise OtherKindOfPerson(email, person.role)
    allow(actor, BEYOND_HTTP[operation] if operation in BEYOND_HTTP else POLICY[operation])
    return actor


def shell() -> str:
    """Whose command line this is, as ``user@host``: by the operating system, which no variable talks round."""
    number = os.getuid()
    try:
        user = pwd.getpwuid(number).pw_name
    except KeyError:  # in a container a user may have no name
        user = str(number)
    return f"{user}@{platform.node()}"


def confirm(act: str, *, yes: bool) -> None:
    """With a terminal at both ends somebody is asked; without one nobody waits for an answer. Raises Unconfirmed."""
    if yes:
        return
    if sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty():
        streams.ask(f"{act}? [y/N] ")
        if sys.stdin.readline().strip().lower() in {"y", "yes"}:
            return
    raise Unconfirmed(act)


# ---------------------------------------------------------------- lists


async def page_of(
    firm: ServiceContainer,
    arguments: Paged,
    of: str,
    fetch: Callable[[Place | None], Awaitable[Slice[T]]],
    show: Callable[[T], V],
) -> Page[V]:
    """of: of what the list is, by which filters: another list does not take its cursors. Raises InvalidCursor."""
    from propfirm.entrypoints.http.routes.views import page, place  # noqa: PLC0415  # see above

    cursors, of = firm.cursors(), f"cli {of}"
    return page(cursors, of, await fetch(place(cursors, of, arguments.after)), show)


def put_page(page: Page[S], *fields: str, json: bool) -> None:
    put(page, columns(page.items, *fields), json=json)
    if page.next is not None and not json:
        streams.tell(f"there is more: --after {page.next}")
