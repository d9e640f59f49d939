"""Adding an IOTile Cloud, logging in again, another server, options."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN
from simulators import http_faults as faults
from simulators.certificates import make_certificate
from simulators.iotile.server import IOTileServer
from simulators.iotile.world import World

from .conftest import INSTALLATION, METER, VIRTUAL

ACCOUNT = {"email": "owner@example.com", "password": "owner-Pass-1"}
API = "/api/v1"


async def begin(hass: HomeAssistant) -> str:
    """Choose IOTile Cloud in the menu and return the flow."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], {"next_step_id": "iotile"}
    )
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "iotile")
    flow_id: str = result["flow_id"]
    return flow_id


async def enter(hass: HomeAssistant, flow: str, **fields: Any) -> Any:
    """Fill in a form."""
    return await hass.config_entries.flow.async_configure(flow, fields)


@pytest.mark.parametrize("tail", ["", "/", "/api/v1", "/api/v1/", "/#/projects"])
async def test_server_and_account(
    hass: HomeAssistant, server: IOTileServer, tail: str
) -> None:
    flow = await begin(hass)
    result = await enter(hass, flow, url=f" {server.url}{tail} ", **ACCOUNT)
    assert result["step_id"] == "iotile_projects"
    result = await enter(hass, flow, projects=["p--0000-0005"])
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.unique_id == f"iotile:{INSTALLATION}"
    assert entry.title == "IOTile Cloud (owner)"
    assert entry.data == {
        "backend": "iotile",
        "url": server.url,
        "email": "owner@example.com",
        "token": server.world.users[0].token,
        "verify_ssl": True,
        "pin": None,
        "legacy_tls": False,
    }
    assert entry.options == {"projects": ["p--0000-0005"], "history": True}
    await hass.async_block_till_done()
    assert hass.states.get("sensor.cellar_water_meter_io_1_total")
    assert hass.states.get("sensor.soil_probe_gs3_io_3") is None
    assert server.cookies() == []
    assert server.log.count("POST", f"{API}/auth/logout/") == 0


@pytest.mark.parametrize(
    ("fault", "path", "error"),
    [
        (faults.html_page(200, "Router"), "/api/v1/server/", "iotile_not_iotile"),
        (faults.status(404), "/api/v1/server/", "iotile_not_iotile"),
        (
            faults.status(200, '{"now": 1}', content_type="application/json"),
            "/api/v1/server/",
            "iotile_not_iotile",
        ),
        (
            faults.status(200, "{}", content_type="application/json"),
            "/api/v1/auth/login/",
            "iotile_not_iotile",
        ),
        (faults.status(502), "*", "server_error"),
        (faults.reset(), "*", "connection_lost"),
        (faults.truncated(), "/api/v1/project/", "invalid_json"),
        (faults.rate_limited(), "/api/v1/auth/login/", "rate_limited"),
        (faults.status(403, '"no"'), "/api/v1/project/", "iotile_role"),
        (faults.redirect("/portal"), "*", "redirected"),
        (faults.status(400, '{"detail": "x"}'), "/api/v1/auth/login/", "rejected"),
        (faults.status(400, "oops"), "/api/v1/auth/login/", "rejected"),
    ],
)
async def test_each_error_in_its_own_words_and_then_success(
    hass: HomeAssistant,
    server: IOTileServer,
    fault: faults.Fault,
    path: str,
    error: str,
) -> None:
    server.inject(fault, path)
    flow = await begin(hass)
    result = await enter(hass, flow, url=server.url, **ACCOUNT)
    assert result["errors"] == {"base": error}
    server.heal()
    await enter(hass, flow, url=server.url, **ACCOUNT)
    result = await enter(hass, flow)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("account", "errors"),
    [
        ({"password": "wrong"}, {"base": "auth_failed"}),
        (
            {"email": "inactive@example.com", "password": "inactive-Pass-1"},
            {"base": "auth_failed"},
        ),
        ({"email": "owner"}, {"email": "iotile_bad_email"}),
        (
            {"email": "operator@example.com", "password": "operator-Pass-1"},
            {"base": "iotile_no_data_role"},
        ),
    ],
)
async def test_accounts_that_do_not_do(
    hass: HomeAssistant,
    server: IOTileServer,
    account: dict[str, str],
    errors: dict[str, str],
) -> None:
    flow = await begin(hass)
    result = await enter(hass, flow, url=server.url, **{**ACCOUNT, **account})
    assert result["errors"] == errors
    result = await enter(hass, flow, url=server.url, **ACCOUNT)
    assert result["step_id"] == "iotile_projects"


