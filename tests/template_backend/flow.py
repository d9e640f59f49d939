"""Config flow for the controller."""

from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import TextSelector
import probatio as vol

from custom_components.junction.backends.flow import BackendFlow
from custom_components.junction.errors import BackendError

from .client import TemplateClient

FORM: Final = vol.Schema(
    {vol.Required("url"): TextSelector(), vol.Required("key"): TextSelector()}
)


class TemplateFlow(BackendFlow):
    """One form, for a new entry and for an entry in repair."""

    async def async_step_template(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for address and key, and try them."""
        error: BackendError | None = None
        if user_input is not None:
            session = async_get_clientsession(self.hass)
            try:
                client = TemplateClient(session, user_input["url"], user_input["key"])
                status = await client.status()
            except BackendError as err:
                error = err
            else:
                return await self.async_finish(
                    "template", status.serial, status.name, user_input
                )
        entry = self.entry_in_repair
        known = user_input or (entry.data if entry else None)
        return self.async_ask(
            step_id="template", schema=FORM, error=error, filled=known
        )

    async def async_step_reauth_template(self) -> ConfigFlowResult:
        """Ask for the new key."""
        return await self.async_step_template()

    async def async_step_reconfigure_template(self) -> ConfigFlowResult:
        """Ask for the new address."""
        return await self.async_step_template()


FLOW: Final = TemplateFlow
