"""One seal a day, over the ends of all chains that went on since the seal before.

Theory of operation
-------------------
A day is a calendar day in UTC by the firm's clock; it is sealed once it is over. Every run and every contract whose
journal has gone on since it was last sealed is a leaf of the day's Merkle tree: how far it goes, and the last link of
its chain. A run's leaf has the digest of its events in full besides, prices included, so that a bundle can be held
against it without anything but the bundle. That digest is a chain too: a day's leaf goes on from the one before and
costs a day's events, not the run's. What did not go on is sealed already, by the seal before: each names the digest of
its predecessor, so that the newest one vouches for all.

A seal covers what is written when it is made, which is all of its day and the first moments after. Days on which no
sealer ran are sealed later and are seen to be ``late``: the first of them takes all that went on, the others nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, TypeAlias

import msgspec
from msgspec import Struct

from propfirm.domain.audit import merkle
from propfirm.domain.calendar.instants import NS_PER_S
from propfirm.domain.ids import AccountId
from propfirm.domain.rules.events import Event

DAY_NS: Final = 86_400 * NS_PER_S
_EPOCH: Final = date(1970, 1, 1).toordinal()


class SealedRun(Struct, frozen=True, tag="run", forbid_unknown_fields=True):
    """How far a run had come. head: the last link of its journal. told: ``told`` of its first ``events`` events."""

    account: AccountId
    run: int
    events: int
    head: str
    told: str


class SealedPrices(Struct, frozen=True, tag="prices", forbid_unknown_fields=True):
    """How far a contract's prices had come. head: the link of number ``prices``."""

    symbol: str
    prices: int
    head: str


Leaf: TypeAlias = SealedRun | SealedPrices


class Seal(Struct, frozen=True, forbid_unknown_fields=True):
    """at: when it was made, ns since 1970 UTC. leaves: how many; root: over them. previous: the digest of the seal
    before, None for the first. Hashes are SHA-256 in hex."""

    day: date
    at: int
    leaves: int
    root: str
    previous: str | None

    @classmethod
    def over(cls, day: date, at: int, leaves: Iterable[Leaf], previous: Seal | None) -> Seal:
        hashes = list(map(hash_of, leaves))
        return cls(day, at, len(hashes), merkle.root(hashes).hex(), None if previous is None else previous.digest())

    @property
    def message(self) -> bytes:
        """What is signed: never bare, so that the signature means nothing elsewhere."""
        return b"propfirm-seal/1\n" + msgspec.json.encode(self, order="sorted")

    def digest(self) -> str:
        return hashlib.sha256(self.message).hexdigest()

    @property
    def late(self) -> bool:
        """Made when another day was already over."""
        return self.at >= (self.day.toordinal() - _EPOCH + 2) * DAY_NS


def hash_of(leaf: Leaf) -> bytes:
    return merkle.leaf_hash(msgspec.json.encode(leaf, order="sorted"))


class Told:
    """The digest of a run's events so far: "" before the first; then of each the SHA-256, in hex, over a first line, a
    line with the digest before and the event's canonical JSON. Whoever knows one can go on from it."""

    def __init__(self, events: int = 0, digest: str = "") -> None:
        """digest: of the first ``events`` events."""
        self.events, self.digest = events, digest

    def add(self, event: Event) -> None:
        content = msgspec.json.encode(event, order="sorted")
        self.digest = hashlib.sha256(b"propfirm-events/1\n" + self.digest.encode() + b"\n" + content).hexdigest()
        self.events += 1


def told_at(events: Iterable[Event], counts: Iterable[int]) -> Mapping[int, str]:
    """The digest after each of these numbers of events; a number that there are not so many of is left out."""
    wanted, telling = frozenset(counts), Told()
    found = {0: telling.digest} if 0 in wanted else {}
    for event in events:
        telling.add(event)
        if telling.events in wanted:
            found[telling.events] = telling.digest
    return found
