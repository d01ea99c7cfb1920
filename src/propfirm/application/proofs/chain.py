"""The hashes that tie a bundle together: one rule for all of them, so that a live journal can use the same.

Every hash is SHA-256 over a name and its parts, each with its length before it: no two lists of parts give the same
bytes. A link is over any number of events from one on: a journal that is chained event by event, and a bundle that is
chained by the thousand, follow the same rule.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

FORMAT: Final = "propfirm-proof/1"


def counted(part: bytes) -> bytes:
    """Behind its length in eight bytes, little end first."""
    return len(part).to_bytes(8, "little") + part


def framed(name: str, *parts: bytes) -> bytes:
    """The name (after the format's own) and the parts, each counted."""
    return b"".join(map(counted, (f"{FORMAT} {name}".encode(), *parts)))


def digest(name: str, *parts: bytes) -> str:
    return sha256(framed(name, *parts)).hexdigest()


def genesis(header: bytes) -> str:
    """The link before the first event. header: its canonical JSON."""
    return digest("genesis", header)


def link(previous: str, events: bytes) -> str:
    """events: as ``codec.pack`` writes them."""
    return digest("events", bytes.fromhex(previous), events)


def head(header: str, chain: str, events: int, last: int, findings: str, standing: str, packed: str) -> str:
    """What is signed: over all parts of a seal, in its order. header, chain: the first and the last link."""
    numbers = events.to_bytes(8, "little") + last.to_bytes(8, "little", signed=True)
    return digest(
        "head", *map(bytes.fromhex, (header, chain)), numbers, *map(bytes.fromhex, (findings, standing, packed))
    )


def signed_message(head_hash: str) -> bytes:
    """The bytes that are signed: never bare, so that the signature means nothing elsewhere."""
    return framed("signature", bytes.fromhex(head_hash))
