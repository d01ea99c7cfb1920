"""The server: uvicorn, taught to wait for nobody for ever and to read no endless head."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager, nullcontext
from typing import Final
from uuid import uuid4

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from propfirm.domain.errors import Refused
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
    """uvicorn by itself sets no end to a request that never arrives whole, and no bound to its head."""

    _head = 0
    _in_head = False
    _arrival: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._await_arrival()

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > 2 * HEAD_MAX:  # the request line has its share; the edge tells the headers' own limit
                self._refuse(HeadersTooLarge(HEAD_MAX))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head, self._in_head = 0, True
        self._await_arrival()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._arrived()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        del msg  # the parser's own words, about bytes that were not HTTP
        self._refuse(MalformedRequest("http"))

    def _refuse(self, refusal: Refused) -> None:
        """Answered before there is a request that the application could answer; then nothing more is read."""
        body, _ = problems.of_refusal(refusal)
        content = problems.encode(body, str(uuid4()))
        head = (
            STATUS_LINE[problems.status_of(refusal)]
            + f"content-type: {problems.PROBLEM_JSON}\r\ncontent-length: {len(content)}\r\n".encode()
            + b"connection: close\r\n\r\n"
        )
        self.transport.write(head + content)
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
