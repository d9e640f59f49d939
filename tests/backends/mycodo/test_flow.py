"""Adding a Mycodo, another key, another address."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN
from simulators import http_faults as faults
from simulators.mycodo.certificate import make_v1_certificate
from simulators.mycodo.furniture import add_output, make_channels
from simulators.mycodo.server import MycodoServer, make_key
from simulators.mycodo.state import ADMIN, State, User, uid

from .conftest import INSTALLATION, WEBHOOK, certificate, key_of


async def begin(hass: HomeAssistant) -> str:
    """Choose Mycodo in the menu and return the flow."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.MENU
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], {"next_step_id": "mycodo"}
    )
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "mycodo")
    flow_id: str = result["flow_id"]
    return flow_id


async def enter(hass: HomeAssistant, flow: str, **fields: Any) -> Any:
    """Fill in a form, and wait for the imports that it causes."""
    result = await hass.config_entries.flow.async_configure(flow, fields)
    await hass.async_block_till_done()
    return result


async def test_a_certificate_of_its_own_is_pinned(
    hass: HomeAssistant, mycodo: MycodoServer
) -> None:
    flow = await begin(hass)
    result = await enter(hass, flow, url=f" {mycodo.url}/ ", api_key=key_of(mycodo))
    assert result["step_id"] == "certificate"
    told = result["description_placeholders"]
    assert told["fingerprint"].replace(":", "").lower() == certificate().sha256
    assert "CN=mycodo" in told["subject"]
    # Nothing was sent to an unknown server.
    assert mycodo.server.log.count() == 0
    result = await enter(hass, flow, trust="pin")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.title == "Mycodo Greenhouse"
    assert entry.unique_id == f"mycodo:{INSTALLATION}"
    assert entry.data["pin"] == certificate().sha256
    assert entry.data["verify_ssl"] is True
    assert len(entry.data["webhook_id"]) == 64
    await hass.async_block_till_done()
    assert hass.states.get("switch.grow_light") is not None


async def test_any_certificate_as_the_last_resort(
    hass: HomeAssistant, mycodo: MycodoServer
) -> None:
    flow = await begin(hass)
    await enter(hass, flow, url=mycodo.url, api_key=key_of(mycodo))
    result = await enter(hass, flow, trust="any")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert (result["data"]["pin"], result["data"]["verify_ssl"]) == (None, False)


async def test_a_wrong_key_behind_an_unknown_certificate(
    hass: HomeAssistant, mycodo: MycodoServer
) -> None:
    flow = await begin(hass)
    await enter(hass, flow, url=mycodo.url, api_key="bm8=")
    result = await enter(hass, flow, trust="pin")
    assert result["step_id"] == "mycodo"
    assert result["errors"] == {"base": "mycodo_key_refused"}
    # The decision about the certificate is not asked for again.
    result = await enter(hass, flow, url=mycodo.url, api_key=key_of(mycodo))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["pin"] == certificate().sha256


