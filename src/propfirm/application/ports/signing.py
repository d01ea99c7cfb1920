"""Signatures on what leaves the house as evidence."""

from __future__ import annotations

from hashlib import sha256
from typing import Protocol

from msgspec import Struct


class Signature(Struct, frozen=True):
    """public_key: raw, 32 bytes for Ed25519. value: the signature, 64 bytes. key_id: see ``key_id``."""

    key_id: str
    public_key: bytes
    value: bytes


def key_id(public_key: bytes) -> str:
    """The name of a key: the first sixteen hex digits of the SHA-256 of its raw public half."""
    return sha256(public_key).hexdigest()[:16]


class Signer(Protocol):
    def sign(self, message: bytes) -> Signature:
        """The same message and key give the same signature."""
        ...


class Verifier(Protocol):
    def verify(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """False for a key or a signature of the wrong form too; never an exception: both may come from anyone."""
        ...
