"""What can be bought, and the firm's own work on it: drafts, checks, publishing, prices."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Final

from litestar import Response, Router, get, post, put
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from propfirm.application.catalogue.check_program import CheckProgram
from propfirm.application.catalogue.queries import ProgramQueries
from propfirm.application.catalogue.write_programs import (
    PRICE_MAX,
    DraftProgram,
    PriceProgram,
    PublishProgram,
    RetireProgram,
)
from propfirm.application.ports.work import Answer, ProgramStatus, UnitOfWork
from propfirm.domain.catalogue.difference import diff
from propfirm.domain.catalogue.program import Program
from propfirm.domain.errors import NotFound
from propfirm.domain.identity.actors import Staff
from propfirm.domain.money import Cents
from propfirm.entrypoints.http.dependencies import Given, provided
from propfirm.entrypoints.http.idempotency import Once, created, respond
from propfirm.entrypoints.http.pages import Page
from propfirm.entrypoints.http.refusals import OtherDocument
from propfirm.entrypoints.http.requests import AnyRequest
from propfirm.entrypoints.http.routes.views import Paging
from propfirm.entrypoints.views.programs import (
    ChangeView,
    CheckedView,
    OfferView,
    ProgramView,
    VersionView,
    checked_view,
    offer_view,
    program_view,
    version_view,
)

Parse = Callable[[str, str], tuple[Program, ...]]
"""The programs of a TOML text; the other argument is what to call it. Raises BadProgramFile."""

SOURCE: Final = "the document"
VERSION_MAX: Final = 2_147_483_647
DOCUMENT_MAX: Final = 200_000
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_SLUG_MAX: Final = 64

Number = Annotated[int, QueryParameter(ge=1, le=VERSION_MAX)]


class Document(Struct, frozen=True, forbid_unknown_fields=True):
    """toml: a program file: one program, or one for each size of a family."""

    toml: Annotated[str, Meta(min_length=1, max_length=DOCUMENT_MAX)]


class Price(Struct, frozen=True, forbid_unknown_fields=True):
    price_minor: Annotated[int, Meta(ge=1, le=PRICE_MAX, description="For those who buy from now on")]


def slug(text: str) -> str:
    """Raises NotFound for what no program is called, before any query."""
    if len(text) > _SLUG_MAX or _SLUG.fullmatch(text) is None:
        raise NotFound
    return text


def number(value: int) -> int:
    """Raises NotFound for what no version is numbered."""
    if not 1 <= value <= VERSION_MAX:
        raise NotFound
    return value


@get("/programs", operation_id="programs.list", summary="What can be bought")
async def on_sale(programs: Given[ProgramQueries]) -> list[OfferView]:
    return [offer_view(one) for one in await programs.on_sale()]


@get("/programs/{program:str}", operation_id="programs.get", summary="A program with all its rules")
async def one_program(program: FromPath[str], programs: Given[ProgramQueries]) -> ProgramView:
    return program_view(await programs.offered(slug(program)))


@get("/admin/programs", operation_id="admin.programs.list", summary="Every version, the last changed first")
async def all_versions(
    programs: Given[ProgramQueries],
    paging: Given[Paging],
    program: Annotated[str | None, QueryParameter(max_length=_SLUG_MAX)] = None,
    status: Annotated[ProgramStatus | None, QueryParameter()] = None,
) -> Page[VersionView]:
    found = await programs.versions(program=program, status=status, after=paging.after, limit=paging.limit)
    return paging.page(found, version_view)


@get("/admin/programs/{program:str}/{version:int}", operation_id="admin.programs.get", summary="One version")
async def one_version(program: FromPath[str], version: FromPath[int], programs: Given[ProgramQueries]) -> ProgramView:
    return program_view(await programs.listing(slug(program), number(version)))


@get("/admin/programs/{program:str}/changes", operation_id="admin.programs.changes", summary="What differs between two")
async def changes(
    program: FromPath[str], programs: Given[ProgramQueries], before: Number, after: Number
) -> list[ChangeView]:
    old, new = [(await programs.listing(slug(program), one)).program for one in (before, after)]
    return [ChangeView(one.path, one.before, one.after) for one in diff(old, new)]


@post(
    "/admin/programs/check",
    operation_id="admin.programs.check",
    summary="Would it make sense?",
    description="Reads and checks the document; nothing is written.",
    status_code=200,
)
async def check_document(
    data: JSONBody[Document], parse: Given[Parse], check: Given[CheckProgram]
) -> list[CheckedView]:
    found = parse(data.toml, SOURCE)
    beside = [one.id for one in found]
    return [checked_view(one, check(one, beside)) for one in found]


@post(
    "/admin/programs",
    operation_id="admin.programs.draft",
    summary="Draft a version, or a whole family",
    responses={201: ResponseSpec(list[CheckedView], description="Drafted; what stands in the way of publishing")},
)
async def draft(
    request: AnyRequest,
    data: JSONBody[Document],
    staff: Given[Staff],
    once: Given[Once],
    parse: Given[Parse],
    drafting: Given[DraftProgram],
) -> Response[bytes]:
    found = parse(data.toml, SOURCE)

    async def act(work: UnitOfWork) -> Answer:
        write = replace(drafting, work=work)
        return created([checked_view(one, (await write(staff, one))[1]) for one in found])

    return respond(await once(request, staff.id, act))


@put(
    "/admin/programs/{program:str}/{version:int}",
    operation_id="admin.programs.write",
    summary="Write a draft over",
    description="The document must be of this program and version.",
)
async def write_over(
    program: FromPath[str],
    version: FromPath[int],
    data: JSONBody[Document],
    staff: Given[Staff],
    parse: Given[Parse],
    drafting: Given[DraftProgram],
) -> CheckedView:
    found = parse(data.toml, SOURCE)
    if [(one.id, one.version) for one in found] != [(slug(program), number(version))]:
        raise OtherDocument(program, version, tuple(f"{one.id} {one.version}" for one in found))
    _, checked = await drafting(staff, found[0])
    return checked_view(found[0], checked)


@post(
    "/admin/programs/{program:str}/{version:int}/publish",
    operation_id="admin.programs.publish",
    summary="Publish a draft: from then on it never changes",
    status_code=200,
)
async def publish(
    program: FromPath[str], version: FromPath[int], staff: Given[Staff], publishing: Given[PublishProgram]
) -> ProgramView:
    return program_view(await publishing(staff, slug(program), number(version)))


@post(
    "/admin/programs/{program:str}/{version:int}/price",
    operation_id="admin.programs.price",
    summary="Price it",
    status_code=200,
)
async def set_price(
    program: FromPath[str],
    version: FromPath[int],
    data: JSONBody[Price],
    staff: Given[Staff],
    pricing: Given[PriceProgram],
) -> ProgramView:
    return program_view(await pricing(staff, slug(program), number(version), Cents(data.price_minor)))


@post(
    "/admin/programs/{program:str}/{version:int}/retire",
    operation_id="admin.programs.retire",
    summary="Sell it no longer",
    status_code=200,
)
async def retire(
    program: FromPath[str], version: FromPath[int], staff: Given[Staff], retiring: Given[RetireProgram]
) -> ProgramView:
    return program_view(await retiring(staff, slug(program), number(version)))


def programs(queries: Callable[[], ProgramQueries]) -> Router:
    return Router(
        "/v1",
        route_handlers=[on_sale, one_program],
        dependencies={"programs": provided(queries)},
        tags=["Programs"],
    )


def program_desk(
    queries: Callable[[], ProgramQueries],
    parse: Parse,
    check: Callable[[], CheckProgram],
    drafting: Callable[[], DraftProgram],
    publishing: Callable[[], PublishProgram],
    pricing: Callable[[], PriceProgram],
    retiring: Callable[[], RetireProgram],
) -> Router:
    return Router(
        "/v1",
        route_handlers=[
            all_versions,
            one_version,
            changes,
            check_document,
            draft,
            write_over,
            publish,
            set_price,
            retire,
        ],
        dependencies={
            "programs": provided(queries),
            "parse": provided(lambda: parse),
            "check": provided(check),
            "drafting": provided(drafting),
            "publishing": provided(publishing),
            "pricing": provided(pricing),
            "retiring": provided(retiring),
        },
        tags=["Staff: programs"],
    )
