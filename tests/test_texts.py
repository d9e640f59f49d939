"""The recorder of missing texts, which observes all other tests."""

from typing import Any

from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig
import probatio as vol
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.config_flow import JunctionConfigFlow
from custom_components.junction.const import DOMAIN
from custom_components.junction.model import SensorPoint

from .texts import Watch, watch


class Forms:
    """Shows a flow's results to a watch."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.flow = JunctionConfigFlow()
        self.flow.hass = hass
        self.flow.handler = DOMAIN
        self.flow.flow_id = "1"
        self.flow.context = {"source": "user"}

    def form(self, **more: Any) -> ConfigFlowResult:
        return self.flow.async_show_form(**more)


async def test_watch_sees_flows(hass: HomeAssistant, every_text: Watch) -> None:
    flow = Forms(hass).flow
    with watch(seen := Watch()):
        flow.async_show_form(
            step_id="nowhere",
            errors={"base": "strange"},
            data_schema=vol.Schema(
                {
                    vol.Required("port"): str,
                    vol.Required("mode"): SelectSelector(
                        SelectSelectorConfig(options=["a"], translation_key="modes")
                    ),
                }
            ),
        )
        flow.async_show_menu(step_id="user", menu_options=["dsmr", "typewriter"])
        flow.async_abort(reason="bored")
        flow.async_show_progress(
            step_id="x", progress_action="waiting", progress_task=None
        )
    every_text.problems.clear()
    assert seen.problems == {
        "no text config.step.nowhere.title or .description",
        "no text config.error.strange",
        "no text config.step.nowhere.data.port",
        "no text config.step.nowhere.data_description.port",
        "no text config.step.nowhere.data.mode",
        "no text config.step.nowhere.data_description.mode",
        "no text selector.modes.options.a",
        "no text config.step.user.menu_options.typewriter",
        "no text config.abort.bored",
        "no text config.progress.waiting",
    }


async def test_watch_sees_everything_else(
    hass: HomeAssistant, every_text: Watch, device_registry: dr.DeviceRegistry
) -> None:
    entry = MockConfigEntry(domain=DOMAIN)
    entry.add_to_hass(hass)
    with watch(seen := Watch()):
        for key, name in (("nowhere", None), ("voltage_phase", None), (None, "Mine")):
            SensorPoint(
                device="d",
                name=name,
                description=SensorEntityDescription(key="x", translation_key=key),
            )
        SensorPoint(device="d", description=SensorEntityDescription(key="bare"))
        device_registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            identifiers={(DOMAIN, "1")},
            translation_key="nothing",
        )
        HomeAssistantError(translation_domain=DOMAIN, translation_key="oops")
        HomeAssistantError(translation_domain=DOMAIN, translation_key="not_offered")
        ir.async_create_issue(
            hass,
            DOMAIN,
            "1",
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key="ouch",
        )
    every_text.problems.clear()
    assert seen.problems == {
        "no text entity.sensor.nowhere",
        "entity.sensor.voltage_phase.name: nothing for {phase}",
        "no icon entity.sensor.voltage_phase.default",
        "sensor bare has no name",
        "no text device.nothing.name",
        "no text exceptions.oops.message",
        "exceptions.not_offered.message: nothing for {entity}",
        "no text issues.ouch.title",
        "no text issues.ouch.description",
    }
