"""What the options of all backends share."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigFlowContext,
    ConfigFlowResult,
    OptionsFlowWithReload,
)
from homeassistant.data_entry_flow import AbortFlow
import probatio as vol

from ..const import CONF_BACKEND
from .flow import Forms


class BackendOptionsFlow(
    Forms[ConfigFlowContext, ConfigFlowResult, str], OptionsFlowWithReload
):
    """Begins with ``async_step_<name>``: steps are named by the backend, as texts are."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go on with the backend's own first step."""
        step = getattr(self, f"async_step_{self.config_entry.data[CONF_BACKEND]}")
        result: ConfigFlowResult = await step()
        return result

    @property
    def backend(self) -> Any:  # noqa: ANN401 - each flow knows whose it is
        """The running backend. Ends the flow while there is none."""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            raise AbortFlow("entry_not_loaded")
        return self.config_entry.runtime_data.backend

    def async_save(self, changed: Mapping[str, Any]) -> ConfigFlowResult:
        """End the flow with changed options; others stay."""
        return self.async_create_entry(data={**self.config_entry.options, **changed})

    def async_change(
        self, step_id: str, schema: vol.Schema, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Show the form of a step, filled with the options, or save what was entered."""
        if user_input is not None:
            return self.async_save(user_input)
        return self.async_ask(
            step_id=step_id, schema=schema, filled=self.config_entry.options
        )
