"""On a real socket: bytes that are no request, requests that never end, clients that vanish."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from sqlalchemy import text

from propfirm.entrypoints.http import edge
from propfirm.entrypoints.http import server as serving
from propfirm.entrypoints.service_container import ServiceContainer
from tests.integration.http.conftest import PASSWORD

pytestmark = pytest.mark.anyio
GOOD = json.dumps({"email": "ann@example.com", "name": "Ann", "password": PASSWORD}).encode()
REGISTER = (
    b"POST /v1/auth/register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\n"
)


@asynccontextmanager
async def listening(container: ServiceContainer) -> AsyncIterator[int]:
    """The port of the application, served by uvicorn."""
    app: Any = container.http()
    server = serving.server(app, "127.0.0.1", 0)
    task = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def port(container: ServiceContainer) -> AsyncIterator[int]:
    async with listening(container) as found:
        yield found


async def spoken(port: int, *parts: bytes, pause_s: float = 0) -> bytes:
    """Everything that is answered until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause_s)
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b""
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def get(*headers: bytes, line: bytes = b"GET /health HTTP/1.1") -> bytes:
    return b"\r\n".join((line, *headers, b"", b""))


HOST = b"Host: localhost"
CLOSE = b"Connection: close"


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


async def test_head_is_answered_on_the_wire_without_a_body(port: int) -> None:
    answer = await spoken(port, b"HEAD /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert (head.split(b"\r\n")[0], body) == (b"HTTP/1.1 200 OK", b"")
    assert int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]) > 0


async def test_a_plain_request_is_answered(port: int) -> None:
    answer = await spoken(port, get(HOST, CLOSE))
    assert status(answer) == 200
    assert b'{"status":"ok"}' in answer
    assert b"\r\nserver:" not in answer.lower()


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(b"POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\n" + rest, id=name)
        for name, rest in {
            "length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            "negative length": b"Content-Length: -1\r\n\r\n",
            "length that is none": b"Content-Length: +5\r\n\r\nhello",
            "bad chunk": b"Transfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n",
            "chunk of a negative size": b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n",
            "NUL in a header": b"X-A: a\x00b\r\n\r\n",
            "line feed alone": b"X-A: a\nX-B: b\r\n\r\n",
            "space before the colon": b"X-A : a\r\n\r\n",
            "no name": b": a\r\n\r\n",
        }.items()
    ]
    + [
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS"),
        pytest.param(b"hello\r\n\r\n", id="no HTTP"),
        pytest.param(b"GET /health HTTP/9.9\r\nHost: localhost\r\n\r\n", id="a version of the future"),
    ],
)
async def test_what_is_no_request_is_refused_and_the_connection_closed(port: int, request_: bytes) -> None:
    answer = await spoken(port, request_)
    assert status(answer) == 400
    assert b"/problems/malformed-request" in answer
    assert answer.count(b"HTTP/1.1 ") == 1


OFFERS = (
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n",
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
)


@pytest.mark.parametrize("offer", OFFERS, ids=["h2c", "websocket"])
@pytest.mark.parametrize("step", [1_000_000, 7, 1], ids=["at once", "in pieces", "byte by byte"])
async def test_who_offers_another_protocol_is_answered_in_this_one_and_their_body_read(
    port: int, offer: bytes, step: int, container: ServiceContainer
) -> None:
    length = b"Content-Length: " + str(len(GOOD)).encode() + b"\r\n\r\n"
    chunked = b"Transfer-Encoding: chunked\r\n\r\n" + f"{len(GOOD):x}\r\n".encode() + GOOD + b"\r\n0\r\n\r\n"
    stream = REGISTER + offer + length + GOOD + REGISTER + offer + chunked + get(HOST, offer[:-2]) + get(HOST, CLOSE)
    answer = await spoken(port, *(stream[at : at + step] for at in range(0, len(stream), step)))
    assert [int(one[:3]) for one in answer.split(b"HTTP/1.1 ")[1:]] == [201, 201, 200, 200]
    assert await people(container) == 1  # the key was the same


async def test_any_number_of_offers_at_once_is_passed_over(port: int) -> None:
    answer = await spoken(port, get(HOST, OFFERS[0][:-2]) * 1_200, get(HOST, CLOSE))
    assert answer.count(b"HTTP/1.1 200") == 1_201


