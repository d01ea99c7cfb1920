"""The check of a bundle, offline and from the bundle alone.

Three questions, one before them all, and one more where the run was sealed:

- is the file as it was written (*altered*)?
- does the engine that judged say the same today (*same*, *different*)?
- is it the whole story (*complete*, *gap*)?
- who says so (*authentic*, *unsigned*, *forged*, *unknown key*)?
- are these the events that the firm sealed on the day, and who sealed them?

Whoever changes a bundle and computes every hash anew has made another bundle: only a signature tells the two apart.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final, Literal, TypeAlias, TypeVar

from msgspec import Struct

from propfirm.application.ports.signing import Signature, Verifier, key_id
from propfirm.application.proofs import chain
from propfirm.application.proofs.bundle import (
    JOURNAL_MAX,
    SYMBOLS_MAX,
    Chunk,
    InputFile,
    Opened,
    Seal,
    SealedIn,
    open_bundle,
)
from propfirm.application.proofs.codec import unpack
from propfirm.application.proofs.comparison import Same, Sameness, compare
from propfirm.application.proofs.engines import engine_of
from propfirm.application.proofs.refusals import BadBundle
from propfirm.domain.audit import merkle
from propfirm.domain.audit.seals import Told, hash_of
from propfirm.domain.calendar.instants import ONE_DAY
from propfirm.domain.errors import Refused
from propfirm.domain.rules.events import Correction, Event, Fill, Mark

_T = TypeVar("_T")

REPLAYED_MAX: Final = 20_000_000
"""Events that corrections may make the engine run again, all together."""
REMEMBERED_MAX: Final = 2_000_000
"""Events of an account with corrections: they are all kept in memory."""
TOLD_MAX: Final = 20
"""Gaps and broken links told one by one."""


class Complete(Struct, frozen=True, tag="complete"):
    """Events 1 to ``events`` are all there, and every link holds."""

    events: int

    def __str__(self) -> str:
        return f"complete: events 1 to {self.events}" if self.events else "complete: there are no events"


class Gap(Struct, frozen=True, tag="gap"):
    """missing: ranges of event numbers, both ends included. misplaced: numbers that come twice or too late. broken:
    chunks, from 1, that do not continue the chain. ends: the chain ends where the seal says. The first ones of each;
    ``more``: how many others."""

    missing: tuple[tuple[int, int], ...]
    misplaced: tuple[int, ...]
    broken: tuple[int, ...]
    ends: bool
    more: int = 0

    def __str__(self) -> str:
        said = []
        if self.missing:
            numbers = ", ".join(str(low) if low == high else f"{low} to {high}" for low, high in self.missing)
            said.append(f"events {numbers} are missing")
        if self.misplaced:
            said.append(f"events {', '.join(map(str, self.misplaced))} are not in their place")
        if self.broken:
            said.append(f"the chain breaks at chunk {', '.join(map(str, self.broken))}")
        if not self.ends:
            said.append("the chain does not end where the seal says")
        return f"gap: {'; '.join(said)}" + (f"; and {self.more} more" if self.more else "")


Completeness: TypeAlias = Complete | Gap


class Authentic(Struct, frozen=True, tag="authentic"):
    """Signed with the key that the verifier named."""

    key_id: str

    def __str__(self) -> str:
        return f"authentic: signed with the key {self.key_id}"


class Unsigned(Struct, frozen=True, tag="unsigned"):
    def __str__(self) -> str:
        return "unsigned: anybody can have made this file"


class Forged(Struct, frozen=True, tag="forged"):
    """The signature is not one of this content by the key that it names."""

    key_id: str

    def __str__(self) -> str:
        return f"forged: this is not what the key {self.key_id} signed"


class UnknownKey(Struct, frozen=True, tag="unknown_key"):
    """A good signature, but by a key that the verifier did not name: ``expected`` is the one named, if any."""

    key_id: str
    expected: str | None

    def __str__(self) -> str:
        instead = f"not with {self.expected}" if self.expected else "and no key was given to compare it with"
        return f"unknown key: signed with the key {self.key_id}, {instead}"


Authenticity: TypeAlias = Authentic | Unsigned | Forged | UnknownKey


class InputCheck(Struct, frozen=True):
    """One input file beside what the bundle recorded. ``same``, ``changed``, ``not_given`` (nothing to compare), or
    ``foreign``: a file that the case was not made from."""

    name: str
    state: Literal["same", "changed", "not_given", "foreign"]
    recorded: InputFile | None
    given: InputFile | None

    def __str__(self) -> str:
        match self.state:
            case "same":
                return f"input {self.name}: same"
            case "changed" if self.recorded and self.given:
                return (
                    f"input {self.name}: changed: the bundle was made from {self.recorded.size} bytes with SHA-256 "
                    f"{self.recorded.sha256}, this file has {self.given.size} bytes with {self.given.sha256}"
                )
            case "not_given":
                return f"input {self.name}: not compared"
            case _:
                return f"input {self.name}: foreign: the bundle was not made from it"


class SealCheck(Struct, frozen=True):
    """What one seal says of events 1 to ``events``. late: it was made when another day was over. wrong: a sentence
    without its full stop, empty where these events were sealed."""

    day: date
    late: bool
    events: int
    wrong: str
    authenticity: Authenticity

    def __str__(self) -> str:
        says = f"not what was sealed: {self.wrong}" if self.wrong else f"events 1 to {self.events}"
        return f"seal of {self.day}{' (made late)' if self.late else ''}: {says}; {self.authenticity}"


class Verification(Struct, frozen=True):
    """altered: what shows that the file is not as it was written, a sentence each; empty where nothing does.

    seals: of a firm that sealed before it had a key, or had another key then, they are not *authentic*; that alone is
    no fault, since the bundle's own signature is over them too.
    """

    altered: tuple[str, ...]
    sameness: Sameness
    completeness: Completeness
    authenticity: Authenticity
    inputs: tuple[InputCheck, ...]
    key_given: bool
    seals: tuple[SealCheck, ...] = ()

    @property
    def holds(self) -> bool:
        """Not altered, same, complete, no input changed or foreign, what was sealed, not forged; where a key was named,
        authentic."""
        signed = isinstance(self.authenticity, Authentic) or not (
            self.key_given or isinstance(self.authenticity, Forged)
        )
        return (
            not self.altered
            and isinstance(self.sameness, Same)
            and isinstance(self.completeness, Complete)
            and all(check.state in ("same", "not_given") for check in self.inputs)
            and not any(check.wrong or isinstance(check.authenticity, Forged) for check in self.seals)
            and signed
        )

    def lines(self) -> tuple[str, ...]:
        """For people, in the order in which they matter."""
        answers = (self.sameness, self.completeness, self.authenticity, *self.seals, *self.inputs)
        return (*(f"altered: {reason}" for reason in self.altered), *map(str, answers))


@dataclass(frozen=True, slots=True)
class VerifyProof:
    """A stranger checks a bundle."""

    verifier: Verifier

    def __call__(
        self, content: bytes, *, public_key: bytes | None = None, inputs: Sequence[InputFile] = ()
    ) -> Verification:
        """public_key: raw, of whom the verifier trusts. inputs: the original files as ``bundle.measured`` sees them.

        Raises, in this order: BadBundle where the file cannot be read, UnknownSemantics, BadBundle where its events or
        its program make no sense or its size no end.
        """
        opened = open_bundle(content)
        bundle = opened.bundle
        engine = engine_of(bundle.header.semantics)
        genesis = chain.genesis(opened.header)
        seals = bundle.header.seals or ()
        journal = _read_journal(bundle.chunks, genesis, bundle.seal.header, {one.leaf.events for one in seals})
        try:
            replay = engine(bundle.header, corrected=journal.corrections > 0)
            sameness = compare(replay, _events(bundle.chunks), bundle.findings, bundle.standing)
        except Refused as refusal:
            reason = f"the engine cannot judge by its program: {refusal}"
            raise BadBundle(reason) from refusal
        except Exception as error:
            # The engine trusts published programs; this one may be anything. Whatever it trips over is the file's.
            reason = f"the engine cannot judge by its program ({type(error).__name__})"
            raise BadBundle(reason) from error
        derived = Seal.of(
            genesis,
            journal.chain,
            journal.events,
            journal.last,
            opened.findings,
            opened.standing,
            journal.packed,
        )
        return Verification(
            altered=(*_altered(opened), *journal.altered, *_unsealed(bundle.seal, derived)),
            sameness=sameness,
            completeness=journal.completeness(bundle.seal),
            authenticity=self._authenticity(bundle.signature, chain.signed_message(derived.head), public_key),
            inputs=tuple(_compare_inputs(bundle.header.inputs, inputs)),
            key_given=public_key is not None,
            seals=tuple(self._seals(seals, journal.told, public_key)),
        )

    def _seals(
        self, seals: Sequence[SealedIn], told: Mapping[int, str], public_key: bytes | None
    ) -> Iterator[SealCheck]:
        before: SealedIn | None = None
        for one in seals:
            seal, authenticity = one.seal, self._authenticity(one.signature, one.seal.message, public_key)
            yield SealCheck(seal.day, seal.late, one.leaf.events, _unfit(one, before, told), authenticity)
            before = one

    def _authenticity(self, signature: Signature | None, message: bytes, public_key: bytes | None) -> Authenticity:
        if signature is None:
            return Unsigned()
        named = key_id(signature.public_key)
        if signature.key_id != named or not self.verifier.verify(signature.public_key, message, signature.value):
            return Forged(signature.key_id)
        if signature.public_key == public_key:
            return Authentic(named)
        return UnknownKey(named, key_id(public_key) if public_key is not None else None)


# ------------------------------------------------------------ the file as written


def _altered(opened: Opened) -> Iterator[str]:
    if opened.spelling:
        yield opened.spelling
    if sha256(opened.program).hexdigest() != opened.bundle.header.program_hash:
        yield "the program is not the one whose hash the bundle names"


_SEALED: Final = {
    "header": "the header",
    "events": "the number of events",
    "last": "the number of the last event",
    "findings": "the list of findings",
    "standing": "the final standing",
    "packed": "the compressed form of the events",
}


def _unsealed(recorded: Seal, derived: Seal) -> Iterator[str]:
    """The chain is told apart: ``_Journal`` knows where it breaks."""
    for field, words in _SEALED.items():
        if getattr(recorded, field) != getattr(derived, field):
            yield f"{words} is not what was sealed"
    parts = (recorded.header, recorded.chain, recorded.events, recorded.last)
    if recorded.head != chain.head(*parts, recorded.findings, recorded.standing, recorded.packed):
        yield "the head is not that of the sealed parts"


def _unfit(one: SealedIn, before: SealedIn | None, told: Mapping[int, str]) -> str:
    """What is wrong with a seal; before: the one before it in the bundle. told: digests of the bundle's events."""
    seal, leaf = one.seal, one.leaf
    root = merkle.climbed(hash_of(leaf), one.place, seal.leaves, [bytes.fromhex(step) for step in one.path])
    if root is None or root.hex() != seal.root:
        return "the run is not under its root"
    if told.get(leaf.events) != leaf.told:
        return f"events 1 to {leaf.events} of the bundle are others, or not all there"
    if before is None:
        return ""
    if (leaf.account, leaf.run) != (before.leaf.account, before.leaf.run):
        return "it is of another run than the one before"
    if seal.day <= before.seal.day or (seal.day == before.seal.day + ONE_DAY and seal.previous != before.seal.digest()):
        return "it does not follow the one before"
    return ""


