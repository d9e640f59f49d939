"""What the config flows of all backends share."""

from collections.abc import Mapping
from typing import Any, ClassVar

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..const import CONF_BACKEND, DOMAIN


class BackendFlow(ConfigFlow):
    """The steps of one backend, mixed into the one config flow of the integration.

    Step ids are global: they start with the backend's name (``dsmr``, ``dsmr_key``).
    A backend has ``async_step_<name>``, ``async_step_reconfigure_<name>`` and, where
    there are credentials, ``async_step_reauth_<name>``.
    """

    options_flow: ClassVar[type[OptionsFlow] | None] = None
    subentry_flows: ClassVar[Mapping[str, type[ConfigSubentryFlow]]] = {}

    @property
    def entry_in_repair(self) -> ConfigEntry[Any] | None:
        """The entry that is re-authenticated or reconfigured; None for a new one."""
        if self.source == SOURCE_REAUTH:
            return self._get_reauth_entry()
        if self.source == SOURCE_RECONFIGURE:
            return self._get_reconfigure_entry()
        return None

    async def async_finish(
        self,
        backend: str,
        installation: str,
        title: str,
        data: Mapping[str, Any],
        options: Mapping[str, Any] | None = None,
    ) -> ConfigFlowResult:
        """Create the entry, or update the one that this flow is about.

        ``installation`` is a stable id of what answered, never its address. Another
        installation than the entry's is refused; a known one gets the new data.
        """
        await self.async_set_unique_id(f"{backend}:{installation}")
        if (entry := self.entry_in_repair) is not None:
            self._abort_if_unique_id_mismatch()
            return self.async_update_reload_and_abort(entry, data_updates=data)
        self._abort_if_unique_id_configured(updates=dict(data))
        return self.async_create_entry(
            title=title, data={CONF_BACKEND: backend, **data}, options=options
        )


async def async_words(hass: HomeAssistant, *selectors: str) -> dict[str, str]:
    """Return the option texts of selectors, by "selector.option".

    Placeholders of a form are not translated; this is for words inside them.
    """
    texts = await async_get_translations(
        hass, hass.config.language, "selector", {DOMAIN}
    )
    prefix = f"component.{DOMAIN}.selector."
    return {
        key.removeprefix(prefix).replace(".options.", "."): text
        for key, text in texts.items()
        if key.removeprefix(prefix).partition(".")[0] in selectors
    }
