"""Adding OpenMotics: every step, every error, and from each error on to success."""

import json
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN
from simulators.http_faults import html_page, reset, status
from simulators.openmotics.plan import ADMIN, GUEST, NEWCOMER
from simulators.openmotics.server import GatewayServer
from simulators.openmotics.state import Account, State

from .conftest import MAC, certificate, entry_data

pytestmark = pytest.mark.usefixtures("quick")


async def begin(hass: HomeAssistant, way: str) -> str:
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    flow: str = result["flow_id"]
    for step in ("openmotics", f"openmotics_{way}"):
        result = await hass.config_entries.flow.async_configure(
            flow, {"next_step_id": step}
        )
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == f"openmotics_{way}"
    return flow


async def answer(hass: HomeAssistant, flow: str, **fields: Any) -> dict[str, Any]:
    result = await hass.config_entries.flow.async_configure(flow, fields)
    return dict(result)


def local(gateway: GatewayServer, **changes: str) -> dict[str, str]:
    return {
        "url": gateway.url,
        "username": ADMIN.name,
        "password": ADMIN.password,
        **changes,
    }


async def test_a_gateway(hass: HomeAssistant, gateway: GatewayServer) -> None:
    flow = await begin(hass, "local")
    result = await answer(hass, flow, **local(gateway))
    assert result["step_id"] == "certificate"
    shown = result["description_placeholders"]["fingerprint"]
    assert shown.replace(":", "").lower() == certificate().sha256
    result = await answer(hass, flow, trust="pin")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "OpenMotics"
    assert result["data"] == entry_data(gateway)
    assert result["result"].unique_id == f"openmotics:{MAC}"
    assert not gateway.tokens, "the login of the flow was ended"


async def test_any_certificate(hass: HomeAssistant, gateway: GatewayServer) -> None:
    flow = await begin(hass, "local")
    await answer(hass, flow, **local(gateway))
    result = await answer(hass, flow, trust="any")
    assert result["data"] == entry_data(gateway, verify_ssl=False, pin=None)


@pytest.mark.filterwarnings("ignore:.*TLSv1.*:DeprecationWarning")
async def test_a_gateway_of_2012(
    hass: HomeAssistant, socket_enabled: None, state: State
) -> None:
    old = certificate(old_key=True)
    async with GatewayServer(state, old, legacy_tls=True) as gateway:
        flow = await begin(hass, "local")
        result = await answer(hass, flow, **local(gateway))
        assert result["step_id"] == "certificate"
        result = await answer(hass, flow, trust="pin")
        assert result["data"] == entry_data(gateway, pin=old.sha256, legacy_tls=True)


async def test_errors_of_a_gateway(hass: HomeAssistant, gateway: GatewayServer) -> None:
    """Each error in its own words, and on to success in the same flow."""
    flow = await begin(hass, "local")
    result = await answer(hass, flow, **local(gateway, url="http://a b"))
    assert result["errors"] == {"base": "invalid_address"}
    result = await answer(hass, flow, **local(gateway, url="127.0.0.1:1"))
    assert result["errors"] == {"base": "connection_refused"}
    # Certificates are looked at before credentials.
    await answer(hass, flow, **local(gateway, password="wrong"))
    result = await answer(hass, flow, trust="pin")
    assert result["step_id"] == "openmotics_local"
    assert result["errors"] == {"base": "auth_failed"}
    # The decision about the certificate is not asked for again.
    result = await answer(
        hass, flow, **local(gateway, username=GUEST.name, password=GUEST.password)
    )
    assert result["errors"] == {"base": "openmotics_not_super"}
    fault = gateway.server.inject(html_page(), "/login")
    result = await answer(hass, flow, **local(gateway))
    assert result["errors"] == {"base": "openmotics_not_openmotics"}
    gateway.server.heal(fault)
    gateway.state.quirks.maintenance = True
    result = await answer(hass, flow, **local(gateway))
    assert result["errors"] == {"base": "openmotics_maintenance"}
    gateway.state.quirks.maintenance = False
    result = await answer(hass, flow, **local(gateway))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == entry_data(gateway)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("Internal communication failure", "openmotics_bus_down"),
        ("Internal communication timeout", "openmotics_bus_timeout"),
    ],
)
async def test_a_gateway_without_its_master(
    hass: HomeAssistant, gateway: GatewayServer, said: str, error: str
) -> None:
    body = json.dumps({"success": False, "msg": said})
    gateway.server.inject(
        status(200, body, content_type="application/json"), "/get_version"
    )
    flow = await begin(hass, "local")
    await answer(hass, flow, **local(gateway))
    result = await answer(hass, flow, trust="pin")
    assert result["errors"] == {"base": error}
    gateway.server.heal()
    result = await answer(hass, flow, **local(gateway))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_another_product(hass: HomeAssistant, gateway: GatewayServer) -> None:
    gateway.server.inject(
        status(200, '{"hello": 1}', content_type="application/json"), "/get_version"
    )
    flow = await begin(hass, "local")
    await answer(hass, flow, **local(gateway))
    result = await answer(hass, flow, trust="pin")
    assert result["errors"] == {"base": "openmotics_not_openmotics"}
    gateway.server.heal()
    gateway.server.inject(
        status(200, '{"success": true}', content_type="application/json"), "/login"
    )
    result = await answer(hass, flow, **local(gateway))
    assert result["errors"] == {"base": "openmotics_not_openmotics"}
    gateway.server.heal()
    result = await answer(hass, flow, **local(gateway))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_the_certificate_cannot_be_read(
    hass: HomeAssistant, gateway: GatewayServer
) -> None:
    flow = await begin(hass, "local")
    from custom_components.junction.backends.http import TimedOutError

    with patch(
        "custom_components.junction.backends.flow.fetch_certificate",
        side_effect=TimedOutError(10),
    ):
        result = await answer(hass, flow, **local(gateway))
    assert result["errors"] == {"base": "certificate_not_trusted"}
    result = await answer(hass, flow, **local(gateway))
    result = await answer(hass, flow, trust="pin")
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_terms_of_use(hass: HomeAssistant, gateway: GatewayServer) -> None:
    flow = await begin(hass, "local")
    await answer(
        hass,
        flow,
        **local(gateway, username=NEWCOMER.name, password=NEWCOMER.password),
    )
    result = await answer(hass, flow, trust="pin")
    assert result["step_id"] == "openmotics_terms"
    result = await answer(hass, flow, accept_terms=False)
    assert result["errors"] == {"base": "openmotics_terms"}
    await gateway.server.refuse()
    result = await answer(hass, flow, accept_terms=True)
    assert result["errors"] == {"base": "connection_refused"}
    await gateway.server.listen()
    result = await answer(hass, flow, accept_terms=True)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert "accept_terms" not in result["data"]
    [account] = [a for a in gateway.state.accounts if a.name == NEWCOMER.name]
    assert account.terms