# ------------------------------------------------------------ the journal


def _inflated(chunk: Chunk, number: int) -> bytes:
    """Never more than the chunk says, whatever its data would become."""
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(chunk.data, chunk.size + 1)
    except zlib.error as error:
        reason = f"chunk {number} cannot be decompressed"
        raise BadBundle(reason) from error
    if len(content) != chunk.size or not inflater.eof or inflater.unused_data:
        reason = f"chunk {number} does not hold the {chunk.size} bytes that it announces"
        raise BadBundle(reason)
    return content


def _unpacked(content: bytes, number: int) -> list[Event]:
    try:
        return unpack(content)
    except BadBundle as bad:
        reason = f"chunk {number}: {bad.reason}"
        raise BadBundle(reason) from bad


def _events(chunks: Sequence[Chunk]) -> Iterator[Event]:
    for number, chunk in enumerate(chunks, 1):
        yield from _unpacked(_inflated(chunk, number), number)


class _Journal:
    """What one reading of the chunks shows. chain: the last link of what is there. genesis: the first one, by the
    header that is there; sealed: by the header that was sealed. told: the digest after so many events as a day's
    seal was made over."""

    def __init__(self, genesis: str, sealed: str, counts: AbstractSet[int]) -> None:
        self.chain = genesis
        self._recorded = sealed
        self.events = 0
        self.last = 0
        self.corrections = 0
        self.altered: list[str] = []
        self._packed = sha256()
        self._missing: list[tuple[int, int]] = []
        self._misplaced: list[int] = []
        self._broken: list[int] = []
        self._symbols: set[str] = set()
        self._next = 1
        self._more = 0
        self._counts = counts
        self._telling = Told()
        self.told = {0: self._telling.digest}

    @property
    def packed(self) -> str:
        return self._packed.hexdigest()

    def take(self, number: int, chunk: Chunk) -> None:
        content = _inflated(chunk, number)
        events = _unpacked(content, number)
        self._packed.update(chain.counted(chunk.data))
        # On from the link as recorded too: one changed part breaks the chain in one place, not in all that follow.
        self.chain, expected = chain.link(self.chain, content), chain.link(self._recorded, content)
        if chunk.link not in (self.chain, expected):
            self._note(self._broken, number)
        self._recorded = chunk.link
        if (chunk.events, chunk.first, chunk.last) != (len(events), events[0].seq, events[-1].seq):
            self.altered.append(f"chunk {number} does not hold the events that it announces")
        self.events += len(events)
        for event in events:
            self._follow(event)
        self._limit()

    def _follow(self, event: Event) -> None:
        seq = event.seq
        if self._counts:
            self._telling.add(event)
            if self._telling.events in self._counts:
                self.told[self._telling.events] = self._telling.digest
        if seq != self._next:
            if seq > self._next:
                self._note(self._missing, (self._next, seq - 1))
            else:
                self._note(self._misplaced, seq)
        self._next = max(self._next, seq + 1)
        self.last = seq
        if isinstance(event, Mark | Fill):
            self._symbols.add(event.symbol)
        elif isinstance(event, Correction):
            self.corrections += 1

    def _note(self, noted: list[_T], one: _T) -> None:
        if len(noted) < TOLD_MAX:
            noted.append(one)
        else:
            self._more += 1

    def _limit(self) -> None:
        reason = ""
        if self.events > JOURNAL_MAX:
            reason = f"it has more than {JOURNAL_MAX} events"
        elif len(self._symbols) > SYMBOLS_MAX:
            reason = f"its events are about more than {SYMBOLS_MAX} contracts"
        elif self.corrections and self.events > REMEMBERED_MAX:
            reason = f"it has corrections and more than {REMEMBERED_MAX} events"
        elif self.corrections * self.events > REPLAYED_MAX:
            reason = f"its corrections would replay more than {REPLAYED_MAX} events"
        if reason:
            raise BadBundle(reason)

    def completeness(self, seal: Seal) -> Completeness:
        """seal: says where the last event was."""
        if seal.last >= self._next:
            self._note(self._missing, (self._next, seal.last))
        ends = seal.chain in (self.chain, self._recorded)
        if self._missing or self._misplaced or self._broken or not ends:
            return Gap(tuple(self._missing), tuple(self._misplaced), tuple(self._broken), ends, self._more)
        return Complete(self.events)


