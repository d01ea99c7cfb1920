"""HS256 with a ring of keys: the first signs, all verify. One algorithm, our own keys, every claim demanded.

``JWT_SECRET`` holds the ring, newest first, separated by commas. A key's id is made from the key, so that there is
nothing more to configure; it tells 32 bits of a hash of at least 32 random bytes, which is nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import jwt

from propfirm.application.ports.identity import Pass
from propfirm.domain.identity.people import Role
from propfirm.domain.ids import PersonId

LIFE_S: Final = 600
LEEWAY_S: Final = 5
"""Clocks of two machines of ours."""
ISSUER = AUDIENCE = "propfirm"
KIND: Final = "at+jwt"
"""RFC 9068: an access token, and nothing else that we may sign one day."""
SECRET_MIN: Final = 32
LENGTH_MAX: Final = 2_048
REMEMBERED_MAX: Final = 10_000
_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}", re.ASCII)
_CLAIMS: Final = {"iss", "aud", "sub", "role", "iat", "exp"}
_ROLES: Final[Mapping[str, Role]] = {"trader": "trader", "support": "support", "admin": "admin"}


class BadSecret(ValueError):
    """The ring cannot be used. Its content is not repeated."""


class KeyRing:
    """Keys by their ids; the first signs. Raises BadSecret."""

    def __init__(self, secret: str) -> None:
        keys = [part.strip().encode() for part in secret.split(",")]
        if any(len(key) < SECRET_MIN for key in keys):
            msg = f"each key must have at least {SECRET_MIN} random bytes"
            raise BadSecret(msg)
        self.keys: Mapping[str, bytes] = {hashlib.sha256(key).hexdigest()[:8]: key for key in keys}
        if len(self.keys) != len(keys):
            msg = "a key stands in the ring twice"
            raise BadSecret(msg)
        self.signing = next(iter(self.keys))

    def derive(self, purpose: str) -> bytes:
        """A key for something else, which tells nothing of those that sign."""
        return hmac.digest(self.keys[self.signing], purpose.encode(), "sha256")


class JwtTokens:
    """A ``Tokens``. now: real time in seconds; a demo's clock has no say here."""

    def __init__(self, ring: KeyRing, now: Callable[[], float] = time.time) -> None:
        self._ring = ring
        self._now = now
        self._read: dict[bytes, Pass] = {}

    def issue(self, person: PersonId, role: Role) -> tuple[str, Pass]:
        at = int(self._now())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": str(person), "role": role, "iat": at, "exp": at + LIFE_S}
        headers = {"kid": self._ring.signing, "typ": KIND}
        token = jwt.encode(claims, self._ring.keys[self._ring.signing], algorithm="HS256", headers=headers)
        return token, Pass(person, role, datetime.fromtimestamp(at + LIFE_S, UTC))

    def read(self, token: str) -> Pass | None:
        if len(token) > LENGTH_MAX or _SHAPE.fullmatch(token) is None:
            return None
        digest = hashlib.sha256(token.encode()).digest()
        found = self._read.get(digest)
        if found is None:
            found = self._verified(token)
            if found is None:
                return None
            if len(self._read) >= REMEMBERED_MAX:
                self._read.clear()
            self._read[digest] = found
        if found.until.timestamp() <= self._now():
            del self._read[digest]
            return None
        return found

    def _verified(self, token: str) -> Pass | None:
        try:
            header = jwt.get_unverified_header(token)
            if header.keys() != {"alg", "kid", "typ"} or header["typ"] != KIND:
                return None
            key = self._ring.keys[header["kid"]]
            # Times are checked here, by the clock that the tokens were made with.
            claims = jwt.decode(
                token,
                key,
                algorithms=["HS256"],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={"verify_exp": False, "verify_iat": False},
            )
            return self._pass(claims)
        except (jwt.PyJWTError, KeyError, TypeError, ValueError):
            return None

    def _pass(self, claims: Mapping[str, Any]) -> Pass | None:
        """Raises KeyError, TypeError, ValueError for claims that are not as we write them."""
        issued, until = claims["iat"], claims["exp"]
        if claims.keys() != _CLAIMS or type(issued) is not int or type(until) is not int or claims["aud"] != AUDIENCE:
            return None
        if until - issued > LIFE_S or issued > self._now() + LEEWAY_S:
            return None
        return Pass(PersonId(UUID(claims["sub"])), _ROLES[claims["role"]], datetime.fromtimestamp(until, UTC))