async def test_already_there(
    hass: HomeAssistant, gateway: GatewayServer, om_entry: MockConfigEntry
) -> None:
    """The same gateway at another address: the entry gets the address, and no account."""
    await gateway.server.move()
    gateway.state.accounts.append(Account("other", "other-s3cret"))
    flow = await begin(hass, "local")
    typed = local(gateway, username="other", password="other-s3cret")
    await answer(hass, flow, **typed)
    result = await answer(hass, flow, trust="pin")
    assert result["reason"] == "already_configured"
    assert om_entry.data == entry_data(gateway)


async def test_reauth(
    hass: HomeAssistant, gateway: GatewayServer, om_entry: MockConfigEntry
) -> None:
    started = await om_entry.start_reauth_flow(hass)
    assert started["step_id"] == "openmotics_local"
    flow = started["flow_id"]
    result = await answer(hass, flow, **local(gateway, password="wrong"))
    assert result["errors"] == {"base": "auth_failed"}
    gateway.state.accounts[0].password = " new "
    try:
        result = await answer(hass, flow, **local(gateway, password=" new "))
    finally:
        gateway.state.accounts[0].password = "gateway-s3cret"
    assert result["reason"] == "reauth_successful"
    assert om_entry.data["password"] == " new "
    assert om_entry.data["pin"] == certificate().sha256


async def test_reauth_with_a_broken_line(
    hass: HomeAssistant, gateway: GatewayServer, om_entry: MockConfigEntry
) -> None:
    """A certificate that is trusted already is not asked about again."""
    started = await om_entry.start_reauth_flow(hass)
    flow = started["flow_id"]
    gateway.server.inject(reset(), "/login")
    result = await answer(hass, flow, **local(gateway))
    assert result["errors"] == {"base": "connection_lost"}
    gateway.server.heal()
    result = await answer(hass, flow, **local(gateway))
    assert result["reason"] == "reauth_successful"


async def test_reconfigure(
    hass: HomeAssistant, gateway: GatewayServer, om_entry: MockConfigEntry
) -> None:
    await gateway.server.move()
    started = await om_entry.start_reconfigure_flow(hass)
    flow = started["flow_id"]
    result = await answer(hass, flow, **local(gateway))
    assert result["step_id"] == "certificate", "another address"
    gateway.state.mac = "00:00:00:00:00:99"
    result = await answer(hass, flow, trust="pin")
    assert result["reason"] == "unique_id_mismatch"
    gateway.state.mac = "00:11:22:aa:bb:cc"
    started = await om_entry.start_reconfigure_flow(hass)
    flow = started["flow_id"]
    await answer(hass, flow, **local(gateway))
    result = await answer(hass, flow, trust="pin")
    assert result["reason"] == "reconfigure_successful"
    assert om_entry.data["url"] == gateway.url


async def test_options(hass: HomeAssistant, om_entry: MockConfigEntry) -> None:
    """While the entry is not loaded, its counters are not known."""
    result = await hass.config_entries.options.async_init(om_entry.entry_id)
    assert result["step_id"] == "openmotics"
    schema = result["data_schema"]
    assert schema is not None
    assert "pulse_counter" not in {str(key) for key in schema.schema}
    result = await hass.config_entries.options.async_configure(
        result["flow_id"],
        {
            "valves": "valve",
            "dimmers": "light",
            "group_actions": "button",
            "power_interval": 30,
        },
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert om_entry.options == {
        "valves": "valve",
        "dimmers": "light",
        "group_actions": "button",
        "power_interval": 30,
        "pulses": {},
    }
