"""Options flow for OpenMotics."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.helpers.selector import SelectSelector
import probatio as vol

from ..flow import choice, choice_of, number
from ..options import BackendOptionsFlow
from .client.models import PulseCounter
from .entities.pulse_counters import MEDIA
from .settings import (
    AS_BUTTON,
    AS_LIGHT,
    AS_NUMBER,
    AS_SCENE,
    AS_SWITCH,
    AS_VALVE,
    CONF_DIMMERS,
    CONF_GROUP_ACTIONS,
    CONF_POWER_INTERVAL,
    CONF_PULSES,
    CONF_VALVES,
    DEFAULT_POWER_INTERVAL,
)

CONF_COUNTER: Final = "pulse_counter"
CONF_MEDIUM: Final = "medium"
CONF_PER_UNIT: Final = "per_unit"
NO_MEDIUM: Final = "none"


def _choice(key: str, *options: str) -> SelectSelector:
    return choice(f"openmotics_{key}", *options)


SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_VALVES, default=AS_SWITCH): _choice(
            CONF_VALVES, AS_SWITCH, AS_VALVE
        ),
        vol.Required(CONF_DIMMERS, default=AS_NUMBER): _choice(
            CONF_DIMMERS, AS_NUMBER, AS_LIGHT
        ),
        vol.Required(CONF_GROUP_ACTIONS, default=AS_SCENE): _choice(
            CONF_GROUP_ACTIONS, AS_SCENE, AS_BUTTON
        ),
        vol.Required(CONF_POWER_INTERVAL, default=DEFAULT_POWER_INTERVAL): number(
            10, 300, "s", step=5
        ),
    }
)
PULSE_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_MEDIUM, default=NO_MEDIUM): _choice(
            CONF_MEDIUM, NO_MEDIUM, *MEDIA
        ),
        vol.Required(CONF_PER_UNIT, default=1000): number(0.001, 1_000_000, step="any"),
    }
)


class OpenMoticsOptionsFlow(BackendOptionsFlow):
    """Options flow of OpenMotics."""

    _chosen: Mapping[str, Any] = {}
    _counter: str = ""

    async def async_step_openmotics(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask how to show things, and whether to configure a pulse counter."""
        counters = self._counters()
        options = self.config_entry.options
        if user_input is not None:
            self._chosen = {
                CONF_PULSES: options.get(CONF_PULSES, {}),
                **user_input,
            }
            self._counter = user_input.get(CONF_COUNTER, "")
            if self._counter:
                return await self.async_step_openmotics_pulses()
            return self.async_create_entry(data=self._chosen)
        schema = SCHEMA
        if counters:
            names = {str(one.id): one.name or f"{one.id}" for one in counters}
            schema = SCHEMA.extend({vol.Optional(CONF_COUNTER): choice_of(names)})
        return self.async_ask(step_id="openmotics", schema=schema, filled=options)

    async def async_step_openmotics_pulses(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what a pulse counter counts; the gateway does not know."""
        pulses: Mapping[str, Any] = self._chosen[CONF_PULSES]
        if user_input is not None:
            data = {k: v for k, v in self._chosen.items() if k != CONF_COUNTER}
            data[CONF_PULSES] = {**pulses, self._counter: user_input}
            return self.async_create_entry(data=data)
        names = {str(one.id): one.name for one in self._counters()}
        return self.async_ask(
            step_id="openmotics_pulses",
            schema=PULSE_SCHEMA,
            filled=pulses.get(self._counter),
            counter=names.get(self._counter) or self._counter,
        )

    def _counters(self) -> tuple[PulseCounter, ...]:
        """Return the pulse counters of the installation, if it is connected."""
        coordinator = getattr(self.config_entry, "runtime_data", None)
        backend = getattr(coordinator, "backend", None)
        counters: tuple[PulseCounter, ...] = getattr(backend, "pulse_counters", ())
        return counters
