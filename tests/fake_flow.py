"""The config flow with the steps of the fake backend."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from homeassistant.config_entries import (
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
    OptionsFlowWithReload,
    SubentryFlowResult,
)
import probatio as vol

from custom_components.junction.backends.flow import BackendFlow

FORM = vol.Schema({vol.Required("serial"): str, vol.Required("host"): str})


class FakeOptionsFlow(OptionsFlowWithReload):
    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        if user_input is not None:
            return self.async_create_entry(data=user_input)
        return self.async_show_form(
            step_id="init", data_schema=vol.Schema({vol.Required("interval"): float})
        )


class FakeSubentryFlow(ConfigSubentryFlow):
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        return self.async_create_entry(title="More", data={})

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        return self.async_update_and_abort(
            self._get_entry(), self._get_reconfigure_subentry(), title="Changed"
        )


class FakeFlow(BackendFlow):
    """Asks for a serial number, and believes it."""

    options_flow: ClassVar[type[OptionsFlow] | None] = FakeOptionsFlow
    subentry_flows: ClassVar[Mapping[str, type[ConfigSubentryFlow]]] = {
        "more": FakeSubentryFlow
    }

    async def _ask(
        self, step: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        if user_input is None:
            return self.async_show_form(step_id=step, data_schema=FORM)
        return await self.async_finish(
            "fake",
            user_input["serial"],
            "Fake house",
            {"host": user_input["host"]},
            {"interval": 20.0},
        )

    async def async_step_fake(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        return await self._ask("fake", user_input)

    async def async_step_reauth_fake(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        return await self._ask("reauth_fake", user_input)

    async def async_step_reconfigure_fake(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        return await self._ask("reconfigure_fake", user_input)


FLOW: Final = FakeFlow
