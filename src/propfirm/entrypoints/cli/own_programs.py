"""``propfirm programs``, the firm's own: drafted, published, priced, retired, on sale."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

from propfirm.application.catalogue.queries import Offer
from propfirm.application.catalogue.write_programs import DraftProgram
from propfirm.application.ports.programs import UnknownProgram
from propfirm.application.ports.work import Listing, ProgramStatus
from propfirm.application.printable import printable
from propfirm.application.within import Within
from propfirm.domain.catalogue.program import Program
from propfirm.domain.errors import NotFound
from propfirm.domain.identity.actors import Staff
from propfirm.domain.money import Cents, from_cents, show
from propfirm.entrypoints.cli import exits, values
from propfirm.entrypoints.cli.answers import columns, facts, put
from propfirm.entrypoints.cli.arguments import Group, Run, add_command
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
    put_page,
)
from propfirm.entrypoints.views.programs import (
    CheckedView,
    ProgramView,
    VersionView,
    checked_view,
    offer_view,
    program_view,
    version_view,
)

if TYPE_CHECKING:
    import argparse

    from propfirm.entrypoints.container import Container
    from propfirm.entrypoints.http.pages import Page
    from propfirm.entrypoints.service_container import ServiceContainer

VERSION_MAX: Final = 2_147_483_647


class Drafting(Acting):
    file: Path


class Moving(Acting):
    program: str
    version_number: int


class Pricing(Moving):
    price: Cents


class Versions(Paged):
    program: str | None
    status: ProgramStatus | None


def configure(commands: Group) -> None:
    add_json(add_command(commands, "on-sale", "what the firm sells now", list_on_sale))
    versions = add_command(commands, "versions", "every version that the firm has written", list_versions)
    versions.add_argument("--program", metavar="ID", type=values.slug, help="only those of this program")
    versions.add_argument("--status", choices=get_args(ProgramStatus), help="only those of this status")
    add_paging(versions)
    drafting = add_command(commands, "draft", "draft a version, or a whole family, from a file", draft)
    drafting.add_argument("file", metavar="FILE", type=values.path)
    add_acting(drafting)
    add_acting(_one(commands, "publish", "publish a draft: from then on it never changes", publish))
    pricing = _one(commands, "price", "price a version, for those who buy from now on", price)
    pricing.add_argument("price", metavar="AMOUNT", type=values.cents, help="in dollars")
    add_acting(pricing)
    add_acting(_one(commands, "retire", "sell a version no longer", retire))


def program_of(text: str, container: Container) -> Program:
    """As ``values.program_of``, and of the firm's own: ID@VERSION, or the ID of one on sale that is not shipped.

    Raises as both ``values.program_of`` and ``at_the_firm``, and UnknownProgram for a version that there is not.
    """
    id_, at, version = text.partition("@")
    if at and version.isdecimal() and not Path(text).exists():
        try:
            listing: Listing = at_the_firm(lambda firm: firm.program_queries().listing(id_, int(version)))
        except NotFound as none:
            if type(none) is not NotFound:  # of another thing: there is no firm here
                raise
            raise UnknownProgram(text) from none
        return listing.program
    try:
        return values.program_of(text, container)
    except UnknownProgram as unknown:
        if "=" in text:
            raise
        try:
            offered: Listing = at_the_firm(lambda firm: firm.program_queries().offered(text))
        except NotFound:  # also where there is no firm to ask
            raise unknown from None
        return offered.program


def _one(commands: Group, name: str, summary: str, run: Run) -> argparse.ArgumentParser:
    parser = add_command(commands, name, summary, run)
    parser.add_argument("program", metavar="ID", type=values.slug)
    parser.add_argument("version_number", metavar="VERSION", type=values.whole(1, VERSION_MAX))
    return parser


def list_on_sale(arguments: Looking, _: Container) -> int:
    offers: Sequence[Offer] = at_the_firm(lambda firm: firm.program_queries().on_sale())
    views = [offer_view(one) for one in offers]
    lines = columns(views, "program", "version", "starting_balance", "price_minor", "currency", "stages", "name")
    put(views, lines, json=arguments.json)
    return exits.OK


def list_versions(arguments: Versions, _: Container) -> int:
    program, status = arguments.program, arguments.status

    async def listed(firm: ServiceContainer) -> Page[VersionView]:
        queries = firm.program_queries()
        return await page_of(
            firm,
            arguments,
            f"versions {program} {status}",
            lambda after: queries.versions(program=program, status=status, after=after, limit=arguments.limit),
            version_view,
        )

    fields = ("program", "version", "status", "starting_balance", "price_minor", "changed_at", "name")
    put_page(at_the_firm(listed), *fields, json=arguments.json)
    return exits.OK


def draft(arguments: Drafting, container: Container) -> int:
    """All programs of the file, or none. Raises BadProgramFile."""
    programs = container.program_files()(arguments.file)
    ids = ", ".join(f"{one.id} version {one.version}" for one in programs)

    async def drafted(firm: ServiceContainer, staff: Staff) -> list[CheckedView]:
        async with firm.work().begin() as tx:
            write: DraftProgram = replace(firm.draft_program(), work=Within(tx))
            return [checked_view(one, (await write(staff, one))[1]) for one in programs]

    views = as_staff(arguments, "admin.programs.draft", f"draft {ids}", drafted)
    put(views, _drafted(views), json=arguments.json)
    return exits.OK


def _drafted(views: Sequence[CheckedView]) -> Iterator[str]:
    for view in views:
        yield f"{view.program} version {view.version}: drafted"
        for one in view.contradictions:
            yield printable(f"  in the way of publishing: {one.path}: {one.reason} [{one.code}]")
        yield from (printable(f"  note: {one.sentence}") for one in view.remarks)


def publish(arguments: Moving, _: Container) -> int:
    return _moved(
        arguments,
        "publish",
        lambda firm, staff: firm.publish_program()(staff, arguments.program, arguments.version_number),
    )


def price(arguments: Pricing, _: Container) -> int:
    asked = arguments.price
    return _moved(
        arguments,
        "price",
        lambda firm, staff: firm.price_program()(staff, arguments.program, arguments.version_number, asked),
        f" at {show(from_cents(asked))}",
    )


def retire(arguments: Moving, _: Container) -> int:
    return _moved(
        arguments,
        "retire",
        lambda firm, staff: firm.retire_program()(staff, arguments.program, arguments.version_number),
    )


def _moved(
    arguments: Moving, name: str, act: Callable[[ServiceContainer, Staff], Awaitable[Listing]], more: str = ""
) -> int:
    """name: of the act, here and in the policy. more: the end of the sentence that says it."""
    words = f"{name} {arguments.program} version {arguments.version_number}{more}"
    view = program_view(as_staff(arguments, f"admin.programs.{name}", words, act))
    put(view, _shown(view), json=arguments.json)
    return exits.OK


def _shown(view: ProgramView) -> Iterator[str]:
    yield from facts(view, "document")
    if view.status == "published" and view.price_minor is None:
        yield ""
        yield f"Nobody can buy it yet: it has no price. propfirm programs price {view.program} {view.version} AMOUNT"
