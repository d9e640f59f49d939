"""Certificates: verified, pinned, changed, not looked at; and servers of 2012."""

import ssl
import threading

import aiohttp
import pytest
from yarl import URL

from custom_components.junction.backends.http import (
    CertificateChangedError,
    CertificateNotTrustedError,
    ConnectionLostError,
    HttpTransport,
    NotHttpsError,
    TlsFailedError,
    TlsPolicy,
    build_context,
    show_fingerprint,
)
from custom_components.junction.errors import UnreachableError
from simulators.certificates import make_certificate
from simulators.http_faults import reset
from simulators.http_server import FaultyServer

from .conftest import Connect, Product, certificate

INSECURE = TlsPolicy(verify=False)

# The simulated gateway of 2012 speaks nothing newer.
pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")


# --------------------------------------------------------------------- policy


async def test_self_signed_is_not_trusted(
    secure_server: FaultyServer, connect: Connect
) -> None:
    http = connect(secure_server)
    with pytest.raises(CertificateNotTrustedError) as caught:
        await http.request("GET", "api/lamp")
    assert caught.value.detail == "self-signed certificate"
    assert isinstance(caught.value, UnreachableError)
    assert secure_server.log.count() == 0


async def test_verified_by_the_contexts_of_the_session(
    socket_enabled: None, product: Product
) -> None:
    """As Home Assistant's sessions bring the context of its helper."""
    shown = certificate(2, addresses=("127.0.0.1",))
    context = ssl.create_default_context(cadata=shown.certificate.decode())
    connector = aiohttp.TCPConnector(ssl=context)
    async with (
        FaultyServer(product.application, shown) as server,
        aiohttp.ClientSession(connector=connector) as session,
    ):
        http = HttpTransport(session, URL(server.url))
        assert (await http.request("GET", "api/lamp")).status == 200


async def test_other_name_is_not_trusted(
    socket_enabled: None, product: Product
) -> None:
    shown = certificate(3, addresses=("192.0.2.1",))
    context = ssl.create_default_context(cadata=shown.certificate.decode())
    connector = aiohttp.TCPConnector(ssl=context)
    async with (
        FaultyServer(product.application, shown) as server,
        aiohttp.ClientSession(connector=connector) as session,
    ):
        http = HttpTransport(session, URL(server.url))
        with pytest.raises(CertificateNotTrustedError) as caught:
            await http.request("GET", "api/lamp")
        assert caught.value.detail.endswith("mismatch")
        assert "127.0.0.1" not in caught.value.detail


async def test_unverified(secure_server: FaultyServer, connect: Connect) -> None:
    http = connect(secure_server, tls=INSECURE)
    assert (await http.request("GET", "api/lamp")).status == 200
    await secure_server.change_certificate(certificate(2))
    assert (await http.request("GET", "api/lamp")).status == 200


async def test_pinned(secure_server: FaultyServer, connect: Connect) -> None:
    """A pinned certificate is accepted with any issuer, expired, and without names."""
    expired = make_certificate(days=-1)
    await secure_server.change_certificate(expired)
    http = connect(secure_server, tls=TlsPolicy(pin=expired.sha256))
    for _ in range(3):
        assert (await http.request("GET", "api/lamp")).status == 200
    assert secure_server.connections == 1


async def test_changed_certificate(
    secure_server: FaultyServer, connect: Connect, product: Product
) -> None:
    old, new = certificate(), certificate(2)
    http = connect(secure_server, tls=TlsPolicy(pin=old.sha256))
    await http.request("GET", "api/lamp")
    secure_server.log.clear()
    await secure_server.change_certificate(new)
    with pytest.raises(CertificateChangedError) as caught:
        await http.request("POST", "api/lamp", headers={"X-API-KEY": "secret"})
    error = caught.value
    # Nothing was sent to that server.
    assert secure_server.log.count() == 0
    assert isinstance(error, UnreachableError)
    assert error.pin == old.sha256
    assert error.certificate.sha256 == new.sha256
    assert error.certificate.subject == "CN=device 2,O=device 2"
    assert error.placeholders == {
        "detail": "no details",
        "old": show_fingerprint(old.sha256),
        "new": show_fingerprint(new.sha256),
    }
    assert http.counters.failures == {"certificate_changed": 1}
    # The user accepts it.
    trusting = connect(secure_server, tls=TlsPolicy(pin=error.certificate.sha256))
    assert (await trusting.request("GET", "api/lamp")).status == 200


async def test_pin_holds_for_websockets(
    secure_server: FaultyServer, connect: Connect, product: Product
) -> None:
    product.tokens.add("t")
    headers = {"Authorization": "Bearer t"}
    pinned = TlsPolicy(pin=certificate().sha256)
    http = connect(secure_server, tls=pinned, headers=headers)
    socket = await http.websocket("api/private/ws")
    await socket.close()
    other = TlsPolicy(pin=certificate(2).sha256)
    http = connect(secure_server, tls=other, headers=headers)
    with pytest.raises(CertificateChangedError):
        await http.websocket("api/private/ws")