@pytest.mark.parametrize(
    "rest",
    [b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"Content-Length: -1\r\n\r\n"],
    ids=["length and chunks", "negative length"],
)
async def test_an_offer_smuggles_nothing(port: int, rest: bytes) -> None:
    answer = await spoken(port, REGISTER + OFFERS[0] + rest + get(HOST, CLOSE))
    assert (status(answer), answer.count(b"HTTP/1.1 ")) == (400, 1)


async def test_we_are_nobodys_proxy(port: int) -> None:
    answer = await spoken(port, get(b"Host: bank.example:443", line=b"CONNECT bank.example:443 HTTP/1.1"), get(HOST))
    assert (status(answer), answer.count(b"HTTP/1.1 ")) == (405, 1)
    assert b"\r\nallow: \r\n" in answer
    assert b"/problems/method-not-allowed" in answer


async def test_a_folded_header_is_never_two_headers(port: int) -> None:
    answer = await spoken(port, get(HOST, b"X-A: a\r\n Host: evil.example", CLOSE))
    assert status(answer) in {200, 400}
    assert b"evil" not in answer


@pytest.mark.parametrize(
    "headers",
    [(), (b"Host: evil.example",), (HOST, HOST), (HOST, b"Host: evil.example"), (b"Host:",)],
    ids=["none", "foreign", "twice", "two", "empty"],
)
async def test_a_request_names_one_host_that_is_ours(port: int, headers: tuple[bytes, ...]) -> None:
    assert status(await spoken(port, get(*headers, CLOSE))) == 400


async def test_a_spoofed_host_is_told_to_nobody(port: int) -> None:
    answer = await spoken(port, get(HOST, b"X-Forwarded-Host: evil.example", CLOSE, line=b"GET /docs HTTP/1.1"))
    assert status(answer) == 200
    assert b"evil" not in answer


async def test_a_head_without_end_is_cut_off(port: int) -> None:
    endless = (b"X-" + str(number).encode() + b": " + b"x" * 1_000 + b"\r\n" for number in range(1_000))
    answer = await spoken(port, b"GET /health HTTP/1.1\r\nHost: localhost\r\n", *endless)
    assert answer == b"" or status(answer) == 431  # who goes on writing may lose the answer


async def test_a_long_header_is_refused(port: int) -> None:
    assert status(await spoken(port, get(HOST, b"X-A: " + b"x" * 40_000, CLOSE))) == 431


async def test_a_large_body_is_refused_and_the_connection_stays_sane(port: int) -> None:
    large = REGISTER + b"Content-Length: 12000000\r\n\r\n" + b"x" * 12_000_000
    answer = await spoken(port, large, get(HOST, CLOSE))
    assert [int(one[:3]) for one in answer.split(b"HTTP/1.1 ")[1:]] == [413, 200]


async def test_a_body_that_does_not_arrive_is_waited_for_no_longer(
    port: int, monkeypatch: pytest.MonkeyPatch, container: ServiceContainer
) -> None:
    monkeypatch.setattr(edge, "BODY_S_MAX", 0.3)
    answer = await spoken(port, REGISTER + b"Content-Length: 90\r\n\r\n", b"{", b'"', pause_s=0.05)
    assert status(answer) == 408
    assert b"connection: close" in answer.lower()
    assert await people(container) == 0


async def test_a_head_that_does_not_arrive_is_waited_for_no_longer(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "ARRIVAL_S_MAX", 0.3)
    assert await spoken(port, b"GET /health HTTP/1.1\r\n", *(b"X-A: a\r\n" for _ in range(8)), pause_s=0.1) == b""
    assert await spoken(port) == b""


async def test_who_vanishes_in_mid_body_has_done_nothing(
    port: int, container: ServiceContainer, caplog: pytest.LogCaptureFixture
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(REGISTER + b"Content-Length: " + str(len(GOOD)).encode() + b"\r\n\r\n" + GOOD[:20])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.2)
    assert await people(container) == 0
    assert "request_failed" not in caplog.text


async def test_who_vanishes_before_the_answer_hears_it_when_asking_again(
    port: int, container: ServiceContainer
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        b"POST /v1/auth/register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
    )
    request = head + b"Idempotency-Key: k\r\nContent-Length: " + str(len(GOOD)).encode() + b"\r\n\r\n" + GOOD
    writer.write(request)
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    for _ in range(100):
        if await people(container):
            break
        await asyncio.sleep(0.05)
    answer = await spoken(port, request)
    assert status(answer) == 201
    assert await people(container) == 1


async def people(container: ServiceContainer) -> int:
    async with container.engine().connect() as connection:
        return int(await connection.scalar(text("select count(*) from users")) or 0)