async def test_a_certificate_that_changed_while_the_key_did(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    """Both are put right in the same dialog."""
    other = make_v1_certificate()
    await mycodo.server.change_certificate(other)
    new = mycodo.state.users[0].key = make_key("new")
    result = await loaded.start_reauth_flow(hass)
    requests = mycodo.server.log.count()
    result = await enter(hass, result["flow_id"], api_key=new)
    assert result["step_id"] == "certificate"
    assert result["errors"] == {"base": "certificate_changed"}
    assert mycodo.server.log.count() == requests
    result = await enter(hass, result["flow_id"], trust="pin")
    assert result["reason"] == "reauth_successful"
    assert (loaded.data["api_key"], loaded.data["pin"]) == (new, other.sha256)


class TestWithoutTls:
    """With "force HTTPS" switched off, or behind a proxy that looks after TLS."""

    @pytest.fixture
    async def mycodo(self, state: State, socket_enabled: None) -> Any:
        async with MycodoServer(state, None) as server:
            yield server

    async def test_plain_http(self, hass: HomeAssistant, mycodo: MycodoServer) -> None:
        flow = await begin(hass)
        result = await enter(hass, flow, url=mycodo.url, api_key=key_of(mycodo))
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert result["data"]["pin"] is None

    @pytest.mark.parametrize(
        ("fault", "path", "error"),
        [
            (faults.status(401), "/api/settings/users", "mycodo_key_refused"),
            (faults.html_page(200, "Router"), "/api/swagger.json", "mycodo_not_mycodo"),
            (faults.status(404), "/api/swagger.json", "mycodo_not_mycodo"),
            (faults.status(502), "*", "server_error"),
            (faults.reset(), "*", "connection_lost"),
            (faults.truncated(), "/api/settings/users", "invalid_json"),
            (faults.rate_limited(), "/api/settings/users", "rate_limited"),
            (faults.redirect("/portal"), "*", "redirected"),
        ],
    )
    async def test_each_error_in_its_own_words_and_then_success(
        self,
        hass: HomeAssistant,
        mycodo: MycodoServer,
        fault: faults.Fault,
        path: str,
        error: str,
    ) -> None:
        mycodo.server.inject(fault, path)
        flow = await begin(hass)
        result = await enter(hass, flow, url=mycodo.url, api_key=key_of(mycodo))
        assert result["errors"] == {"base": error}
        mycodo.server.heal()
        result = await enter(hass, flow, url=mycodo.url, api_key=key_of(mycodo))
        assert result["type"] is FlowResultType.CREATE_ENTRY

    async def test_a_key_that_may_not_even_look(
        self, hass: HomeAssistant, mycodo: MycodoServer
    ) -> None:
        flow = await begin(hass)
        result = await enter(
            hass, flow, url=mycodo.url, api_key=key_of(mycodo, "guest")
        )
        assert result["errors"] == {"base": "mycodo_useless_key"}
        result = await enter(
            hass, flow, url=mycodo.url, api_key=key_of(mycodo, "monitor")
        )
        assert result["type"] is FlowResultType.CREATE_ENTRY

    @pytest.mark.parametrize("url", ["ftp://x", "a b", "http://u:p@x", "http://"])
    async def test_no_address(
        self, hass: HomeAssistant, mycodo: MycodoServer, url: str
    ) -> None:
        flow = await begin(hass)
        result = await enter(hass, flow, url=url, api_key="x")
        assert result["errors"] == {"base": "invalid_address"}

    async def test_without_a_name(
        self, hass: HomeAssistant, mycodo: MycodoServer
    ) -> None:
        mycodo.server.inject(faults.status(500), "/login_password")
        flow = await begin(hass)
        result = await enter(hass, flow, url=mycodo.url, api_key=key_of(mycodo))
        assert result["title"] == "Mycodo"


async def test_http_that_leads_to_https(
    hass: HomeAssistant, mycodo: MycodoServer
) -> None:
    """The port of HTTPS is lost on the way, so the usual one is tried.

    See docs/protocols/mycodo.md#transport.
    """
    flow = await begin(hass)
    result = await enter(hass, flow, url=mycodo.plain_url, api_key=key_of(mycodo))
    assert result["errors"] == {"base": "mycodo_https_only"}
    assert mycodo.server.log.count() == 0
    result = await enter(hass, flow, url=mycodo.url, api_key=key_of(mycodo))
    assert result["step_id"] == "certificate"


async def test_the_certificate_cannot_be_read(
    hass: HomeAssistant, mycodo: MycodoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from custom_components.junction.backends import flow as module
    from custom_components.junction.backends.http import ConnectionLostError

    async def lost(*_: Any) -> None:
        raise ConnectionLostError

    monkeypatch.setattr(module, "fetch_certificate", lost)
    flow = await begin(hass)
    result = await enter(hass, flow, url=mycodo.url, api_key=key_of(mycodo))
    assert result["errors"] == {"base": "certificate_not_trusted"}


async def test_known_already(
    hass: HomeAssistant, mycodo: MycodoServer, entry: MockConfigEntry
) -> None:
    """The address is updated, and the webhook in Mycodo stays."""
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "url": "https://old.example"}
    )
    flow = await begin(hass)
    await enter(hass, flow, url=mycodo.url, api_key=key_of(mycodo))
    result = await enter(hass, flow, trust="pin")
    assert result["reason"] == "already_configured"
    assert entry.data["url"] == mycodo.url
    assert entry.data["webhook_id"] == WEBHOOK