async def test_pins_do_not_share_connections(
    secure_server: FaultyServer, connect: Connect
) -> None:
    """One session, whose open connection was made without looking at certificates."""
    await connect(secure_server, tls=INSECURE).request("GET", "api/lamp")
    pinned = connect(secure_server, tls=TlsPolicy(pin=certificate(2).sha256))
    with pytest.raises(CertificateChangedError):
        await pinned.request("GET", "api/lamp")
    with pytest.raises(CertificateNotTrustedError):
        await connect(secure_server).request("GET", "api/lamp")


async def test_contexts_are_made_in_a_thread_and_kept(
    secure_server: FaultyServer, connect: Connect
) -> None:
    made: list[threading.Thread] = []

    def contexts(policy: TlsPolicy) -> ssl.SSLContext:
        made.append(threading.current_thread())
        return build_context(policy)

    policy = TlsPolicy(pin=certificate().sha256)
    http = connect(secure_server, tls=policy, contexts=contexts)
    await http.request("GET", "api/lamp")
    await http.request("GET", "api/lamp")
    assert len(made) == 1
    assert made[0] is not threading.main_thread()
    # Where the session's own will do, none is made.
    http = connect(secure_server, tls=INSECURE, contexts=contexts)
    await http.request("GET", "api/lamp")
    assert len(made) == 1


@pytest.mark.parametrize("pin", ["", "ab", "g" * 64, "a" * 63, "a" * 65])
def test_bad_pins(pin: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        TlsPolicy(pin=pin)


def test_pins_are_read_in_any_spelling() -> None:
    sha256 = certificate().sha256
    shown = show_fingerprint(sha256)
    assert shown[2] == ":" and shown == shown.upper()
    assert TlsPolicy(pin=shown) == TlsPolicy(pin=sha256)
    assert TlsPolicy(pin=f" {sha256.upper()}\n") == TlsPolicy(pin=sha256)


# ------------------------------------------------------------------ old servers


async def test_old_server_needs_legacy(
    old_server: FaultyServer, connect: Connect
) -> None:
    for policy in (
        TlsPolicy(),
        INSECURE,
        TlsPolicy(pin=certificate(old_key=True).sha256),
    ):
        # Its last message, with the reason, may be lost with the connection.
        with pytest.raises((TlsFailedError, ConnectionLostError)):
            await connect(old_server, tls=policy).request("GET", "api/lamp")
    policy = TlsPolicy(verify=False, legacy=True)
    assert (
        await connect(old_server, tls=policy).request("GET", "api/lamp")
    ).status == 200


async def test_old_server_is_verified_and_pinned_as_any_other(
    old_server: FaultyServer, connect: Connect
) -> None:
    with pytest.raises(CertificateNotTrustedError):
        await connect(old_server, tls=TlsPolicy(legacy=True)).request("GET", "")
    policy = TlsPolicy(pin=certificate(old_key=True).sha256, legacy=True)
    http = connect(old_server, tls=policy)
    assert (await http.request("GET", "api/lamp")).status == 200
    policy = TlsPolicy(pin=certificate().sha256, legacy=True)
    with pytest.raises(CertificateChangedError) as caught:
        await connect(old_server, tls=policy).request("GET", "api/lamp")
    assert caught.value.certificate.sha256 == certificate(old_key=True).sha256


# ------------------------------------------------------------------- mistakes


async def test_https_where_http_is_spoken(
    server: FaultyServer, connect: Connect
) -> None:
    url = server.url.replace("http:", "https:")
    for policy in (TlsPolicy(), INSECURE, TlsPolicy(pin=certificate().sha256)):
        with pytest.raises(NotHttpsError):
            await connect(url, tls=policy).request("GET", "api/lamp")


async def test_http_where_https_is_spoken(
    secure_server: FaultyServer, connect: Connect
) -> None:
    url = secure_server.url.replace("https:", "http:")
    with pytest.raises(ConnectionLostError):
        await connect(url).request("GET", "api/lamp")


async def test_faults_over_tls(secure_server: FaultyServer, connect: Connect) -> None:
    """A reset is one with TLS, too."""
    http = connect(secure_server, tls=INSECURE)
    secure_server.inject(reset(), times=1)
    assert (await http.request("GET", "api/lamp")).status == 200
    assert secure_server.log.count() == 2
    await secure_server.restart()
    assert (await http.request("GET", "api/lamp")).status == 200
    await secure_server.change_certificate(None)
    with pytest.raises(NotHttpsError):
        await http.request("GET", "api/lamp")
