"""Fix flows of repair issues, with the choices that the backend offers."""

from typing import Any

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig
import probatio as vol

from .backends import load
from .const import CONF_BACKEND, DOMAIN
from .errors import BackendError

CONF_CHOICE = "choice"


async def async_create_fix_flow(
    hass: HomeAssistant,
    issue_id: str,
    data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Return the flow of an issue."""
    return ChoiceFlow(
        issue_id, {key: str(value) for key, value in (data or {}).items()}
    )


class ChoiceFlow(RepairsFlow):
    """Fix flow that lets the user choose; the backend carries out the choice."""

    def __init__(self, issue: str, facts: dict[str, str]) -> None:
        """Store the issue and its data."""
        self._issue = issue
        self._facts = facts

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Start; the input is only the id of the issue."""
        return await self.async_step_choose()

    async def async_step_choose(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Show the choices, and carry out the selected one."""
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self._issue)
        entry = self.hass.config_entries.async_get_entry(
            self._facts.get("entry_id", "")
        )
        if issue is None or entry is None:
            return self.async_abort(reason="entry_gone")
        errors: dict[str, str] = {}
        if user_input is not None:
            info = await self.hass.async_add_import_executor_job(
                load, entry.data[CONF_BACKEND]
            )
            try:
                await info.resolve(
                    self.hass, entry, self._facts, user_input[CONF_CHOICE]
                )
            except BackendError as err:
                errors["base"] = err.key
            else:
                return self.async_create_entry(data={})
        choices = self._facts["choices"].split(",")
        return self.async_show_form(
            step_id="choose",
            data_schema=vol.Schema(
                {
                    vol.Required(CONF_CHOICE, default=choices[0]): SelectSelector(
                        SelectSelectorConfig(
                            options=choices, translation_key=issue.translation_key or ""
                        )
                    )
                }
            ),
            description_placeholders=issue.translation_placeholders,
            errors=errors,
        )