async def test_another_key(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    result = await loaded.start_reauth_flow(hass)
    assert result["step_id"] == "mycodo_key"
    result = await enter(hass, result["flow_id"], api_key="bm8=")
    assert result["errors"] == {"base": "mycodo_key_refused"}
    new = mycodo.state.users[0].key = make_key("new")
    result = await enter(hass, result["flow_id"], api_key=f" {new} ")
    assert result["reason"] == "reauth_successful"
    assert loaded.data["api_key"] == new
    assert loaded.data["webhook_id"] == WEBHOOK


async def test_another_address(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    await mycodo.server.move()
    result = await loaded.start_reconfigure_flow(hass)
    assert result["step_id"] == "mycodo"
    # The key need not be typed again.
    result = await enter(hass, result["flow_id"], url=mycodo.url)
    assert result["step_id"] == "certificate"
    result = await enter(hass, result["flow_id"], trust="pin")
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert loaded.data["url"] == mycodo.url
    assert loaded.data["api_key"] == key_of(mycodo)
    state = hass.states.get("switch.grow_light")
    assert state is not None and state.state == "off"


def stranger(clock: Any) -> State:
    """Return another Mycodo: nothing in it has an id of the first one."""
    other = State(clock=clock)
    other.users.append(User(1, uid(777), "admin", ADMIN, make_key("stranger")))
    add_output(other, 778, "Lamp", "command", "on_off", make_channels(778, ""))
    return other


@pytest.mark.parametrize(
    "page",
    [
        "/",
        "/api",
        "/api/",
        "/login_password",
        "/settings/users",
        "/settings/users?next=%2F#top",
        "/api/swagger.json",
        "/dashboard/1f0c-22/",
        "/usage_reports",
    ],
)
async def test_the_address_of_any_page(
    hass: HomeAssistant, mycodo: MycodoServer, page: str
) -> None:
    """The address of any page works, because people copy it from their browser."""
    flow = await begin(hass)
    await enter(hass, flow, url=f"{mycodo.url}{page}", api_key=key_of(mycodo))
    result = await enter(hass, flow, trust="pin")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["url"] == mycodo.url


# Identity.


async def test_moved_after_the_first_user_is_gone(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    del mycodo.state.users[0]
    key = key_of(mycodo, "editor")
    await mycodo.server.move()
    result = await loaded.start_reconfigure_flow(hass)
    result = await enter(hass, result["flow_id"], url=mycodo.url, api_key=key)
    result = await enter(hass, result["flow_id"], trust="pin")
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert loaded.data["url"] == mycodo.url
    assert loaded.unique_id == f"mycodo:{INSTALLATION}"
    state = hass.states.get("switch.grow_light")
    assert state is not None and state.state == "off"


async def test_another_key_after_all_users_were_replaced(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    """The installation is recognized by its outputs and inputs."""
    mycodo.state.users[:] = [User(9, uid(990), "new", ADMIN, make_key("new"))]
    result = await loaded.start_reauth_flow(hass)
    result = await enter(hass, result["flow_id"], api_key=key_of(mycodo, "new"))
    assert result["reason"] == "reauth_successful"


async def test_added_again_after_the_first_user_is_gone(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    """It is the same one."""
    del mycodo.state.users[0]
    flow = await begin(hass)
    key = key_of(mycodo, "editor")
    await enter(hass, flow, url=mycodo.url, api_key=key)
    result = await enter(hass, flow, trust="pin")
    assert result["reason"] == "already_configured"
    assert loaded.data["api_key"] == key


async def test_another_mycodo_is_refused(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, clock: Any
) -> None:
    other = stranger(clock)
    async with MycodoServer(other, certificate()) as server:
        result = await loaded.start_reconfigure_flow(hass)
        result = await enter(
            hass, result["flow_id"], url=server.url, api_key=key_of(server)
        )
        result = await enter(hass, result["flow_id"], trust="pin")
    assert result["reason"] == "unique_id_mismatch"
    assert loaded.data["url"] == mycodo.url