def _read_journal(chunks: Sequence[Chunk], genesis: str, sealed: str, counts: AbstractSet[int]) -> _Journal:
    """counts: of events, whose digest is asked for."""
    journal = _Journal(genesis, sealed, counts)
    for number, chunk in enumerate(chunks, 1):
        journal.take(number, chunk)
    return journal


# ------------------------------------------------------------ the inputs


def _compare_inputs(recorded: Sequence[InputFile], given: Sequence[InputFile]) -> Iterator[InputCheck]:
    """A file is found by its content, else by its name: people rename files."""
    contents = {(one.sha256, one.size) for one in recorded}
    originals = {(one.name, one.sha256, one.size) for one in recorded}
    left = [one for one in given if (one.name, one.sha256, one.size) not in originals]
    for one in recorded:
        same = next((other for other in given if (other.sha256, other.size) == (one.sha256, one.size)), None)
        changed = next((other for other in left if other.name == one.name), None)
        if same is not None:
            yield InputCheck(one.name, "same", one, same)
        elif changed is not None:
            left.remove(changed)
            yield InputCheck(one.name, "changed", one, changed)
        else:
            yield InputCheck(one.name, "not_given", one, None)
    yield from (InputCheck(one.name, "foreign", None, one) for one in left if (one.sha256, one.size) not in contents)
