"""``propfirm users``: traders and staff, and what the staff wrote down about them."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, get_args

from propfirm.application.identity.appoint import StaffRole
from propfirm.application.identity.queries import PersonLine
from propfirm.application.paging import Place, Slice
from propfirm.domain.errors import Refused
from propfirm.domain.identity.actors import Staff
from propfirm.domain.identity.people import EMAIL_MAX, NAME_MAX, PASSWORD_MAX, Person, Role
from propfirm.domain.support.notes import TEXT_MAX, Note
from propfirm.entrypoints.cli import exits, values
from propfirm.entrypoints.cli.answers import facts, put
from propfirm.entrypoints.cli.arguments import Group, Run, add_command, group
from propfirm.entrypoints.cli.firm import (
    Acting,
    Looking,
    Paged,
    add_acting,
    add_json,
    add_paging,
    as_staff,
    at_the_firm,
    page_of,
    person_of,
    put_page,
)
from propfirm.entrypoints.settings import read
from propfirm.entrypoints.views.people import NoteView, UserView, note_view, person_view, user_view

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container
    from propfirm.entrypoints.http.pages import Page
    from propfirm.entrypoints.service_container import ServiceContainer

PASSWORD: Final = "PROPFIRM_ADMIN_PASSWORD"  # noqa: S105  # the name of the variable, not what is in it
DESCRIPTION: Final = f"""\
People of the firm, named by their e-mail addresses. The password of somebody new
among the staff is read from {PASSWORD}, or else from standard input.
"""
EPILOG: Final = """\
examples:
  propfirm users list --role support
  propfirm users note ann@example.com "asked for her tax form" --as ada@firm.example --yes
  propfirm users create bob@firm.example --name "Bob" --role support \\
    --as ada@firm.example --yes < password.txt
"""


@dataclass(eq=False)
class NoPassword(Refused):
    code = "cli.no-password"
    title = f"A password is read from {PASSWORD} or from standard input: neither has one"
    email: str


class Listing(Paged):
    role: Role | None
    email: str | None


class OfPerson(Looking):
    email: str


class PagedOfPerson(Paged):
    email: str


class Noting(Acting):
    email: str
    text: str


class Creating(Acting):
    email: str
    name: str
    role: StaffRole


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    commands = group(parser)
    listing = add_command(commands, "list", "people, the latest first", list_users)
    listing.add_argument("--role", choices=get_args(Role), help="only those of this role")
    listing.add_argument("--email", metavar="BEGINNING", type=values.text(EMAIL_MAX), help="how the address begins")
    add_paging(listing)
    add_json(_one(commands, "show", "one person", show_user))
    add_paging(_one(commands, "notes", "what the staff wrote down, the latest first", list_notes))
    noting = _one(commands, "note", "write down what the next one should know", write_note)
    noting.add_argument("text", metavar="TEXT", type=values.text(TEXT_MAX))
    add_acting(noting)
    creating = _one(commands, "create", "make somebody one of the staff", create)
    creating.add_argument("--name", metavar="NAME", type=values.text(NAME_MAX), required=True)
    creating.add_argument("--role", choices=get_args(StaffRole), required=True)
    add_acting(creating)


def _one(commands: Group, name: str, summary: str, run: Run) -> argparse.ArgumentParser:
    parser = add_command(commands, name, summary, run)
    parser.add_argument("email", metavar="EMAIL", type=values.email)
    return parser


def list_users(arguments: Listing, _: Container) -> int:
    role, email = arguments.role, arguments.email

    async def listed(firm: ServiceContainer) -> Page[UserView]:
        queries = firm.people_queries()
        return await page_of(
            firm,
            arguments,
            f"users {role} {email}",
            lambda after: queries.people(role=role, email=email, after=after, limit=arguments.limit),
            user_view,
        )

    fields = ("email", "name", "role", "situation", "registered_at", "accounts")
    put_page(at_the_firm(listed), *fields, json=arguments.json)
    return exits.OK


def show_user(arguments: OfPerson, _: Container) -> int:
    async def looked(firm: ServiceContainer) -> PersonLine:
        person = await person_of(firm, arguments.email)
        line: PersonLine = await firm.people_queries().person(person.id)
        return line

    view = user_view(at_the_firm(looked))
    put(view, facts(view), json=arguments.json)
    return exits.OK


def list_notes(arguments: PagedOfPerson, _: Container) -> int:
    async def listed(firm: ServiceContainer) -> Page[NoteView]:
        person = await person_of(firm, arguments.email)

        async def fetch(after: Place | None) -> Slice[Note]:
            found: Slice[Note] = await firm.note_queries().notes("person", person.id, after, arguments.limit)
            return found

        return await page_of(firm, arguments, f"notes {person.id}", fetch, note_view)

    put_page(at_the_firm(listed), "at", "author", "text", json=arguments.json)
    return exits.OK


def write_note(arguments: Noting, _: Container) -> int:
    async def written(firm: ServiceContainer, staff: Staff) -> Note:
        person = await person_of(firm, arguments.email)
        note: Note = await firm.write_note()(staff, "person", person.id, arguments.text)
        return note

    act = f"write a note about {arguments.email}"
    view = note_view(as_staff(arguments, "admin.users.note", act, written))
    put(view, facts(view), json=arguments.json)
    return exits.OK


def create(arguments: Creating, _: Container) -> int:
    async def created(firm: ServiceContainer, staff: Staff) -> Person:
        secret = password_for(arguments.email)
        person: Person = await firm.appoint()(staff, arguments.email, arguments.name, arguments.role, secret)
        return person

    act = f"make {arguments.email} one of the staff ({arguments.role})"
    view = person_view(as_staff(arguments, "users.create", act, created))
    put(view, facts(view), json=arguments.json)
    return exits.OK


def password_for(email: str) -> str:
    """Of the setting, or one line of standard input, which a terminal does not show. Raises NoPassword."""
    setting = read(os.environ).admin_password
    if setting is not None:
        return setting.reveal()
    if sys.stdin is None:
        raise NoPassword(email)
    if sys.stdin.isatty():
        given = getpass.getpass(f"password of {email}: ")
    else:
        given = sys.stdin.readline(PASSWORD_MAX + 2).removesuffix("\n").removesuffix("\r")
    if not given:
        raise NoPassword(email)
    return given
