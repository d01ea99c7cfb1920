"""What is shown of programs: on sale, as a version, checked, compared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from propfirm.application.catalogue.check_program import Checked
from propfirm.application.catalogue.queries import Offer, VersionLine
from propfirm.application.ports.work import Listing, ProgramStatus
from propfirm.domain.catalogue.document import to_document
from propfirm.domain.catalogue.program import Program
from propfirm.domain.money import exact
from propfirm.entrypoints.views.parts import Amount


class OfferView(Struct, frozen=True, kw_only=True):
    program: str
    version: int
    name: str
    starting_balance: Amount
    price_minor: int
    currency: str
    stages: Sequence[str]


class ProgramView(Struct, frozen=True, kw_only=True):
    """document: every rule, as program files spell it, without what is as by default. fingerprint: SHA-256 of its
    canonical form: what an account is bound to."""

    program: str
    version: int
    name: str
    status: ProgramStatus
    price_minor: int | None
    fingerprint: str
    changed_at: datetime
    document: dict[str, Any]


class VersionView(Struct, frozen=True, kw_only=True):
    program: str
    version: int
    name: str
    status: ProgramStatus
    starting_balance: Amount
    price_minor: int | None
    fingerprint: str
    changed_at: datetime


class ContradictionView(Struct, frozen=True):
    code: str
    path: str
    reason: str
    figures: dict[str, str]


class RemarkView(Struct, frozen=True):
    path: str
    stage: str
    sentence: str


class CheckedView(Struct, frozen=True):
    """Contradictions keep a version from being published; remarks keep nobody from anything."""

    program: str
    version: int
    contradictions: Sequence[ContradictionView]
    remarks: Sequence[RemarkView]


class ChangeView(Struct, frozen=True):
    """before, after: null where it is not there."""

    path: str
    before: str | None
    after: str | None


def offer_view(offer: Offer) -> OfferView:
    return OfferView(
        program=offer.program,
        version=offer.version,
        name=offer.name,
        starting_balance=exact(offer.starting_balance),
        price_minor=offer.price,
        currency=offer.currency,
        stages=offer.stages,
    )


def program_view(listing: Listing) -> ProgramView:
    program = listing.program
    return ProgramView(
        program=program.id,
        version=program.version,
        name=program.name,
        status=listing.status,
        price_minor=listing.price,
        fingerprint=listing.edition.fingerprint,
        changed_at=listing.changed_at,
        document=to_document(program),
    )


def version_view(line: VersionLine) -> VersionView:
    return VersionView(
        program=line.program,
        version=line.version,
        name=line.name,
        status=line.status,
        starting_balance=exact(line.starting_balance),
        price_minor=line.price,
        fingerprint=line.fingerprint,
        changed_at=line.changed_at,
    )


def checked_view(program: Program, checked: Checked) -> CheckedView:
    return CheckedView(
        program.id,
        program.version,
        [ContradictionView(one.code, one.path, one.reason, dict(one.figures)) for one in checked.contradictions],
        [RemarkView(one.path, one.stage, one.sentence) for one in checked.notes],
    )
