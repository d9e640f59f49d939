"""Adding an installation by way of one of the clouds."""

from collections.abc import AsyncGenerator
import json

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from custom_components.junction.backends.openmotics.client import legacy_cloud as legacy
from custom_components.junction.backends.openmotics.client.cloud import (
    api as cloud,
    session as cloud_session,
)
from custom_components.junction.const import DOMAIN
from simulators.http_faults import status
from simulators.openmotics.cloud import CloudServer
from simulators.openmotics.legacy_cloud import LegacyCloudServer
from simulators.openmotics.state import State

from .conftest import UUID
from .test_flow import answer, begin

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
async def om_cloud(
    socket_enabled: None, state: State, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[CloudServer]:
    async with CloudServer(state) as running:
        monkeypatch.setattr(cloud, "BASE", URL(running.base))
        monkeypatch.setattr(
            cloud_session, "NEW_LOGIN", URL(f"{running.server.url}/new/token")
        )
        yield running


@pytest.fixture
async def om_legacy(
    socket_enabled: None, state: State, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[LegacyCloudServer]:
    async with LegacyCloudServer(state) as running:
        monkeypatch.setattr(legacy, "BASE", URL(running.base))
        yield running


@pytest.mark.parametrize(
    ("client", "secret", "path"),
    [
        (UUID, "new-s3cret", "/new/token"),
        (
            "old-client",
            "old-s3cret",
            "/api/v1.1/authentication/oauth2/token",
        ),
    ],
)
async def test_the_cloud(
    hass: HomeAssistant, om_cloud: CloudServer, client: str, secret: str, path: str
) -> None:
    flow = await begin(hass, "cloud")
    result = await answer(hass, flow, client_id=client, client_secret="wrong")
    assert result["errors"] == {"base": "auth_failed"}
    result = await answer(hass, flow, client_id=client, client_secret=secret)
    assert result["step_id"] == "openmotics_installation"
    result = await answer(hass, flow, installation="21")
    assert result["title"] == "OpenMotics Home"
    assert result["result"].unique_id == "openmotics:cloud:21"
    assert result["data"]["installation"] == "21"
    assert om_cloud.logins[-1]["path"] == path


async def test_a_cloud_with_one_installation(
    hass: HomeAssistant, om_cloud: CloudServer
) -> None:
    del om_cloud.installations[22]
    om_cloud.installations[21] = ""
    flow = await begin(hass, "cloud")
    result = await answer(hass, flow, client_id=UUID, client_secret="new-s3cret")
    assert result["title"] == "OpenMotics"


async def test_a_cloud_without_installations(
    hass: HomeAssistant, om_cloud: CloudServer
) -> None:
    saved = dict(om_cloud.installations)
    om_cloud.installations.clear()
    flow = await begin(hass, "cloud")
    fields = {"client_id": UUID, "client_secret": "new-s3cret"}
    result = await answer(hass, flow, **fields)
    assert result["errors"] == {"base": "openmotics_no_installation"}
    om_cloud.installations.update(saved)
    await answer(hass, flow, **fields)
    result = await answer(hass, flow, installation="22")
    assert result["title"] == "OpenMotics Office"


async def test_a_cloud_that_does_not_reach_the_gateway(
    hass: HomeAssistant, om_cloud: CloudServer
) -> None:
    body = json.dumps({"data": None, "_error": "GatewayTimeoutException"})
    fault = status(200, body, content_type="application/json")
    om_cloud.server.inject(fault, "*/base/installations")
    flow = await begin(hass, "cloud")
    fields = {"client_id": UUID, "client_secret": "new-s3cret"}
    result = await answer(hass, flow, **fields)
    assert result["errors"] == {"base": "openmotics_offline"}
    om_cloud.server.heal()
    await answer(hass, flow, **fields)
    result = await answer(hass, flow, installation="21")
    assert result["title"] == "OpenMotics Home"


async def test_cloud_reauth(hass: HomeAssistant, om_cloud: CloudServer) -> None:
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id="openmotics:cloud:21",
        data={
            "backend": "openmotics",
            "transport": "cloud",
            "client_id": UUID,
            "client_secret": "expired",
            "installation": "21",
        },
    )
    entry.add_to_hass(hass)
    started = await entry.start_reauth_flow(hass)
    result = await answer(
        hass, started["flow_id"], client_id=UUID, client_secret="new-s3cret"
    )
    assert result["reason"] == "reauth_successful"
    assert entry.data["client_secret"] == "new-s3cret"
    assert entry.data["installation"] == "21"


async def test_the_legacy_cloud(
    hass: HomeAssistant, om_legacy: LegacyCloudServer
) -> None:
    om_legacy.gone = True
    flow = await begin(hass, "legacy_cloud")
    fields = {"username": "me@example.org", "password": om_legacy.password}
    result = await answer(hass, flow, **fields)
    assert result["errors"] == {"base": "openmotics_legacy_gone"}
    om_legacy.gone = False
    result = await answer(hass, flow, **{**fields, "password": "wrong"})
    assert result["errors"] == {"base": "auth_failed"}
    result = await answer(hass, flow, **fields)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == "openmotics:legacy_cloud:5"


async def test_the_cloud_again(hass: HomeAssistant, om_cloud: CloudServer) -> None:
    """A known installation keeps its application when it is added again."""
    results = []
    for client, secret in list(om_cloud.clients.items())[:2]:
        flow = await begin(hass, "cloud")
        await answer(hass, flow, client_id=client, client_secret=secret)
        results.append(await answer(hass, flow, installation="21"))
    assert results[0]["type"] is FlowResultType.CREATE_ENTRY
    assert results[1]["reason"] == "already_configured"
    [entry] = hass.config_entries.async_entries(DOMAIN)
    first = next(iter(om_cloud.clients.items()))
    assert (entry.data["client_id"], entry.data["client_secret"]) == first


async def test_the_legacy_cloud_again(
    hass: HomeAssistant, om_legacy: LegacyCloudServer
) -> None:
    results = []
    for user in ("me@example.org", "other@example.org"):
        flow = await begin(hass, "legacy_cloud")
        results.append(
            await answer(hass, flow, username=user, password=om_legacy.password)
        )
    assert results[0]["type"] is FlowResultType.CREATE_ENTRY
    assert results[1]["reason"] == "already_configured"
    [entry] = hass.config_entries.async_entries(DOMAIN)
    assert entry.data["username"] == "me@example.org"
