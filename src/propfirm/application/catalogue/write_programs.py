"""The firm's own programs: drafted, published once nothing in them contradicts itself, priced, retired.

A draft may be written over until it is published; from then on its document stays as it is, and only its price and
whether it is sold change. Versions are numbered without gaps, and one at a time is a draft. Sold is the newest version
that is no draft: publishing takes the one before off sale, and retiring brings none of them back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from propfirm.application.catalogue.check_program import Checked, CheckProgram
from propfirm.application.ports.clock import Clock
from propfirm.application.ports.work import Listing, ProgramStatus, Transaction, UnitOfWork
from propfirm.domain.audit.acts import Act
from propfirm.domain.catalogue.contradiction import Contradiction
from propfirm.domain.catalogue.document import fingerprint
from propfirm.domain.catalogue.program import Program
from propfirm.domain.errors import Conflict, NotFound, Refused
from propfirm.domain.evaluation.facts import Edition
from propfirm.domain.identity.actors import Staff
from propfirm.domain.money import Cents

PRICE_MAX: Final = Cents(100_000_00)


@dataclass(eq=False)
class NotADraft(Conflict):
    code = "program.not-a-draft"
    title = "Only a draft can be written over"
    program: str
    version: int
    present: ProgramStatus


@dataclass(eq=False)
class NotTheNextVersion(Conflict):
    code = "program.not-the-next-version"
    title = "Versions are numbered without gaps"
    program: str
    version: int
    next: int


@dataclass(eq=False)
class Contradictory(Refused):
    """It stays a draft."""

    code = "program.contradictory"
    title = "A program that contradicts itself is not published"
    contradictions: tuple[Contradiction, ...]


@dataclass(eq=False)
class NotPublished(Conflict):
    code = "program.not-published"
    title = "The version is not published"
    program: str
    version: int
    present: ProgramStatus


@dataclass(eq=False)
class Retired(Conflict):
    code = "program.retired"
    title = "The version was retired"
    program: str
    version: int


@dataclass(eq=False)
class BadPrice(Refused):
    code = "program.bad-price"
    title = "A price is at least one cent, and not more than the firm would ever ask"
    price: Cents
    most: Cents


@dataclass(frozen=True, slots=True)
class DraftProgram:
    """Raises NotADraft, NotTheNextVersion, in this order. Contradictions are told and keep nobody from drafting."""

    work: UnitOfWork
    clock: Clock
    check: CheckProgram

    async def __call__(self, staff: Staff, program: Program) -> tuple[Listing, Checked]:
        async with self.work.begin() as tx:
            known = await tx.programs.versions(program.id)
            before = next((one for one in known if one.program.version == program.version), None)
            if before is not None and before.status != "draft":
                raise NotADraft(program.id, program.version, before.status)
            last = max((one.program.version for one in known), default=0)
            if before is None and program.version != last + 1:
                raise NotTheNextVersion(program.id, program.version, last + 1)
            price = None if before is None else before.price
            listing = Listing(Edition(program, fingerprint(program)), "draft", price, self.clock.now())
            await tx.programs.put(listing)
            await _record(tx, staff, "program_drafted", before, listing)
            return listing, self.check(program, await tx.programs.ids())


@dataclass(frozen=True, slots=True)
class PublishProgram:
    """Until it is priced the program is not on sale. Raises NotFound, Retired, Contradictory, in this order. One that
    is published already is left as it is."""

    work: UnitOfWork
    clock: Clock
    check: CheckProgram

    async def __call__(self, staff: Staff, program: str, version: int) -> Listing:
        async with self.work.begin() as tx:
            listing = _one(await tx.programs.versions(program), version)
            if listing.status == "published":
                return listing
            if listing.status == "retired":
                raise Retired(program, version)
            checked = self.check(listing.program, await tx.programs.ids())
            if checked.contradictions:
                raise Contradictory(checked.contradictions)
            published = replace(listing, status="published", changed_at=self.clock.now())
            await tx.programs.put(published)
            await _record(tx, staff, "program_published", listing, published)
            return published


@dataclass(frozen=True, slots=True)
class PriceProgram:
    """For those who buy from now on. Raises BadPrice, NotFound, Retired, in this order."""

    work: UnitOfWork
    clock: Clock

    async def __call__(self, staff: Staff, program: str, version: int, price: Cents) -> Listing:
        if not 0 < price <= PRICE_MAX:
            raise BadPrice(price, PRICE_MAX)
        async with self.work.begin() as tx:
            listing = _one(await tx.programs.versions(program), version)
            if listing.status == "retired":
                raise Retired(program, version)
            priced = replace(listing, price=price, changed_at=self.clock.now())
            await tx.programs.put(priced)
            await _record(tx, staff, "program_priced", listing, priced)
            return priced


@dataclass(frozen=True, slots=True)
class RetireProgram:
    """Nobody buys it any more, nor an older one in its place; accounts that are bound to it go on. Raises NotFound,
    NotPublished."""

    work: UnitOfWork
    clock: Clock

    async def __call__(self, staff: Staff, program: str, version: int) -> Listing:
        async with self.work.begin() as tx:
            listing = _one(await tx.programs.versions(program), version)
            if listing.status == "retired":
                return listing
            if listing.status != "published":
                raise NotPublished(program, version, listing.status)
            retired = replace(listing, status="retired", changed_at=self.clock.now())
            await tx.programs.put(retired)
            await _record(tx, staff, "program_retired", listing, retired)
            return retired


def _one(versions: Sequence[Listing], number: int) -> Listing:
    for listing in versions:
        if listing.program.version == number:
            return listing
    raise NotFound


async def _record(tx: Transaction, staff: Staff, act: Act, before: Listing | None, after: Listing) -> None:
    """before: None for the first draft of a version."""
    details = _figures(after)
    if before is not None:
        was = {name: value for name, value in _figures(before).items() if value != details[name]}
        details |= {f"{name}_before": value for name, value in was.items()}
    await tx.audit.record(staff, act, f"program:{after.program.id}:{after.program.version}", details)


def _figures(listing: Listing) -> dict[str, str]:
    price = "" if listing.price is None else str(listing.price)
    return {"fingerprint": listing.edition.fingerprint, "status": listing.status, "price_cents": price}
