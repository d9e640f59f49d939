"""Ways to what Mycodo's DaemonControl does, each tried against a simulated Mycodo."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.mycodo.daemon import DaemonServer
from simulators.mycodo.plan import CLIMATE, CONDITIONAL, DIMMER, FAN, RELAYS, TRIGGER
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import State, uid

from ...common import act, shown, state_of
from .conftest import Poll
from .with_daemon import ACTION, ACTIONS, DISPLAY, HEATING, LAMP, call


@dataclass(frozen=True, slots=True)
class House:
    """Objects that a trial needs."""

    hass: HomeAssistant
    entry: MockConfigEntry
    mycodo: MycodoServer
    daemon: DaemonServer
    registry: er.EntityRegistry
    poll: Poll

    @property
    def state(self) -> State:
        """The state of the simulated Mycodo."""
        return self.mycodo.state

    @property
    def outputs(self) -> dict[str, Any]:
        """The states of the outputs."""
        return self.mycodo.engine.states()

    async def act(self, action: str, entity_id: str, **data: Any) -> None:
        """Carry out an action on an entity."""
        await act(self.hass, action, entity_id, **data)

    async def own(self, action: str, **data: Any) -> Any:
        """Carry out an action of Junction, and return its answer."""
        return await self.hass.services.async_call(
            "junction", action, data, blocking=True, return_response=True
        )

    def has(self, *keys: str) -> set[str]:
        """Return which of these translation keys any entity has."""
        found = er.async_entries_for_config_entry(self.registry, self.entry.entry_id)
        return {one.translation_key for one in found if one.translation_key in keys}


type Trial = Callable[[House], Awaitable[None]]


# Without the channel.


async def active_switch(house: House) -> None:
    for on in (False, True):
        await house.act(
            f"switch.turn_{'on' if on else 'off'}", "switch.climate_sensor_active"
        )
        assert house.state.inputs[0].active is on


async def measure_now(house: House) -> None:
    at = f"/api/inputs/{uid(CLIMATE)}/force-measurement"
    before = len(house.mycodo.server.log.to("POST", at))
    await house.act("button.press", "button.climate_sensor_measure_now")
    assert len(house.mycodo.server.log.to("POST", at)) == before + 1


async def outputs(house: House) -> None:
    for entity_id, output, channel in (
        (LAMP, 1, "0"),
        ("light.relay_board_humidifier", RELAYS, "2"),
        ("fan.relay_board_fan", RELAYS, "1"),
    ):
        domain = entity_id.partition(".")[0]
        for on in (True, False):
            await house.act(f"{domain}.turn_{'on' if on else 'off'}", entity_id)
            assert house.outputs[uid(output)][channel] is on
    valve = "valve.relay_board_heater"
    for action, opened in (("open", True), ("close", False)):
        await house.act(f"valve.{action}_valve", valve)
        assert house.outputs[uid(RELAYS)]["0"] is opened
    volts = "number.dimmer_0_10_v_left"
    await house.act("number.set_value", volts, value=2.5)
    assert house.outputs[uid(DIMMER)]["0"] == 2.5
    entry = house.entry.entry_id
    await house.own("turn_on_for", entity_id=LAMP, duration={"seconds": 600})
    assert house.mycodo.engine.executed[-1][2] == "on sec 600"
    await house.own("dispense", entry=entry, entity="switch.nutrient_pump", volume=5)
    assert house.mycodo.engine.executed[-1][2] == "on vol 5"
    light = "light.circulation_fan"
    await house.own("set_duty_cycle", entry=entry, entity=light, duty_cycle=40)
    assert house.outputs[uid(FAN)]["0"] == 40
    await house.own("set_value", entry=entry, entity=volts, value=3.5)
    assert house.outputs[uid(DIMMER)]["0"] == 3.5


async def states(house: House) -> None:
    for on in ("on", "off"):
        house.mycodo.engine.command(uid(1), 0, on, "sec", 0)
        await house.poll()
        assert shown(house.hass, LAMP) == on


async def shown_pid(house: House) -> None:
    pid = house.state.pids[0]
    attributes = state_of(house.hass, HEATING).attributes
    assert attributes["current_temperature"] == 22.0
    if "daemon" in house.entry.options:
        assert attributes["temperature"] == pid.setpoint
    else:
        assert float(shown(house.hass, "sensor.heating_set_to")) == pid.setpoint
    assert float(shown(house.hass, "sensor.heating_setpoint")) == pid.setpoint
    for gain, value in (("kp", pid.p), ("ki", pid.i), ("kd", pid.d)):
        domain = "number" if "daemon" in house.entry.options else "sensor"
        assert float(shown(house.hass, f"{domain}.heating_{gain}")) == value


async def setpoint(house: House) -> None:
    await house.act("climate.set_temperature", HEATING, temperature=25.5)
    assert house.state.pids[0].setpoint == 25.5


async def presets(house: House) -> None:
    pid = house.state.pids[0]
    for preset, held, paused in (
        ("held", True, False),
        ("paused", False, True),
        ("running", False, False),
    ):
        await house.act("climate.set_preset_mode", HEATING, preset_mode=preset)
        assert (pid.held, pid.paused) == (held, paused)


async def presets_or_trigger(house: House) -> None:
    await presets(house)
    await trigger_or_conditional(house)


async def sensors(house: House) -> None:
    assert shown(house.hass, "sensor.climate_sensor_air") == "22.0"


async def trigger_or_conditional(house: House) -> None:
    """Mycodo runs the actions of an active trigger."""
    for name, row in (
        ("every_minute", house.state.triggers[0]),
        ("frost_guard", house.state.conditionals[0]),
    ):
        for on in (False, True):
            await house.act(
                f"switch.turn_{'on' if on else 'off'}", f"switch.greenhouse_{name}"
            )
            assert row.active is on


async def display_off_and_on(house: House) -> None:
    [display] = [one for one in house.state.functions if one.unique_id == uid(DISPLAY)]
    for on in (False, True):
        await house.act(f"switch.turn_{'on' if on else 'off'}", "switch.display_active")
        assert display.active is on


async def terminate_by_the_web_server(house: House) -> None:
    fields = {"entry": house.entry.entry_id, "method": "POST"}
    with pytest.raises(HomeAssistantError):
        await house.own("call_api", **fields, path="daemon/terminate")
    assert house.state.daemon_running
    await house.own("call_api", **fields, path="daemon/terminate", confirm=True)
    assert not house.state.daemon_running


def no(*keys: str) -> Trial:
    """Return a check that no entity shows this without the channel."""

    async def check(house: House) -> None:
        assert house.has(*keys) == set()

    return check


# With the channel; each function is called by the action besides.


async def by_the_action(house: House) -> None:
    """Do nothing more: the response of each function is checked in every row."""


async def time_on(house: House) -> None:
    house.mycodo.engine.command(uid(RELAYS), 1, "on", "sec", 0)
    await house.poll()
    assert float(shown(house.hass, "sensor.relay_board_time_on_fan")) > 0


def reloads(*buttons: str, told: tuple[str, str]) -> Trial:
    """Return a check that these buttons are there, and the last one does something."""

    async def check(house: House) -> None:
        for button in buttons:
            await house.act("button.press", f"button.{button}")
        assert told in house.daemon.told.refreshed

    return check


async def reload_pid(house: House) -> None:
    before = house.daemon.calls.count("pid_mod")
    await house.act("button.press", "button.heating_reload_settings")
    assert house.daemon.calls.count("pid_mod") == before + 1


async def reload_all(house: House) -> None:
    house.state.conditionals[0].active = True
    for name in ("", "_every_minute", "_frost_guard"):
        await house.act("button.press", f"button.greenhouse_reload_settings{name}")
    assert house.daemon.told.refreshed == [
        ("misc", ""),
        ("trigger", uid(TRIGGER)),
        ("conditional", uid(CONDITIONAL)),
    ]


async def pid_sensors(house: House) -> None:
    assert shown(house.hass, "sensor.heating_integrator") == "0.7"
    assert shown(house.hass, "sensor.heating_control_error") not in (
        "unknown",
        "unavailable",
    )


async def gains(house: House) -> None:
    for gain, name in (("kp", "p"), ("ki", "i"), ("kd", "d")):
        await house.act("number.set_value", f"number.heating_{gain}", value=3.25)
        assert getattr(house.state.pids[0], name) == 3.25


async def run_actions(house: House) -> None:
    for name in ("every_minute", f"execute_actions_{uid(ACTIONS)[:8]}"):
        await house.act("button.press", f"button.greenhouse_run_actions_{name}")
    ran = [identity for identity, _ in house.daemon.told.actions]
    assert ran == [uid(TRIGGER), uid(ACTIONS)]


async def display(house: House) -> None:
    await house.act("switch.turn_on", "switch.display_backlight")
    await house.act("button.press", "button.display_flash_backlight")
    await house.act("button.press", "button.display_stop_flashing")
    assert [what for _, what in house.daemon.told.displays] == [
        "backlight True",
        "backlight_flash_on",
        "backlight_flash_off",
    ]


async def no_mail(house: House) -> None:
    with pytest.raises(HomeAssistantError) as error:
        await call(
            house.hass,
            house.entry,
            "send_email",
            recipients="a@b.example",
            message="hi",
        )
    assert error.value.translation_key == "mycodo_channel_no_function"
    said = await call(
        house.hass, house.entry, "trigger_action", id=uid(ACTION), message="hi"
    )
    assert said == "hi Pause PID (Heating)."


async def terminate(house: House) -> None:
    with pytest.raises(HomeAssistantError):
        await call(house.hass, house.entry, "terminate_daemon", confirm=False)
    assert house.state.daemon_running
    await call(house.hass, house.entry, "terminate_daemon", confirm=True)
    assert not house.state.daemon_running
