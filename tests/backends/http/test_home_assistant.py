"""The transport over the sessions that Home Assistant gives integrations."""

from aiohttp import DummyCookieJar
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_create_clientsession
import pytest
from yarl import URL

from custom_components.junction.backends.http import (
    CertificateNotTrustedError,
    HttpTransport,
    TlsPolicy,
    fetch_certificate,
)
from simulators.http_server import FaultyServer

from .conftest import certificate


async def test_sessions_of_home_assistant(
    hass: HomeAssistant, secure_server: FaultyServer
) -> None:
    session = async_create_clientsession(hass, cookie_jar=DummyCookieJar())
    url = URL(secure_server.url)
    with pytest.raises(CertificateNotTrustedError):
        await HttpTransport(session, url).request("GET", "api/lamp")
    shown = await fetch_certificate(session, url)
    assert shown.sha256 == certificate().sha256
    for policy in (TlsPolicy(pin=shown.sha256), TlsPolicy(verify=False)):
        http = HttpTransport(session, url, tls=policy)
        body = {"lamp": "on"}
        answer = await http.request("PUT", "api/lamp", json=body)
        assert answer.object()["lamp"] == "on"
    # Home Assistant writes JSON in its own way.
    assert secure_server.log.requests[-1].body == b'{"lamp":"on"}'
