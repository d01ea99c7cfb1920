"""``propfirm events``: the releases that news rules look at, kept up by the staff."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from propfirm.application.market.keep_news import Upkeep
from propfirm.domain.calendar.news import CATEGORIES
from propfirm.domain.calendar.news_events import NAME_MAX
from propfirm.domain.ids import NewsEventId
from propfirm.entrypoints.cli import exits, values
from propfirm.entrypoints.cli.answers import columns, facts, put
from propfirm.entrypoints.cli.arguments import Group, Run, add_command, group
from propfirm.entrypoints.cli.firm import (
    Acting,
    Paged,
    add_acting,
    add_paging,
    as_staff,
    at_the_firm,
    page_of,
    put_page,
)
from propfirm.entrypoints.views.news import ReleaseView, TouchedView, UpkeepView, release_view, upkeep_view

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container
    from propfirm.entrypoints.http.pages import Page
    from propfirm.entrypoints.service_container import ServiceContainer

DESCRIPTION: Final = """\
Economic releases around which programs forbid trading. A change tells the
accounts that it touches, before and after. TIME has its offset from UTC.
"""
EPILOG: Final = """\
examples:
  propfirm events list
  propfirm events add us-high-impact-2026 CPI 2026-12-11T13:30:00Z "CPI November" --as ada@firm.example --yes
  propfirm events move 0192d3f4-0000-7000-8000-000000000000 2026-12-11T15:00:00Z --as ada@firm.example --yes
"""


class Listing(Paged):
    feed: str | None


class Adding(Acting):
    feed: str
    category: str
    at: datetime
    name: str


class Calling(Acting):
    release: NewsEventId


class Moving(Calling):
    at: datetime


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    commands = group(parser)
    listing = add_command(commands, "list", "releases, the furthest ahead first", list_releases)
    listing.add_argument("--feed", metavar="FEED", type=values.slug, help="only those of this list")
    add_paging(listing)
    adding = add_command(commands, "add", "list a release", add)
    adding.add_argument("feed", metavar="FEED", type=values.slug)
    adding.add_argument("category", metavar="CATEGORY", choices=CATEGORIES, help=", ".join(CATEGORIES))
    adding.add_argument("at", metavar="TIME", type=values.instant)
    adding.add_argument("name", metavar="NAME", type=values.text(NAME_MAX))
    add_acting(adding)
    moving = _one(commands, "move", "move a release to another time", move)
    moving.add_argument("at", metavar="TIME", type=values.instant)
    add_acting(moving)
    add_acting(_one(commands, "cancel", "call a release off", cancel))


def _one(commands: Group, name: str, summary: str, run: Run) -> argparse.ArgumentParser:
    parser = add_command(commands, name, summary, run)
    parser.add_argument("release", metavar="ID", type=values.id_)
    return parser


def list_releases(arguments: Listing, _: Container) -> int:
    feed = arguments.feed

    async def listed(firm: ServiceContainer) -> Page[ReleaseView]:
        queries = firm.news_queries()
        return await page_of(
            firm,
            arguments,
            f"news {feed}",
            lambda after: queries.events(feed, after, arguments.limit),
            release_view,
        )

    fields = ("id", "feed", "category", "release_at", "name", "cancelled", "changed_at")
    put_page(at_the_firm(listed), *fields, json=arguments.json)
    return exits.OK


def add(arguments: Adding, _: Container) -> int:
    given = arguments.feed, arguments.category, arguments.name, arguments.at
    act = f"list {arguments.category} at {arguments.at.isoformat()} in {arguments.feed}"
    return _kept(
        as_staff(arguments, "admin.news.add", act, lambda firm, staff: firm.keep_news().add(staff, *given)), arguments
    )


def move(arguments: Moving, _: Container) -> int:
    id_, at = arguments.release, arguments.at
    act = f"move release {id_} to {at.isoformat()}"
    return _kept(
        as_staff(arguments, "admin.news.move", act, lambda firm, staff: firm.keep_news().move(staff, id_, at)),
        arguments,
    )


def cancel(arguments: Calling, _: Container) -> int:
    id_ = arguments.release
    act = f"call release {id_} off"
    return _kept(
        as_staff(arguments, "admin.news.cancel", act, lambda firm, staff: firm.keep_news().call_off(staff, id_)),
        arguments,
    )


def _kept(done: Upkeep, arguments: Acting) -> int:
    view = upkeep_view(done)
    put(view, _told(view), json=arguments.json)
    return exits.OK


def _told(view: UpkeepView) -> Iterator[str]:
    yield from facts(view.release)
    yield from _touched("before the change it touched", view.before)
    yield from _touched("now it touches", view.after)


def _touched(words: str, accounts: Sequence[TouchedView]) -> Iterator[str]:
    yield ""
    yield f"{words} {len(accounts)} accounts" if accounts else f"{words} no account"
    if accounts:
        yield from columns(
            accounts, "account", "state", "program", "stage", "mode", "products", "opens_at", "closes_at"
        )
