"""The URL of a database means the same to both drivers: what it asks of the connection, TLS above all."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import text

from propfirm.adapters.postgres import migrate
from propfirm.adapters.postgres.engine import make_engine, passes
from propfirm.entrypoints.database_url import database_url

pytestmark = pytest.mark.anyio
SETTINGS = "select current_setting('application_name'), current_setting('lock_timeout')"


async def asked(url: str, name: str = "test") -> tuple[str, str]:
    """What a connection of the service's own driver is called, and how long it waits for a lock."""
    engine = make_engine(database_url(url), connections=1, name=name)
    try:
        async with engine.connect() as connection:
            label, patience = (await connection.execute(text(SETTINGS))).one()
            return label, patience
    finally:
        await engine.dispose()


async def migrated(url: str) -> str | None:
    return await asyncio.to_thread(migrate.current, database_url(url))


async def test_both_drivers_take_what_a_url_may_ask(database: str) -> None:
    query = "sslmode=prefer&connect_timeout=3&target_session_attrs=read-write&application_name=the%20firm%2B1"
    url = f"{database}?{query}"
    assert await asked(url) == ("the firm+1", "5s")
    assert await asked(database) == ("test", "5s")
    assert await migrated(url) == migrate.newest()


@pytest.mark.parametrize("query", ["sslmode=require", "target_session_attrs=read-only"])
async def test_neither_driver_connects_without_what_the_url_demands(database: str, query: str) -> None:
    """The server of the tests has no TLS, and is written to."""
    with pytest.raises(migrate.DatabaseUnreachable):
        await migrated(f"{database}?{query}")
    with pytest.raises(Exception, match=r"SSL|target attribute") as refusal:
        await asked(f"{database}?{query}")
    assert passes(refusal.value)


async def test_tls_is_spoken_and_the_servers_certificate_checked_by_both(database: str, tmp_path: Path) -> None:
    ours, others = certified(tmp_path / "ours"), certified(tmp_path / "others")
    async with behind_tls(database, *ours) as url:
        for mode in ("require", "verify-ca", "verify-full"):
            trusting = f"{url}?sslmode={mode}&sslrootcert={ours[0]}"
            assert await asked(trusting) == ("test", "5s")
            assert await migrated(trusting) == migrate.newest()
            doubting = f"{url}?sslmode={mode}&sslrootcert={others[0]}"
            with pytest.raises(ssl.SSLCertVerificationError):
                await asked(doubting)
            with pytest.raises(migrate.DatabaseUnreachable, match="certificate verify failed"):
                await migrated(doubting)
        with pytest.raises(psycopg.OperationalError, match="server does not support plain"):
            await asyncio.to_thread(lambda: psycopg.connect(f"{url}?sslmode=disable"))


def certified(folder: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1, signed by itself, and its key."""
    folder.mkdir()
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "db")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


@asynccontextmanager
async def behind_tls(database: str, certificate: Path, key: Path) -> AsyncIterator[str]:
    """The database's URL behind a door that lets nobody in without TLS; the server itself was built without it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["postgresql"])
    parts = urlsplit(database)
    assert parts.port is not None

    async def pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()

    async def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            if (await reader.readexactly(8))[4:] != (80877103).to_bytes(4, "big"):  # SSLRequest
                writer.write(b"E\0\0\0\x30SFATAL\0C08P01\0Mserver does not support plain\0\0")
                writer.close()
                return
            writer.write(b"S")
            await writer.start_tls(context)
            inner, to_inner = await asyncio.open_connection("127.0.0.1", parts.port)
            try:
                await asyncio.wait(
                    [asyncio.create_task(pour(reader, to_inner)), asyncio.create_task(pour(inner, writer))],
                    return_when=asyncio.FIRST_COMPLETED,
                )
            finally:
                to_inner.close()
        writer.close()

    async with await asyncio.start_server(enter, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{port}").geturl()
