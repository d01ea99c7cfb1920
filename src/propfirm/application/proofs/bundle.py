"""What a proof holds, and the one file that holds it.

A bundle is canonical JSON: there is exactly one file with this content, so every changed byte shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import PurePath
from typing import Annotated, Final, Literal, TypeAlias, cast

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

import propfirm
from propfirm.application.ports.signing import Signature
from propfirm.application.proofs import canonical, chain
from propfirm.application.proofs.codec import EVENTS_MAX
from propfirm.application.proofs.refusals import BadBundle
from propfirm.domain.audit.seals import Seal as DaySeal
from propfirm.domain.audit.seals import SealedRun
from propfirm.domain.catalogue.document import fingerprint
from propfirm.domain.catalogue.program import Program
from propfirm.domain.market.contracts import Contract
from propfirm.domain.money import Micros
from propfirm.domain.rules.findings import Finding, Verdict
from propfirm.domain.rules.state import State, best_day, profit_of, qualifying_days
from propfirm.domain.rules.terms import ENGINE_SEMANTICS, Options, Platform, Terms

FILE_MAX: Final = 64 << 20
"""Bytes of a bundle: a busy account's year, and what a verifier may hold in memory."""
CHUNK_BYTES_MAX: Final = 4 << 20
"""Bytes of a chunk when unpacked: a thousand times the usual."""

JOURNAL_MAX: Final = 20_000_000
"""Events in a bundle."""
SYMBOLS_MAX: Final = 1_000
"""Contract months in one account: each one makes every mark dearer."""

Hash: TypeAlias = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
"""SHA-256 in hex."""
Count: TypeAlias = Annotated[int, Meta(ge=0, le=1 << 62)]

Reading: TypeAlias = Literal["adverse", "favourable"]


class InputFile(Struct, frozen=True):
    """A file that the case was made from. name: without its folder. format: as its reader calls it."""

    name: str
    sha256: Hash
    size: Count
    format: str


class Tables(Struct, frozen=True):
    """Versions of the tables behind the clock events, the news windows and the contracts."""

    calendar: str
    news: str
    contracts: str


class SealedIn(Struct, frozen=True, forbid_unknown_fields=True):
    """A day's seal over the firm's whole journal, and the way from this run to its root.

    leaf: how far the run had come. place: of the leaf among the seal's, from 0. path: as ``merkle.climbed`` takes it.
    """

    seal: DaySeal
    signature: Signature | None
    leaf: SealedRun
    place: Count
    path: tuple[Hash, ...]


class Header(Struct, frozen=True):
    """The case: whose rules, on which terms, from which inputs. The chain of events begins with its hash.

    program_hash: SHA-256 of the program's canonical form. contracts: those that may be traded, by root.
    bars: how prices in doubt were read; None without prices. seals: the oldest first; left out of the file where there
    are none, as in what ``simulate`` writes.
    """

    semantics: int
    package: str
    program: Program
    program_hash: Hash
    stage: str
    options: Options
    platform: Platform
    contracts: tuple[Contract, ...]
    tables: Tables
    inputs: tuple[InputFile, ...] = ()
    bars: Reading | None = None
    seals: Annotated[tuple[SealedIn, ...], Meta(min_length=1)] | UnsetType = UNSET

    @classmethod
    def of(
        cls,
        program: Program,
        stage: str,
        contracts: Mapping[str, Contract],
        tables: Tables,
        *,
        options: Options | None = None,
        platform: Platform | None = None,
        inputs: tuple[InputFile, ...] = (),
        bars: Reading | None = None,
    ) -> Header:
        """A case that this release judges. contracts: the argument of ``compile_terms``."""
        return cls(
            ENGINE_SEMANTICS,
            propfirm.__version__,
            program,
            fingerprint(program),
            stage,
            options or Options(),
            platform or Platform(),
            tuple(contracts[root] for root in sorted(contracts)),
            tables,
            inputs,
            bars,
        )

    def under(self, seals: tuple[SealedIn, ...]) -> Header:
        """The same case, with the seals that its run was under, if any."""
        return replace(self, seals=seals or UNSET)


class FinalStanding(Struct, frozen=True):
    """Where the account stands after its last event, numbered ``seq`` (0: before the first)."""

    seq: int
    at: int
    verdict: Verdict
    balance: Micros
    equity: Micros
    profit: Micros
    cash: Micros
    fees: Micros
    floor: Micros
    floor_locked: bool
    high: Micros
    day: str | None
    day_floor: Micros | None
    day_locked: bool
    trading_days: int
    qualifying_days: int
    best_day: Micros
    payouts: int


