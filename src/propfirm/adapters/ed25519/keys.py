"""Keys in files, as ``ssh-keygen`` keeps them: the private one readable by its owner alone, never written over."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from propfirm.application.ports.signing import Signature, key_id
from propfirm.domain.errors import Conflict, Refused

FILE_MAX: Final = 16_384
"""Bytes. A key file has some hundred."""
OWNER_ONLY: Final = 0o600


@dataclass(eq=False)
class BadKey(Refused):
    """source: the file. Nothing of its content is ever repeated."""

    code = "key.bad"
    title = "The key cannot be used"
    source: str
    reason: str

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


@dataclass(eq=False)
class KeyExists(Conflict):
    code = "key.exists"
    title = "There is a file of this name already, and no key is ever written over"
    source: str

    def __str__(self) -> str:
        return f"{self.source}: is there already, and no key is ever written over"


class Ed25519Signer:
    """A ``Signer`` with the private key in memory."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key = key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> Signature:
        return Signature(key_id(self.public_key), self.public_key, self._key.sign(message))


class Ed25519Verifier:
    """A ``Verifier``."""

    def verify(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def create_key(path: Path) -> Ed25519Signer:
    """A new private key, in a new file of mode 0600. Raises KeyExists, BadKey (the file cannot be written)."""
    key = Ed25519PrivateKey.generate()
    content = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError:
        raise KeyExists(str(path)) from None
    except OSError as error:
        raise BadKey(str(path), _told(error)) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, OWNER_ONLY)  # a umask may have taken more than asked, never less
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        path.unlink()  # half a key would stand in the way of the next one
        raise BadKey(str(path), _told(error)) from error
    return Ed25519Signer(key)


def load_key(path: Path) -> Ed25519Signer:
    """Raises BadKey, also where others than the owner may read the file."""
    content, mode = _read(path)
    if b"PUBLIC KEY" in content:
        raise BadKey(str(path), "it is a public key: sign with the private one, and hand out this one")
    if stat.S_IMODE(mode) & 0o077:
        raise BadKey(str(path), "others than its owner may read the file: chmod 600")
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadKey(str(path), "it is no private key in PEM without a password") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(str(path), "it is a key of another kind than Ed25519")
    return Ed25519Signer(key)


def load_public_key(path: Path) -> bytes:
    """The raw public key of a PEM file. Raises BadKey; a private key in it is refused: it does not belong there."""
    content, _ = _read(path)
    if b"PRIVATE KEY" in content:
        raise BadKey(str(path), "it is a private key: hand out the public one")
    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKey(str(path), "it is no public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise BadKey(str(path), "it is a key of another kind than Ed25519")
    return key.public_bytes_raw()


def public_pem(public_key: bytes) -> bytes:
    """What to hand out: the content of the file that ``load_public_key`` reads. Raises ValueError unless 32 bytes."""
    key = Ed25519PublicKey.from_public_bytes(public_key)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _read(path: Path) -> tuple[bytes, int]:
    """Content and mode of one and the same file."""
    try:
        with path.open("rb") as file:
            return file.read(FILE_MAX), os.fstat(file.fileno()).st_mode
    except OSError as error:
        raise BadKey(str(path), _told(error)) from error
    except ValueError as error:  # so speaks open() of a NUL in the name
        raise BadKey(str(path), "no file has such a name") from error


def _told(error: OSError) -> str:
    return (error.strerror or "system error").lower()
