"""What is refused before the firm is asked at all. Their statuses stand in ``problems``."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

from propfirm.domain.errors import Refused


class Fault(Struct, frozen=True, omit_defaults=True):
    """One thing wrong with a request. pointer: into the body (RFC 6901), or the name of a parameter."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None

    def __str__(self) -> str:
        place = self.parameter or self.pointer
        return f"{place}: {self.detail}" if place else self.detail


@dataclass(eq=False)
class MalformedBody(Refused):
    code = "malformed-body"
    title = "The body is not JSON in UTF-8"
    reason: str


@dataclass(eq=False)
class DuplicateKey(Refused):
    """Which of the two was meant cannot be known."""

    code = "duplicate-key"
    title = "A key stands twice in one object"
    key: str


@dataclass(eq=False)
class InvalidText(Refused):
    code = "invalid-text"
    title = "A text holds characters that no text may hold"
    errors: tuple[Fault, ...]


@dataclass(eq=False)
class UnknownField(Refused):
    code = "unknown-field"
    title = "The body has a field that this operation does not know"
    errors: tuple[Fault, ...]


@dataclass(eq=False)
class TooLong(Refused):
    code = "too-long"
    title = "A value is longer than allowed"
    errors: tuple[Fault, ...]


@dataclass(eq=False)
class Invalid(Refused):
    code = "validation"
    title = "The request was understood and is not valid"
    errors: tuple[Fault, ...]


@dataclass(eq=False)
class TooLarge(Refused):
    code = "too-large"
    title = "The body is larger than allowed"
    bytes_max: int


@dataclass(eq=False)
class TooSlow(Refused):
    code = "too-slow"
    title = "The request did not arrive in time"
    seconds_max: int


@dataclass(eq=False)
class UnsupportedMediaType(Refused):
    code = "unsupported-media-type"
    title = "The body must be application/json in UTF-8, not compressed"
    header: str


@dataclass(eq=False)
class UnknownHost(Refused):
    code = "unknown-host"
    title = "This host does not serve the name that was asked for"


@dataclass(eq=False)
class MalformedRequest(Refused):
    """protocol: whose grammar it breaks. The connection is closed: what follows cannot be told apart from it."""

    code = "malformed-request"
    title = "This is not a request"
    protocol: str


@dataclass(eq=False)
class MalformedHeader(Refused):
    code = "malformed-header"
    title = "A header stands twice, or is not what it must be"
    header: str


@dataclass(eq=False)
class NotAuthenticated(Refused):
    """Missing, altered, over, or of somebody who may no longer sign in: which of these is not said."""

    code = "not-authenticated"
    title = "This needs a valid access token"


@dataclass(eq=False)
class RoleForbidden(Refused):
    code = "role-forbidden"
    title = "Your role does not allow this"
    role: str


@dataclass(eq=False)
class IdempotencyKeyRequired(Refused):
    code = "idempotency-key-required"
    title = "This operation needs the header Idempotency-Key, so that a repeated request acts once"
    header: str


@dataclass(eq=False)
class InvalidIdempotencyKey(Refused):
    code = "invalid-idempotency-key"
    title = "An idempotency key has 1 to 200 visible ASCII characters"
    length: int


@dataclass(eq=False)
class InvalidCursor(Refused):
    """Altered, cut off, or given for another list."""

    code = "invalid-cursor"
    title = "The cursor is not one that this list gave"
    length: int


@dataclass(eq=False)
class OtherDocument(Refused):
    """programs: what the document is of, each with its version."""

    code = "other-document"
    title = "The document is of another program or version than the address names"
    program: str
    version: int
    programs: tuple[str, ...]


@dataclass(eq=False)
class HeadersTooLarge(Refused):
    code = "headers-too-large"
    title = "The headers are larger than allowed"
    bytes_max: int
