"""People: traders and the firm's staff, and what a name, an address and a password may be."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.errors import Conflict, Forbidden, Refused
from propfirm.domain.ids import PersonId

Role: TypeAlias = Literal["trader", "support", "admin"]
Situation: TypeAlias = Literal["active", "suspended", "closed"]

EMAIL_MAX: Final = 254
"""Octets that a mail server takes (RFC 5321)."""
NAME_MAX: Final = 200
PASSWORD_MIN, PASSWORD_MAX = 12, 128

_ADDRESS: Final = re.compile(r"[^@\s\"<>()\[\],;:\\]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
"""What people's addresses look like; quoted local parts and bare IP addresses are left out on purpose."""


class Person(Struct, frozen=True):
    """email: as ``address`` gives it. password_hash: whatever the hasher made, its parameters included."""

    id: PersonId
    email: str
    name: str
    role: Role
    password_hash: str
    registered_at: datetime
    situation: Situation = "active"


@dataclass(eq=False)
class BadAddress(Refused):
    code = "identity.bad-address"
    title = "This is not an e-mail address"
    length: int


@dataclass(eq=False)
class BadName(Refused):
    code = "identity.bad-name"
    title = "A name has 1 to 200 characters and no control characters"
    length: int


@dataclass(eq=False)
class WeakPassword(Refused):
    """It does not repeat the password."""

    code = "identity.weak-password"
    title = "The password is too easy"
    reason: str


@dataclass(eq=False)
class AddressTaken(Conflict):
    code = "identity.address-taken"
    title = "There is an account with this e-mail address"


@dataclass(eq=False)
class NotSignedIn(Forbidden):
    """Wrong address or wrong password: which of the two is not said."""

    code = "identity.not-signed-in"
    title = "The e-mail address or the password is wrong"


@dataclass(eq=False)
class NotActive(Forbidden):
    """Said only to somebody who knew the password."""

    code = "identity.not-active"
    title = "This person may not sign in"
    situation: Situation


def address(text: str) -> str:
    """One spelling of one address: NFKC, lower case, no spaces around. Raises BadAddress."""
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text):
        raise BadAddress(len(text))
    found = unicodedata.normalize("NFKC", text).strip().lower()
    if len(found.encode()) > EMAIL_MAX or _ADDRESS.fullmatch(found) is None:
        raise BadAddress(len(found))
    return found


def display_name(text: str) -> str:
    """The name as it is shown: NFC, spaces at the ends removed. Raises BadName."""
    found = unicodedata.normalize("NFC", text).strip()
    if not 1 <= len(found) <= NAME_MAX or any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in found):
        raise BadName(len(found))
    return found


def spelled_password(text: str) -> str:
    """One spelling of one password, however a keyboard composes its letters: NFC, nothing cut off."""
    return unicodedata.normalize("NFC", text)


def password(text: str, email: str) -> str:
    """The password as it is hashed. Raises WeakPassword; length comes first.

    email: as ``address`` gives it; neither it nor what stands before its @ may be the password.
    """
    if not PASSWORD_MIN <= len(text) <= PASSWORD_MAX:
        raise WeakPassword(f"it must have {PASSWORD_MIN} to {PASSWORD_MAX} characters")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text):
        raise WeakPassword("it has control characters")
    found = spelled_password(text)
    plain = found.casefold()
    if plain in {email, email.partition("@")[0]} or len(set(plain)) < 4 or plain in COMMON:
        raise WeakPassword("it is among the first that somebody would try")
    return found


COMMON: Final = frozenset(
    base + tail
    for base in ("password", "passwort", "propfirm", "welcome", "qwertyuiop", "letmein", "iloveyou", "administrator")
    for tail in ("", "1", "12", "123", "1234", "12345", "123456", "!", "2024", "2025", "2026")
) | {"123456789012", "1234567890123", "1q2w3e4r5t6y", "qwertyuiop123", "passwordpassword"}
"""Long enough and yet guessed at once. A firm's own list of leaked passwords is asked beside it."""
