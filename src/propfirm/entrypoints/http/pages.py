"""Lists, a page at a time. Where the next page begins is told by a cursor that only the same list of the same person,
asked for in the same way, takes back."""

from __future__ import annotations

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from propfirm.entrypoints.http.refusals import InvalidCursor

LIMIT_DEFAULT: Final = 50
LIMIT_MAX: Final = 200
_SEAL_BYTES: Final = 16

Limit = Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX, description="How many at most")]
CursorText = Annotated[str | None, QueryParameter(name="cursor", description="`next` of a page")]

T = TypeVar("T")


class Page(Struct, Generic[T], frozen=True):
    """next: the cursor of the page that follows; null on the last one."""

    items: Sequence[T]
    next: Annotated[str | None, Meta(description="Give it as `cursor` to get what follows")] = None


@dataclass(frozen=True, slots=True)
class Cursors:
    secret: bytes

    def write(self, of: str, *position: str) -> str:
        """of: whose list, of what, by which filters. position: of the last row that was shown."""
        content = msgspec.json.encode(position)
        return urlsafe_b64encode(self._seal(of, content) + content).decode().rstrip("=")

    def read(self, of: str, cursor: str | None) -> tuple[str, ...] | None:
        """The position. None: from the beginning. Raises InvalidCursor."""
        if cursor is None:
            return None
        try:
            raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except (binascii.Error, ValueError):
            raise InvalidCursor(len(cursor)) from None
        seal, content = raw[:_SEAL_BYTES], raw[_SEAL_BYTES:]
        if not hmac.compare_digest(seal, self._seal(of, content)):
            raise InvalidCursor(len(cursor))
        return msgspec.json.decode(content, type=tuple[str, ...])

    def _seal(self, of: str, content: bytes) -> bytes:
        return hmac.digest(self.secret, of.encode() + b"\0" + content, "sha256")[:_SEAL_BYTES]
