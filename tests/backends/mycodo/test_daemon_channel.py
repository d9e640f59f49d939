"""The daemon's own port, against a real Pyro5 server that answers as Mycodo's does."""

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.errors import BackendError
from simulators.mycodo.daemon import DaemonServer
from simulators.mycodo.plan import CONDITIONAL, PID, RELAYS, TRIGGER
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import State, uid

from ...common import act, reason, shown
from .conftest import Poll, no_errors, until
from .with_daemon import (
    ACTIONS,
    CHANNEL,
    DISPLAY,
    HEATING,
    LAMP,
    NOWHERE,
    call,
    daemon,
    installed,
    loaded,
    options,
    state,
)

__all__ = ["daemon", "installed", "loaded", "options", "state"]


async def test_nobody_installs_what_nobody_switched_on(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    daemon: DaemonServer,
    installed: list[list[str]],
) -> None:
    hass.config_entries.async_update_entry(entry, options={})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert installed == []
    assert daemon.calls == []
    assert hass.states.get(CHANNEL) is None
    with pytest.raises(HomeAssistantError) as error:
        await call(hass, entry, "pid_hold", id=uid(PID))
    assert error.value.translation_key == "mycodo_channel_missing"


async def test_installed_for_those_who_did(
    loaded: MockConfigEntry, installed: list[list[str]]
) -> None:
    assert ["Pyro5==5.16", "serpent==1.43"] in installed


async def test_a_pid_without_a_widget(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry
) -> None:
    pid = state.pids[0]
    await act(hass, "climate.set_temperature", HEATING, temperature=25.5)
    assert pid.setpoint == 25.5
    for preset, flags in (
        ("held", (True, False)),
        ("paused", (False, True)),
        ("running", (False, False)),
    ):
        await act(hass, "climate.set_preset_mode", HEATING, preset_mode=preset)
        assert (pid.held, pid.paused) == flags
    for gain, name in (("kp", "p"), ("ki", "i"), ("kd", "d")):
        entity_id = f"number.heating_{gain}"
        await act(hass, "number.set_value", entity_id, value=3.25)
        assert getattr(pid, name) == 3.25
        assert shown(hass, entity_id) == "3.25"


async def test_a_pid_that_is_off_takes_nothing(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry, poll: Poll
) -> None:
    state.pids[0].active = False
    await poll(31)
    assert shown(hass, "number.heating_kp") == "unavailable"
    with pytest.raises(HomeAssistantError) as error:
        await act(hass, "climate.set_temperature", HEATING, temperature=20.0)
    assert reason(error.value) == "mycodo_pid_not_running"