async def test_no_address(hass: HomeAssistant, server: IOTileServer) -> None:
    flow = await begin(hass)
    result = await enter(hass, flow, url="ftp://x", **ACCOUNT)
    assert result["errors"] == {"base": "invalid_address"}


async def test_the_successor_is_refused(
    hass: HomeAssistant, server: IOTileServer
) -> None:
    body = '{"jwt": "x", "jwt_refresh_token": "y"}'
    server.inject(
        faults.status(200, body, content_type="application/json"),
        "/api/v1/auth/login/",
    )
    flow = await begin(hass)
    result = await enter(hass, flow, url=server.url, **ACCOUNT)
    assert (result["type"], result["reason"]) == (
        FlowResultType.ABORT,
        "iotile_archfx",
    )


async def test_one_project_needs_no_choice(
    hass: HomeAssistant, server: IOTileServer
) -> None:
    flow = await begin(hass)
    result = await enter(
        hass,
        flow,
        url=server.url,
        email="stranger@example.com",
        password="stranger-Pass-1",
    )
    assert result["step_id"] == "iotile_projects"
    assert [str(field) for field in result["data_schema"].schema] == ["history"]
    result = await enter(hass, result["flow_id"], history=False)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["options"] == {"projects": [], "history": False}
    assert result["title"] == "IOTile Cloud (stranger)"


async def test_known_already(
    hass: HomeAssistant, server: IOTileServer, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "url": "https://old.example"}
    )
    flow = await begin(hass)
    result = await enter(hass, flow, url=server.url, **ACCOUNT)
    assert result["reason"] == "already_configured"
    assert entry.data["url"] == server.url


