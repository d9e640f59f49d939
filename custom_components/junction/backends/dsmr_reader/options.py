"""Options flow for DSMR-reader: settings, and imports of its history."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast, override

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
)
import probatio as vol

from ...statistics import ImportResult
from ..flow import number
from ..options import ImportOptionsFlow
from ..words import NONE, NOTHING, UNKNOWN, async_selector_texts
from .entities.history import JOINABLE
from .entities.notice import async_left_out
from .settings import CONF_HISTORY, CONF_INTERVAL, DEFAULT_HISTORY, DEFAULT_INTERVAL

if TYPE_CHECKING:
    from .adapter import ReaderBackend

SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_INTERVAL, default=DEFAULT_INTERVAL): number(5, 300, "s"),
        vol.Required(CONF_HISTORY, default=DEFAULT_HISTORY): BooleanSelector(),
    }
)


def _sensor(device_class: str) -> EntitySelector:
    return EntitySelector(
        EntitySelectorConfig(domain="sensor", device_class=[device_class])
    )


JOIN_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(name): _sensor("gas" if name == "gas" else "energy")
        for name in JOINABLE
    }
)


def _day(moment: datetime | None) -> str:
    return "" if moment is None else moment.date().isoformat()


class ReaderOptionsFlow(ImportOptionsFlow[ImportResult]):
    """Options flow with a menu: settings, an import, or history for existing sensors."""

    _asked: Mapping[str, Any] = {}

    @override
    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the menu. Imports require a loaded entry."""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            return await self.async_step_dsmr_reader()
        return self.async_show_menu(
            step_id="init",
            menu_options=["dsmr_reader", "dsmr_reader_import", "dsmr_reader_join"],
        )

    async def async_step_dsmr_reader(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the settings."""
        return self.async_change("dsmr_reader", SCHEMA, user_input)

    async def async_step_dsmr_reader_import(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Import the whole history again, or show a running import."""
        if user_input is None:
            return self.async_ask(
                step_id="dsmr_reader_import",
                schema=vol.Schema({}),
                error=self.take_error(),
            )
        history = self._backend.history
        self.async_import(
            history.run(anew=True), history.importer, back="dsmr_reader_import"
        )
        return await self.async_step_dsmr_reader_progress()

    async def async_step_dsmr_reader_join(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the sensors before whose statistics to write the history."""
        if user_input:
            self._asked = user_input
            history = self._backend.history
            work = self.config_entry.async_create_background_task(
                self.hass,
                history.join(user_input),
                f"{self.config_entry.title} - join",
            )
            self.async_import(work, history.importer, back="dsmr_reader_join")
            return await self.async_step_dsmr_reader_progress()
        return self.async_ask(
            step_id="dsmr_reader_join",
            schema=JOIN_SCHEMA,
            error=self.take_error(),
            filled=self._asked,
        )

    async def async_step_dsmr_reader_progress(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the progress of the import."""
        return self.async_show_import(
            step_id="dsmr_reader_progress",
            progress_action="dsmr_reader_import",
            done="dsmr_reader_done",
        )

    async def async_step_dsmr_reader_done(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the result of the import."""
        result = self.result
        words = await async_selector_texts(self.hass, NOTHING)
        return self.async_abort(
            reason="dsmr_reader_imported",
            description_placeholders={
                "rows": str(sum(result.rows.values())),
                "series": str(len(result.rows)),
                "first": _day(result.first) or words[UNKNOWN],
                "last": _day(result.last) or words[UNKNOWN],
                "left_out": await async_left_out(self.hass, result.left_out)
                or words[NONE],
            },
        )

    @property
    def _backend(self) -> ReaderBackend:
        return cast("ReaderBackend", self.backend)