async def test_what_only_the_daemon_tells(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    assert shown(hass, CHANNEL) == "on"
    assert shown(hass, "sensor.heating_integrator") == "0.7"
    assert shown(hass, "sensor.relay_board_time_on_fan") == "0.0"
    mycodo.engine.command(uid(RELAYS), 1, "on", "sec", 0)
    await poll()
    assert float(shown(hass, "sensor.relay_board_time_on_fan")) > 0


async def test_buttons(
    hass: HomeAssistant, daemon: DaemonServer, loaded: MockConfigEntry
) -> None:
    for name in (
        "run_actions_every_minute",
        "run_actions_frost_guard",
        f"run_actions_execute_actions_{uid(ACTIONS)[:8]}",
    ):
        await act(hass, "button.press", f"button.greenhouse_{name}")
    ran = [identity for identity, _ in daemon.told.actions]
    assert ran == [uid(TRIGGER), uid(CONDITIONAL), uid(ACTIONS)]
    await act(hass, "button.press", "button.relay_board_reload_settings")
    await act(hass, "button.press", "button.heating_reload_settings")
    await act(hass, "button.press", "button.greenhouse_reload_settings")
    await act(hass, "button.press", "button.greenhouse_reload_settings_every_minute")
    assert daemon.told.refreshed == [
        ("output", uid(RELAYS)),
        ("misc", ""),
        ("trigger", uid(TRIGGER)),
    ]


async def test_a_display(
    hass: HomeAssistant, daemon: DaemonServer, loaded: MockConfigEntry
) -> None:
    assert shown(hass, "switch.display_backlight") == "unknown"
    await act(hass, "switch.turn_on", "switch.display_backlight")
    assert shown(hass, "switch.display_backlight") == "on"
    await act(hass, "button.press", "button.display_flash_backlight")
    await act(hass, "button.press", "button.display_stop_flashing")
    await act(hass, "button.press", "button.display_restart")
    assert [what for _, what in daemon.told.displays] == [
        "backlight True",
        "backlight_flash_on",
        "backlight_flash_off",
    ]
    assert ("restart", uid(DISPLAY)) in daemon.told.refreshed


# A fault of the channel affects nothing else.


async def test_a_daemon_that_still_starts(
    hass: HomeAssistant, daemon: DaemonServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    """It answers, but has not loaded everything."""
    daemon.starting = "Error: Output controller"
    await poll(31)
    assert shown(hass, CHANNEL) == "off"
    assert shown(hass, "sensor.heating_integrator") == "unavailable"
    assert shown(hass, LAMP) == "off"
    daemon.starting = None
    await poll(31)
    assert shown(hass, CHANNEL) == "on"
    assert shown(hass, "sensor.heating_integrator") == "0.7"


async def test_a_daemon_that_is_gone_and_comes_back(
    hass: HomeAssistant,
    daemon: DaemonServer,
    loaded: MockConfigEntry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await daemon.stop()
    await poll(31)
    assert shown(hass, CHANNEL) == "off"
    for on in ("on", "off"):
        await act(hass, f"switch.turn_{on}", LAMP)
        assert shown(hass, LAMP) == on
    with pytest.raises(HomeAssistantError) as error:
        await act(hass, "climate.set_temperature", HEATING, temperature=20.0)
    assert reason(error.value) == "mycodo_channel_down"
    await daemon.start()
    await poll(31)
    assert shown(hass, CHANNEL) == "on"
    await act(hass, "climate.set_temperature", HEATING, temperature=20.0)
    assert no_errors(caplog) == []


async def test_a_command_that_timed_out_is_not_sent_again(
    hass: HomeAssistant,
    daemon: DaemonServer,
    state: State,
    loaded: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It may still be carried out."""
    line = loaded.runtime_data.backend.daemon.channel._commands
    await call(hass, loaded, "pid_resume", id=uid(PID))
    line._proxy._pyroTimeout = 0.2
    daemon.frozen = True
    daemon.calls.clear()
    with pytest.raises(HomeAssistantError) as error:
        await act(hass, "climate.set_temperature", HEATING, temperature=21.0)
    assert reason(error.value) == "mycodo_channel_timeout"
    assert daemon.calls.count("pid_set") == 1
    daemon.frozen = False
    await hass.async_block_till_done(wait_background_tasks=True)
    assert daemon.calls.count("pid_set") == 1


async def test_unloading_does_not_wait_for_a_frozen_daemon(
    hass: HomeAssistant, daemon: DaemonServer, loaded: MockConfigEntry
) -> None:
    daemon.frozen = True
    channel = loaded.runtime_data.backend.daemon.channel
    before = daemon.calls.count("check_daemon")
    asking = hass.async_create_task(channel.read("check_daemon"))
    await until(lambda: daemon.calls.count("check_daemon") > before)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    with pytest.raises(BackendError):
        await asking
    daemon.frozen = False


# The options.


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Open the step, and return the flow."""
    flow = await hass.config_entries.options.async_init(entry.entry_id)
    result = await hass.config_entries.options.async_configure(
        flow["flow_id"], {"next_step_id": "mycodo_daemon"}
    )
    assert result["step_id"] == "mycodo_daemon"
    return str(flow["flow_id"])


async def test_switched_on_in_the_options(
    hass: HomeAssistant, daemon: DaemonServer, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(entry, options={})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    flow = await begin(hass, entry)
    configure = hass.config_entries.options.async_configure
    port = daemon.port
    result = await configure(flow, {"daemon": True, "daemon_port": 1})
    assert result["errors"] == {"base": "mycodo_channel_down"}
    result = await configure(
        flow, {"daemon": True, "daemon_host": "127.0.0.1", "daemon_port": port}
    )
    assert result["type"] == "create_entry"
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.options["daemon"] is True
    assert hass.states.get(CHANNEL) is not None


async def test_the_daemon_of_another_mycodo(
    hass: HomeAssistant,
    daemon: DaemonServer,
    state: State,
    mycodo: MycodoServer,
    entry: MockConfigEntry,
) -> None:
    hass.config_entries.async_update_entry(entry, options={})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    flow = await begin(hass, entry)
    outputs, state.outputs[:] = list(state.outputs), state.outputs[:1]
    state.outputs[0].unique_id = NOWHERE
    result = await hass.config_entries.options.async_configure(
        flow,
        {"daemon": True, "daemon_host": "127.0.0.1", "daemon_port": daemon.port},
    )
    assert result["errors"] == {"base": "mycodo_channel_other"}
    assert outputs


async def test_a_port_where_something_else_listens(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    daemon: DaemonServer,
    entry: MockConfigEntry,
) -> None:
    hass.config_entries.async_update_entry(entry, options={})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    flow = await begin(hass, entry)
    result = await hass.config_entries.options.async_configure(
        flow,
        {
            "daemon": True,
            "daemon_host": "127.0.0.1",
            "daemon_port": mycodo.plain_port,
        },
    )
    assert result["errors"] == {"base": "mycodo_channel_no_daemon"}
    result = await hass.config_entries.options.async_configure(flow, {"daemon": False})
    assert result["type"] == "create_entry"
