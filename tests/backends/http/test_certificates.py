"""Certificates as shown to the user who decides whether to trust them."""

import asyncio
from datetime import UTC, datetime, timedelta
import ssl

import aiohttp
import pytest
from yarl import URL

from custom_components.junction.backends.http import (
    Certificate,
    ConnectionLostError,
    ConnectRefusedError,
    NotHttpsError,
    TimedOutError,
    TlsFailedError,
    TlsPolicy,
    fetch_certificate,
)
from simulators.http_server import FaultyServer

from .conftest import Connect, certificate

INSECURE = TlsPolicy(verify=False)

# The simulated gateway of 2012 speaks nothing newer.
pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")


async def test_fetch_certificate(
    secure_server: FaultyServer, session: aiohttp.ClientSession
) -> None:
    shown = await fetch_certificate(session, URL(secure_server.url) / "prefix")
    assert shown.sha256 == certificate().sha256
    assert shown.subject == shown.issuer == "CN=device 1,O=device 1"
    assert shown.self_signed
    assert not shown.legacy
    assert shown.not_after is not None
    assert abs(shown.not_after - datetime.now(UTC) - timedelta(days=3650)) < timedelta(
        days=1
    )
    # Only shaken hands with.
    assert secure_server.log.count() == 0


async def test_fetch_certificate_of_an_old_server(
    old_server: FaultyServer, session: aiohttp.ClientSession
) -> None:
    shown = await fetch_certificate(session, URL(old_server.url))
    assert shown.sha256 == certificate(old_key=True).sha256
    assert shown.legacy


async def test_fetch_certificate_where_there_is_none(
    server: FaultyServer, session: aiohttp.ClientSession
) -> None:
    with pytest.raises(NotHttpsError):
        await fetch_certificate(session, URL(server.url))
    await server.refuse()
    with pytest.raises(ConnectRefusedError):
        await fetch_certificate(session, URL(server.url))


@pytest.mark.parametrize(
    ("alert", "detail"),
    [(40, "handshake failure"), (70, "protocol version"), (71, "security")],
)
async def test_refused_handshake(
    socket_enabled: None, connect: Connect, alert: int, detail: str
) -> None:
    """OpenSSL's error when an old gateway refuses the handshake of a newer client."""
    tries = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tries
        tries += 1
        await reader.read(5)
        writer.write(bytes([0x15, 3, 1, 0, 2, 2, alert]))
        await writer.drain()
        await reader.read(-1)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1") as listener:
        port = listener.sockets[0].getsockname()[1]
        http = connect(f"https://127.0.0.1:{port}", tls=INSECURE)
        with pytest.raises(TlsFailedError) as caught:
            await http.request("GET", "api/lamp")
        assert detail in caught.value.detail
        assert tries == 1
        with pytest.raises(TlsFailedError):
            await fetch_certificate(http._session, http.base)
        assert tries == 3


@pytest.mark.parametrize("silent", [True, False])
async def test_fetch_certificate_from_something_else(
    socket_enabled: None, session: aiohttp.ClientSession, silent: bool
) -> None:
    """A port that accepts connections, and then sends nothing or disconnects."""
    tries = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tries
        tries += 1
        if silent:
            await reader.read(-1)
        writer.transport.abort()

    async with await asyncio.start_server(serve, "127.0.0.1") as listener:
        port = listener.sockets[0].getsockname()[1]
        with pytest.raises(TimedOutError if silent else ConnectionLostError):
            await fetch_certificate(
                session, URL(f"https://127.0.0.1:{port}"), timeout=0.2
            )
    assert tries == (1 if silent else 2)


def test_odd_certificates_still_have_a_fingerprint() -> None:
    odd = Certificate.from_der(b"no certificate at all")
    assert len(odd.sha256) == 64
    assert (odd.subject, odd.issuer, odd.not_after) == (None, None, None)
    assert not odd.self_signed


def test_self_signed_is_more_than_a_name() -> None:
    """Subject and issuer are the same; the signature is of somebody else."""
    genuine = certificate(5)
    der = bytearray(ssl.PEM_cert_to_DER_cert(genuine.certificate.decode()))
    der[-1] ^= 1
    assert Certificate.from_der(bytes(der)).self_signed is False
