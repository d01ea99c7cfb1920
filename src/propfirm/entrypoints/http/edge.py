"""Around the whole application: what holds for every request, found or not, good or bad.

A request gets an id of ours. Its head is bounded, names a host that we serve, and says nothing twice that may be said
once; its body arrives in time and uncompressed. Headers that claim to know the client's address or the outer host
(``X-Forwarded-*``, ``Forwarded``, ``X-HTTP-Method-Override``) are not read: nothing here is built from them. Whatever
else goes wrong below is answered without a word about why. HEAD is answered as GET is, without the body.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Callable, Collection
from typing import Final
from uuid import UUID

from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from propfirm.domain.errors import Refused
from propfirm.entrypoints.http import problems
from propfirm.entrypoints.http.refusals import (
    HeadersTooLarge,
    MalformedHeader,
    TooSlow,
    UnknownHost,
    UnsupportedMediaType,
)

log = logging.getLogger(__name__)

BODY_S_MAX: Final = 20
HEAD_MAX: Final = 32_768
"""Bytes of all headers together."""
ONCE: Final = (b"host", b"content-type", b"content-length", b"authorization", b"idempotency-key")
_HOST: Final = re.compile(rb"([a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?", re.IGNORECASE)
_ALWAYS: Final = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


class Edge:
    """The application as servers call it. allowed_hosts: names in lower case, without ports. new_id: of a request."""

    def __init__(self, app: ASGIApp, allowed_hosts: Collection[str], new_id: Callable[[], UUID]) -> None:
        self._app = app
        self._allowed_hosts = frozenset(host.encode() for host in allowed_hosts)
        self._new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        request_id = str(self._new_id())
        scope["request_id"] = request_id  # type: ignore[typeddict-unknown-key]  # ASGI lets applications add keys
        started, head_only = False, scope["method"] == HttpMethod.HEAD

        async def said(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                known = {name for name, _ in message["headers"]}
                extra = ((name, value) for name, value in _ALWAYS if name not in known)
                headers = [(name, _allowed(value) if name == b"allow" else value) for name, value in message["headers"]]
                message["headers"] = [*headers, *extra, (b"x-request-id", request_id.encode())]
            elif head_only and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        try:
            self._check(scope)
            inside: Scope = {**scope, "method": HttpMethod.GET} if head_only else scope
            await self._app(inside, _in_time(receive), said)
        except Refused as refusal:
            await _tell(said, request_id, *problems.of_refusal(refusal))
        except Exception:
            log.exception("request_failed request=%s", request_id)
            if started:
                raise  # the server cuts the connection: half an answer must not pass for a whole one
            await _tell(said, request_id, *problems.of_status(500))

    def _check(self, scope: Scope) -> None:
        """Raises HeadersTooLarge, MalformedHeader, UnknownHost, UnsupportedMediaType, in this order."""
        headers = scope["headers"]
        if sum(len(name) + len(value) for name, value in headers) > HEAD_MAX:
            raise HeadersTooLarge(HEAD_MAX)
        times = Counter(name for name, _ in headers)
        for name in ONCE:
            if times[name] > 1:
                raise MalformedHeader(name.decode())
        found = dict(headers)
        host = _HOST.fullmatch(found.get(b"host", b""))
        if host is None or host[1].lower().strip(b"[]") not in self._allowed_hosts:
            raise UnknownHost
        if found.get(b"content-encoding", b"identity").lower() != b"identity":
            raise UnsupportedMediaType("content-encoding")


def _allowed(methods: bytes) -> bytes:
    return methods + b", HEAD" if b"GET" in methods.split(b", ") else methods


def _in_time(receive: Receive) -> Receive:
    """As ``receive``, until the body is whole; raises TooSlow when that takes longer than BODY_S_MAX, and ClientGone
    when nobody sends it any more."""
    until = asyncio.get_running_loop().time() + BODY_S_MAX
    whole = False

    async def received() -> object:
        nonlocal whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            raise TooSlow(BODY_S_MAX) from None
        if message["type"] == "http.disconnect":
            raise problems.ClientGone
        whole = not message.get("more_body", False)
        return message

    return received  # type: ignore[return-value]  # the messages of ``receive`` itself


async def _tell(send: Send, request_id: str, body: dict[str, object], headers: dict[str, str]) -> None:
    content = problems.encode(body, request_id)
    told = [
        (b"content-type", problems.PROBLEM_JSON.encode()),
        (b"content-length", str(len(content)).encode()),
        *((name.encode(), value.encode()) for name, value in headers.items()),
    ]
    status = body["status"]
    assert isinstance(status, int)  # noqa: S101 - problems put it there
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": content, "more_body": False})