class TestTls:
    """With a certificate of its own."""

    @pytest.fixture
    async def server(self, world: World, socket_enabled: None) -> Any:
        async with IOTileServer(world, make_certificate()) as server:
            yield server

    @pytest.mark.parametrize("trust", ["pin", "any"])
    async def test_the_password_waits_for_trust(
        self, hass: HomeAssistant, server: IOTileServer, trust: str
    ) -> None:
        flow = await begin(hass)
        result = await enter(hass, flow, url=server.url, **ACCOUNT)
        assert result["step_id"] == "certificate"
        assert server.log.count() == 0
        server.inject(faults.status(500), "*", times=1)
        result = await enter(hass, flow, trust=trust)
        assert result["errors"] == {"base": "server_error"}
        await enter(hass, flow, url=server.url, **ACCOUNT)
        result = await enter(hass, flow)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert (result["data"]["pin"] is None) == (trust == "any")

    async def test_another_certificate_while_logging_in_again(
        self, hass: HomeAssistant, server: IOTileServer, entry: MockConfigEntry
    ) -> None:
        result = await entry.start_reauth_flow(hass)
        flow = result["flow_id"]
        result = await enter(hass, flow, **ACCOUNT)
        assert result["step_id"] == "certificate"
        assert server.log.count() == 0
        result = await enter(hass, flow, trust="pin")
        assert result["reason"] == "reauth_successful"
        assert entry.data["pin"] is not None

    async def test_the_certificate_cannot_be_read(
        self,
        hass: HomeAssistant,
        server: IOTileServer,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        from custom_components.junction.backends import flow as module
        from custom_components.junction.backends.http import ConnectionLostError

        async def lost(*_: Any) -> None:
            raise ConnectionLostError

        monkeypatch.setattr(module, "fetch_certificate", lost)
        flow = await begin(hass)
        result = await enter(hass, flow, url=server.url, **ACCOUNT)
        assert result["errors"] == {"base": "certificate_not_trusted"}


async def test_http_that_leads_to_https(
    hass: HomeAssistant, server: IOTileServer
) -> None:
    to = server.url.replace("http:", "https:") + "/api/v1/server/"
    server.inject(faults.redirect(to, 301), "/api/v1/server/")
    flow = await begin(hass)
    result = await enter(hass, flow, url=server.url, **ACCOUNT)
    # The usual port of HTTPS, without a server here; no password was sent.
    assert result["errors"] == {"base": "connection_refused"}
    assert server.log.count("POST") == 0


async def test_logging_in_again(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    result = await loaded.start_reauth_flow(hass)
    assert result["step_id"] == "iotile_account"
    flow = result["flow_id"]
    result = await enter(hass, flow, email="owner@example.com", password="wrong")
    assert result["errors"] == {"base": "auth_failed"}
    server.world.users[0].token = "f" * 40
    result = await enter(hass, flow, **ACCOUNT)
    assert result["reason"] == "reauth_successful"
    assert loaded.data["token"] == "f" * 40


async def test_another_account_is_refused(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    result = await loaded.start_reauth_flow(hass)
    result = await enter(
        hass,
        result["flow_id"],
        email="member@example.com",
        password="member-Pass-1",
    )
    assert result["reason"] == "unique_id_mismatch"


async def test_another_address(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    await server.move()
    result = await loaded.start_reconfigure_flow(hass)
    assert result["step_id"] == "iotile"
    result = await enter(hass, result["flow_id"], url=server.url, **ACCOUNT)
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert loaded.data["url"] == server.url


async def test_another_address_without_the_password(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    """The token stays valid at another address; another account needs its password."""
    await server.move()
    result = await loaded.start_reconfigure_flow(hass)
    flow, email = result["flow_id"], ACCOUNT["email"]
    result = await enter(hass, flow, url=server.url, email="member@example.com")
    assert result["errors"] == {"base": "iotile_password_needed"}
    result = await loaded.start_reconfigure_flow(hass)
    result = await enter(hass, result["flow_id"], url=server.url, email=email)
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert loaded.data["url"] == server.url


async def test_token_that_is_refused(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    server.world.users[0].token = "f" * 40
    result = await loaded.start_reauth_flow(hass)
    flow, email = result["flow_id"], ACCOUNT["email"]
    result = await enter(hass, flow, email=email)
    assert result["errors"] == {"base": "auth_failed"}
    result = await enter(hass, flow, **ACCOUNT)
    assert result["reason"] == "reauth_successful"


async def test_options(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    result = await hass.config_entries.options.async_init(loaded.entry_id)
    assert result["step_id"] == "iotile"
    form = result["data_schema"]
    assert form is not None
    offered = form.schema["readings"].config["options"]
    # Nothing twice, and no number where the name says enough
    assert {"House: Total", "Water meter: IO 1"} <= {one["label"] for one in offered}
    wanted = {
        "interval": 5,
        "late_hours": 24,
        "history": False,
        "projects": ["p--0000-0005"],
        "readings": [VIRTUAL],
        "intervals": [VIRTUAL],
    }
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], wanted
    )
    assert result["errors"] == {"intervals": "iotile_chosen_twice"}
    wanted |= {"intervals": [], "readings": [METER]}
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], wanted
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert loaded.options == wanted
    # A meter reading: the value itself, without a total.
    state = hass.states.get("sensor.cellar_water_meter_io_1_total")
    assert state is None


async def test_options_of_an_entry_that_is_not_loaded(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert result["reason"] == "entry_not_loaded"