def final_standing(terms: Terms, state: State) -> FinalStanding:
    core = state.core
    return FinalStanding(
        seq=state.seq,
        at=state.at,
        verdict=state.verdict,
        balance=state.balance,
        equity=state.equity,
        profit=profit_of(terms, state),
        cash=core.cash,
        fees=core.fees,
        floor=state.floor,
        floor_locked=core.floor.locked,
        high=state.hwm,
        day=state.day.isoformat() if state.day else None,
        day_floor=state.day_floor,
        day_locked=state.locked,
        trading_days=state.trading_days,
        qualifying_days=qualifying_days(terms, state),
        best_day=best_day(terms, state),
        payouts=state.payouts,
    )


class Chunk(Struct, frozen=True, forbid_unknown_fields=True):
    """Some events of the journal. data: ``codec.pack``, compressed (zlib, RFC 1950). size: bytes before compression.
    link: the chain up to here."""

    events: Annotated[int, Meta(ge=1, le=EVENTS_MAX)]
    first: int
    last: int
    size: Annotated[int, Meta(ge=1, le=CHUNK_BYTES_MAX)]
    link: Hash
    data: bytes


class Seal(Struct, frozen=True, forbid_unknown_fields=True):
    """What the bundle as a whole is bound by. header: the link before the first event. chain: the last link. last:
    number of the last event, 0 without any. packed: of the compressed bytes of all chunks, so that even another
    compression of the same events shows. head: over all of these."""

    header: Hash
    chain: Hash
    events: Count
    last: int
    findings: Hash
    standing: Hash
    packed: Hash
    head: Hash

    @classmethod
    def of(cls, genesis: str, link: str, events: int, last: int, findings: bytes, standing: bytes, packed: str) -> Seal:
        """genesis, link: the first and the last of the chain. findings, standing: their canonical JSON."""
        parts = chain.digest("findings", findings), chain.digest("standing", standing), packed
        return cls(genesis, link, events, last, *parts, chain.head(genesis, link, events, last, *parts))


class Bundle(Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    header: Header
    chunks: tuple[Chunk, ...]
    findings: tuple[Finding, ...]
    standing: FinalStanding
    seal: Seal
    signature: Signature | None


class Opened(Struct, frozen=True):
    """A bundle as read. The three parts that are hashed as JSON are kept in their canonical bytes. spelling: what about
    the file is not in canonical form, empty if nothing."""

    bundle: Bundle
    header: bytes
    program: bytes
    findings: bytes
    standing: bytes
    spelling: str


_BUNDLE: Final = msgspec.json.Decoder(Bundle)


def open_bundle(content: bytes) -> Opened:
    """Reads the file; nothing of it is judged yet, and no events are unpacked. Raises BadBundle."""
    if len(content) > FILE_MAX:
        reason = f"it has {len(content)} bytes, more than {FILE_MAX}"
        raise BadBundle(reason)
    told = canonical.parse(content, "the file")
    written = told.get("format") if isinstance(told, dict) else None
    if written != chain.FORMAT:
        reason = (
            f"its format is {written!r}, not {chain.FORMAT!r}" if isinstance(written, str) else "it names no format"
        )
        raise BadBundle(reason[:200])
    try:
        bundle = _BUNDLE.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadBundle(str(error)) from error
    again = canonical.encode(bundle)
    wrong = canonical.misread(told, canonical.parse(again, "the file"), "$")
    if wrong is not None and wrong.kind == "unknown":
        reason = f"this release does not know what {wrong.path[:200]} means"
        raise BadBundle(reason)
    spelling = ""
    if wrong is not None:
        spelling = f"{wrong.path} is not in canonical form"
    elif canonical.encode(told) != content:
        spelling = "the file is not in canonical form"
    parts = cast("dict[str, object]", told)  # it has just been decoded as a Bundle
    header = cast("dict[str, object]", parts["header"])
    return Opened(
        bundle,
        header=canonical.encode(header),
        program=canonical.encode(header["program"]),
        findings=canonical.encode(parts["findings"]),
        standing=canonical.encode(parts["standing"]),
        spelling=spelling,
    )


def measured(name: str, blocks: Iterable[bytes], format: str) -> InputFile:  # noqa: A002  # the field's name
    """What the header says about an input file: its name without folder, hash and size. blocks: its content as it lies
    on the disk, in any pieces."""
    whole, size = sha256(), 0
    for block in blocks:
        whole.update(block)
        size += len(block)
    return InputFile(PurePath(name).name, whole.hexdigest(), size, format)
