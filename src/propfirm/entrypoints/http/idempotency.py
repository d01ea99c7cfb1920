"""What creates something acts once, however often it is asked for.

A client names each act by a key of its own (``Idempotency-Key``). The claim of the key, the act and the answer are
written in one transaction: there is no moment in which a crash leaves an act without its answer. A key belongs to who
asks and to the operation; with another body it is refused; while its first request runs, the next waits, then hears
that it does. A refused act leaves nothing behind, so its key may be used again. Answers are kept and said again to
the letter.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import msgspec
from litestar import Response

from propfirm.application.ports.work import Answer, UnitOfWork
from propfirm.application.within import Within
from propfirm.domain.ids import PersonId
from propfirm.entrypoints.http.policy import operation_of
from propfirm.entrypoints.http.refusals import IdempotencyKeyRequired, InvalidIdempotencyKey
from propfirm.entrypoints.http.requests import AnyRequest

HEADER: Final = "Idempotency-Key"
_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Once:
    """secret: what is kept of a confidential body is made with it. Another secret makes its repetition another body."""

    work: UnitOfWork
    secret: bytes

    async def __call__(
        self,
        request: AnyRequest,
        who: PersonId,
        act: Callable[[UnitOfWork], Awaitable[Answer]],
        *,
        confidential: bool = False,
    ) -> Answer:
        """What ``act`` answers, or answered before. It gets a unit of work that is already the claim's.

        confidential: the body holds a password, so what is kept of it must not help to guess it.

        Raises IdempotencyKeyRequired, InvalidIdempotencyKey, RequestInProgress, KeyUsedOtherwise, what ``act`` refuses.
        """
        route, key = self.named(request)
        digest = await _digest(request, self.secret if confidential else b"")
        async with self.work.begin() as tx:
            known = await tx.idempotency.claim(who, route, key, digest)
            if known is not None:
                return known
            given = await act(Within(tx))
            await tx.idempotency.keep(who, route, key, given)
            return given

    async def finish(self, request: AnyRequest, who: PersonId, note: Answer, answer: Answer) -> Answer:
        """The answer of an act that ``note`` had only begun; one that somebody has heard already stays as it is."""
        async with self.work.begin() as tx:
            known = await tx.idempotency.claim(who, *self.named(request), await _digest(request, b""))
            if known is not None and known != note:
                return known
            await tx.idempotency.keep(who, *self.named(request), answer)
            return answer

    def named(self, request: AnyRequest) -> tuple[str, str]:
        """The operation and the client's key. Raises IdempotencyKeyRequired, InvalidIdempotencyKey."""
        key = request.headers.get(HEADER)
        if key is None:
            raise IdempotencyKeyRequired(HEADER)
        if _KEY.fullmatch(key) is None:
            raise InvalidIdempotencyKey(len(key))
        return operation_of(request.route_handler), key


async def _digest(request: AnyRequest, secret: bytes) -> str:
    """Of all that decides what the request does: its path and its body."""
    content = request.scope["path"].encode() + b"\0" + await request.body()
    return hmac.new(secret, content, hashlib.sha256).hexdigest()


def created(view: object, location: str | None = None) -> Answer:
    return Answer(201, msgspec.json.encode(view), location)


def respond(answer: Answer) -> Response[bytes]:
    headers = {} if answer.location is None else {"location": answer.location}
    return Response(answer.body, status_code=answer.status, headers=headers, media_type="application/json")
