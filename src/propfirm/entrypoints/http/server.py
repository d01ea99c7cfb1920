"""The server: uvicorn, taught to wait for nobody for ever and to read no endless head."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus
from typing import Final
from uuid import uuid4

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from propfirm.entrypoints.http import problems
from propfirm.entrypoints.http.edge import HEAD_MAX, Edge
from propfirm.entrypoints.http.refusals import HeadersTooLarge, MalformedRequest

ARRIVAL_S_MAX: Final = 30
"""For a whole request, its body included. The edge answers 408 before; this ends what does not listen."""

KEEP_ALIVE_S: Final = 5
DRAIN_S: Final = 20


def server(app: Edge, host: str, port: int) -> uvicorn.Server:
    """To be awaited: its ``serve()``. port 0: any that is free."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=DRAIN_S,
    )
    return QuietServer(config)


class QuietServer(uvicorn.Server):
    """Whoever runs it answers the signals: there is more to stop than a server."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # uvicorn's is a generator
        return nullcontext()


class PatientProtocol(HttpToolsProtocol):
    """uvicorn by itself sets no end to a request that never arrives whole, and no bound to its head.

    We speak no other protocol, and may pass over an offer of one. The parser ends with such a request's head, whether
    or not a body follows: a new one reads the same head, without the offer, and goes on.
    """

    _head = _piece = 0
    _in_head = False
    _offered = False
    _arrival: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._await_arrival()

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self._piece = len(data)
        unread = memoryview(data)
        while not self.transport.is_closing():
            try:
                if self._offered:
                    self._pass_over_offer()
                self.parser.feed_data(unread)
                break
            except httptools.HttpParserUpgrade as told:
                unread = unread[told.args[0] :]
            except httptools.HttpParserError:
                self._refuse(*problems.of_refusal(MalformedRequest("http")))
        if self._in_head:
            self._head += self._piece
            if self._head > 2 * HEAD_MAX:  # the request line has its share; the edge tells the headers' own limit
                self._refuse(*problems.of_refusal(HeadersTooLarge(HEAD_MAX)))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        # Of the piece in which it begins nobody knows how much is its own: requests may come many at a time.
        self._head, self._in_head, self._offered = -self._piece, True, False
        self._await_arrival()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._offered = self.parser.should_upgrade()
        if self.parser.get_method() == b"CONNECT":  # we are nobody's proxy, whatever the host
            self._refuse(*problems.of_status(HTTPStatus.METHOD_NOT_ALLOWED, {"allow": ""}))
        elif not self._offered:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        if not self._offered:
            self._arrived()
            super().on_message_complete()

    def _pass_over_offer(self) -> None:
        version = self.parser.get_http_version().encode()
        head = [self.parser.get_method() + b" " + self.url + b" HTTP/" + version]
        head.extend(name + b": " + value for name, value in self.headers if name != b"upgrade")
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn: requests may follow at once
        self.parser.feed_data(b"\r\n".join((*head, b"", b"")))

    def _refuse(self, body: dict[str, object], headers: dict[str, str]) -> None:
        """Answered before there is a request that the application could answer; then nothing more is read."""
        status = body["status"]
        assert isinstance(status, int)  # noqa: S101 - problems put it there
        content = problems.encode(body, str(uuid4()))
        told = {"content-type": problems.PROBLEM_JSON, "content-length": len(content), "connection": "close", **headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        self.transport.write(STATUS_LINE[status] + head.encode() + b"\r\n" + content)
        self.transport.close()

    def _await_arrival(self) -> None:
        self._arrived()
        self._arrival = self.loop.call_later(ARRIVAL_S_MAX, self._give_up)

    def _arrived(self) -> None:
        if self._arrival is not None:
            self._arrival.cancel()
            self._arrival = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()
