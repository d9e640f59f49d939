"""Config flow of a DSMR-reader, with all its errors."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends import flow as shared
from custom_components.junction.backends.http import TimedOutError
from custom_components.junction.const import DOMAIN
from simulators.certificates import DeviceCertificate, make_certificate
from simulators.dsmr_reader import DsmrReaderServer, State, make_key
from simulators.http_faults import hang, html_page, redirect, reset, status, truncated

from .conftest import reading
from .helpers import KEY

PROXY: dict[str, Any] = {}


def entered(url: str, key: str = KEY, **more: Any) -> dict[str, Any]:
    return {"url": url, "api_key": key, "proxy": PROXY, "history": False, **more}


async def begin(hass: HomeAssistant) -> ConfigFlowResult:
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    return await hass.config_entries.flow.async_configure(
        result["flow_id"], {"next_step_id": "dsmr_reader"}
    )


async def reconfigure(hass: HomeAssistant, entry: ConfigEntry[Any]) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id},
    )


async def enter(
    hass: HomeAssistant, result: ConfigFlowResult, **fields: Any
) -> ConfigFlowResult:
    result = await hass.config_entries.flow.async_configure(result["flow_id"], fields)
    await hass.async_block_till_done()
    return result


async def test_set_up(hass: HomeAssistant, server: DsmrReaderServer) -> None:
    result = await begin(hass)
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "dsmr_reader"
    typed = f"  {server.url}/api/v2/schema "
    result = await enter(hass, result, **entered(typed, f" {KEY} "))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "DSMR-reader"
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["url"] == server.url
    assert entry.data["api_key"] == KEY
    assert entry.options == {"history": False}
    assert entry.unique_id == f"dsmr_reader:{entry.data['fingerprint']}"
    assert len(entry.data["fingerprint"]) == 16
    # The same server, also at another address.
    again = await enter(hass, await begin(hass), **entered(server.url))
    assert again["reason"] == "already_configured"
    await server.server.move()
    again = await enter(hass, await begin(hass), **entered(server.url))
    assert again["reason"] == "already_configured"
    assert entry.data["url"] == server.url


async def test_a_second_one_gets_a_number(
    hass: HomeAssistant, server: DsmrReaderServer
) -> None:
    await enter(hass, await begin(hass), **entered(server.url))
    async with DsmrReaderServer(State(key=KEY)) as other:
        second = await enter(hass, await begin(hass), **entered(other.url))
        assert second["title"] == "DSMR-reader 2"
        [device] = dr.async_entries_for_config_entry(
            dr.async_get(hass), second["result"].entry_id
        )
        assert device.name == "DSMR-reader 2"
        await hass.config_entries.async_unload(second["result"].entry_id)


async def test_server_without_readings(
    hass: HomeAssistant, state: State, server: DsmrReaderServer
) -> None:
    state.past = None
    result = await enter(hass, await begin(hass), **entered(server.url))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].data["fingerprint"] is None
    assert len(str(result["result"].unique_id)) > 20


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (html_page(502), "server_error"),
        (html_page(200, "Router"), "html_answer"),
        (reset(), "connection_lost"),
        (truncated(), "invalid_json"),
        (redirect("https://elsewhere.example/"), "redirected"),
        (status(403, "<html>no</html>"), "permission_denied"),
        (status(200, '{"hello": "world"}'), "dsmr_reader_other_product"),
        (status(404), "dsmr_reader_other_product"),
        (status(429), "rate_limited"),
    ],
)
async def test_trouble_and_success_after_it(
    hass: HomeAssistant, server: DsmrReaderServer, fault: Any, error: str
) -> None:
    result = await begin(hass)
    server.server.inject(fault)
    result = await enter(hass, result, **entered(server.url))
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"base": error}
    server.server.heal()
    result = await enter(hass, result, **entered(server.url))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_key_and_switch(
    hass: HomeAssistant, state: State, server: DsmrReaderServer
) -> None:
    result = await begin(hass)
    result = await enter(hass, result, **entered(server.url, "wrong"))
    assert result["errors"] == {"base": "dsmr_reader_key"}
    state.allow = False
    result = await enter(hass, result, **entered(server.url))
    assert result["errors"] == {"base": "dsmr_reader_api_disabled"}
    state.allow, state.database_down = True, True
    result = await enter(hass, result, **entered(server.url))
    assert result["errors"] == {"base": "server_error"}
    state.database_down = False
    result = await enter(hass, result, **entered(server.url))
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("not a host", "invalid_address"),
        (
            "http://homeassistant.local:8123/api/hassio_ingress/abc/",
            "dsmr_reader_ingress",
        ),
        ("http://127.0.0.1:1", "connection_refused"),
    ],
)
async def test_addresses(
    hass: HomeAssistant, server: DsmrReaderServer, url: str, error: str
) -> None:
    result = await enter(hass, await begin(hass), **entered(url))
    assert result["errors"] == {"base": error}
    result = await enter(hass, result, **entered(server.url))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_proxy_with_a_password_and_a_path(
    hass: HomeAssistant, state: State, socket_enabled: None
) -> None:
    guarded = DsmrReaderServer(state, prefix="/meter", proxy=("ann", "s3cret-word"))
    async with guarded as server:
        result = await enter(hass, await begin(hass), **entered(server.url))
        assert result["errors"] == {"base": "dsmr_reader_proxy"}
        proxy = {**PROXY, "username": "ann", "password": "s3cret-word"}
        result = await enter(hass, result, **entered(f"{server.url}/", proxy=proxy))
        assert result["type"] is FlowResultType.CREATE_ENTRY
        entry = result["result"]
        assert entry.data["url"].endswith("/meter")
        assert entry.state is ConfigEntryState.LOADED
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_version_that_does_not_say_its_version(
    hass: HomeAssistant, state: State, server: DsmrReaderServer
) -> None:
    state.version = (1, 7)
    result = await enter(hass, await begin(hass), **entered(server.url))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_reauth(
    hass: HomeAssistant, state: State, server: DsmrReaderServer, loaded: MockConfigEntry
) -> None:
    state.key = make_key("another")
    result = await loaded.start_reauth_flow(hass)
    assert result["step_id"] == "dsmr_reader_key"
    result = await enter(hass, result, api_key="still wrong", proxy=PROXY)
    assert result["errors"] == {"base": "dsmr_reader_key"}
    result = await enter(hass, result, api_key=state.key, proxy=PROXY)
    assert result["reason"] == "reauth_successful"
    assert loaded.data["api_key"] == state.key
    assert loaded.data["url"] == server.url
    assert loaded.state is ConfigEntryState.LOADED


async def test_reconfigure(hass: HomeAssistant, server: DsmrReaderServer) -> None:
    result = await enter(hass, await begin(hass), **entered(server.url))
    entry = result["result"]
    before = entry.unique_id
    await server.server.move()
    result = await reconfigure(hass, entry)
    assert result["step_id"] == "dsmr_reader"
    given = {"url": "http://127.0.0.1:1", "api_key": KEY, "proxy": PROXY}
    result = await enter(hass, result, **given)
    assert result["errors"] == {"base": "connection_refused"}
    result = await enter(hass, result, **{**given, "url": server.url})
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["url"] == server.url
    assert entry.unique_id == before
    assert entry.state is ConfigEntryState.LOADED


async def test_reconfigure_to_another_server(
    hass: HomeAssistant, state: State, server: DsmrReaderServer
) -> None:
    result = await enter(hass, await begin(hass), **entered(server.url))
    entry = result["result"]
    other_state = State(key=KEY)
    other_state.new.add(reading(timestamp=datetime(2020, 1, 1, tzinfo=UTC)))
    async with DsmrReaderServer(other_state) as other:
        result = await reconfigure(hass, entry)
        given = {"url": other.url, "api_key": KEY, "proxy": PROXY}
        result = await enter(hass, result, **given)
        assert result["reason"] == "unique_id_mismatch"
        # Another entry of the same address is no place to move to, either.
        second = MockConfigEntry(
            domain=DOMAIN,
            unique_id="dsmr_reader:other",
            data={**entry.data, "url": other.url, "fingerprint": None},
        )
        second.add_to_hass(hass)
        result = await reconfigure(hass, second)
        given["url"] = server.url
        result = await enter(hass, result, **given)
        assert result["reason"] == "already_configured"
    assert entry.data["url"] == server.url


async def test_time_out(
    hass: HomeAssistant, server: DsmrReaderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from custom_components.junction.backends.forward.client.api import ReaderApi

    defaults = dict(ReaderApi.__init__.__kwdefaults__ or {})
    monkeypatch.setattr(
        ReaderApi.__init__, "__kwdefaults__", {**defaults, "timeout": 0.2}
    )
    result = await begin(hass)
    server.server.inject(hang())
    result = await enter(hass, result, **entered(server.url))
    assert result["errors"] == {"base": "timed_out"}
    hints = result["description_placeholders"]
    assert hints is not None and hints["seconds"] == "0.2"


# A certificate of its own.


@pytest.fixture
def certificate() -> DeviceCertificate:
    return make_certificate("meter")


@pytest.fixture
async def secure(
    state: State, certificate: DeviceCertificate, socket_enabled: None
) -> AsyncGenerator[DsmrReaderServer]:
    async with DsmrReaderServer(state, certificate) as running:
        yield running


@pytest.mark.parametrize("trust", ["pin", "any"])
async def test_a_certificate_of_its_own(
    hass: HomeAssistant,
    secure: DsmrReaderServer,
    certificate: DeviceCertificate,
    trust: str,
) -> None:
    """The key is sent only after the user has accepted the certificate."""
    result = await enter(hass, await begin(hass), **entered(secure.url, "wrong"))
    assert result["step_id"] == "certificate"
    told = result["description_placeholders"]
    assert told is not None
    assert told["fingerprint"].replace(":", "").lower() == certificate.sha256
    assert secure.server.log.count() == 0
    result = await enter(hass, result, trust=trust)
    assert result["step_id"] == "dsmr_reader"
    assert result["errors"] == {"base": "dsmr_reader_key"}
    result = await enter(hass, result, **entered(secure.url))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.data["pin"] == (certificate.sha256 if trust == "pin" else None)
    assert entry.data["verify_ssl"] is (trust == "pin")
    assert entry.state is ConfigEntryState.LOADED


async def test_a_certificate_that_cannot_be_read(
    hass: HomeAssistant, secure: DsmrReaderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: Any) -> None:
        raise TimedOutError(10)

    with monkeypatch.context() as patched:
        patched.setattr(shared, "fetch_certificate", lost)
        result = await enter(hass, await begin(hass), **entered(secure.url))
    assert result["errors"] == {"base": "certificate_not_trusted"}
    result = await enter(hass, result, **entered(secure.url))
    result = await enter(hass, result, trust="pin")
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_another_certificate_with_another_key_or_address(
    hass: HomeAssistant, state: State, secure: DsmrReaderServer
) -> None:
    result = await enter(hass, await begin(hass), **entered(secure.url))
    result = await enter(hass, result, trust="pin")
    entry = result["result"]
    # The same certificate needs no second look.
    given = {"url": secure.url, "api_key": KEY, "proxy": PROXY}
    result = await enter(hass, await reconfigure(hass, entry), **given)
    assert result["reason"] == "reconfigure_successful"

    second, state.key = make_certificate("second"), make_key("another")
    await secure.server.change_certificate(second)
    result = await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_REAUTH, "entry_id": entry.entry_id},
        data=entry.data,
    )
    result = await enter(hass, result, api_key=state.key, proxy=PROXY)
    assert result["step_id"] == "certificate"
    assert result["errors"] == {"base": "certificate_changed"}
    result = await enter(hass, result, trust="pin")
    assert result["reason"] == "reauth_successful"
    assert (entry.data["api_key"], entry.data["pin"]) == (state.key, second.sha256)

    third = make_certificate("third")
    await secure.server.change_certificate(third)
    await secure.server.move()
    given |= {"url": secure.url, "api_key": state.key}
    result = await enter(hass, await reconfigure(hass, entry), **given)
    assert result["step_id"] == "certificate"
    assert result["errors"] == {}
    result = await enter(hass, result, trust="pin")
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["pin"] == third.sha256
    assert entry.state is ConfigEntryState.LOADED
