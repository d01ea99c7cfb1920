"""Carries the provider's messages to the firm, as it said it would: until each is taken."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from operator import itemgetter
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.sandbox.messages import sign

MOST_AT_ONCE: Final = 20
TIMEOUT_S: Final = 5
SIGNATURE_HEADER: Final = "Sandbox-Signature"

Post: TypeAlias = Callable[[bytes, str], Awaitable[bool]]
"""Body and signature. True: it was taken, and need not come again."""

# Claimed by putting it off: twice as long each time, up to an hour. Whoever was not there will be.
_DUE: Final = text("""
update sandbox_messages
set tries = tries + 1, due_at = now() + least(interval '1 hour', interval '5 s' * 2 ^ least(tries, 10))
where number in (
    select number from sandbox_messages where taken_at is null and due_at <= now()
    order by due_at, number limit :most for update skip locked
)
returning number, body
""")
_TAKEN: Final = text("update sandbox_messages set taken_at = now() where number = :number")


@dataclass(frozen=True, slots=True)
class SandboxCourier:
    """Called again and again; carries what is due. now: real time, in seconds since 1970."""

    engine: AsyncEngine
    secret: bytes
    post: Post
    now: Callable[[], float] = time.time

    async def __call__(self) -> None:
        async with self.engine.begin() as connection:
            due = (await connection.execute(_DUE, {"most": MOST_AT_ONCE})).all()
        for number, body in sorted(due, key=itemgetter(0)):
            if await self.post(body, sign(self.secret, body, int(self.now()))):
                async with self.engine.begin() as connection:
                    await connection.execute(_TAKEN, {"number": number})


@dataclass(frozen=True, slots=True)
class HttpPost:
    """To the firm's own hook, over HTTP: what arrives has gone through every door that a stranger's would.

    url: where it is reached from here. site: the address under which it is known, whose host the request names.
    """

    url: str
    site: str

    async def __call__(self, body: bytes, signature: str) -> bool:
        return await asyncio.to_thread(self._post, body, signature)

    def _post(self, body: bytes, signature: str) -> bool:
        where = urlsplit(self.url)
        connection = HTTPConnection(where.hostname or "", where.port, timeout=TIMEOUT_S)
        try:
            host = urlsplit(self.site).netloc
            headers = {"Host": host, "Content-Type": "application/json", SIGNATURE_HEADER: signature}
            connection.request("POST", where.path, body, headers)
            return 200 <= connection.getresponse().status < 300
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
