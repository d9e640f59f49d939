"""The options of a DSMR-reader: how often, and what of its history goes where."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast, override

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
)
import probatio as vol

from ...errors import BackendError
from ...statistics import ImportResult
from ..flow import async_at_leisure, number
from ..options import BackendOptionsFlow
from .const import CONF_HISTORY, CONF_INTERVAL, DEFAULT_HISTORY, DEFAULT_INTERVAL
from .entities.importing import JOINABLE

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


class ReaderOptionsFlow(BackendOptionsFlow):
    """A menu: settings, an import now, or history for sensors that are there already."""

    _work: asyncio.Task[ImportResult] | None = None
    _result: ImportResult | None = None
    _error: BackendError | None = None
    _back: str = ""
    _watching: asyncio.Task[None] | None = None
    _unlisten: Callable[[], None] | None = None

    @override
    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what to do. Imports need the entry to run."""
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
        """Import the whole history again, or watch an import that is under way."""
        if user_input is None:
            return self.async_ask(
                step_id="dsmr_reader_import",
                schema=vol.Schema({}),
                error=self._take_error(),
            )
        self._back = "dsmr_reader_import"
        self._work = self._backend.history.run(anew=True)
        return await self.async_step_dsmr_reader_progress()

    async def async_step_dsmr_reader_join(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which sensors the history is to precede."""
        if user_input:
            self._back = "dsmr_reader_join"
            self._work = self.config_entry.async_create_background_task(
                self.hass,
                self._backend.history.join(user_input),
                f"{self.config_entry.title} - join",
            )
            return await self.async_step_dsmr_reader_progress()
        return self.async_ask(
            step_id="dsmr_reader_join", schema=JOIN_SCHEMA, error=self._take_error()
        )

    async def async_step_dsmr_reader_progress(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show how far an import is. Closing the dialog does not stop it."""
        assert self._work is not None  # only the steps above lead here
        if not self._work.done():
            if self._watching is None:
                importer = self._backend.history.importer
                self._unlisten = importer.listen(self.async_update_progress)
                self._watching = self.hass.async_create_task(
                    async_at_leisure(self._watch(self._work))
                )
            return self.async_show_progress(
                step_id="dsmr_reader_progress",
                progress_action="dsmr_reader_import",
                progress_task=self._watching,
            )
        self.async_remove()
        self._watching = None
        task, self._work = self._work, None
        if task.cancelled():
            return self.async_show_progress_done(next_step_id="dsmr_reader_stopped")
        try:
            self._result = task.result()
        except BackendError as err:
            self._error = err
            return self.async_show_progress_done(next_step_id=self._back)
        return self.async_show_progress_done(next_step_id="dsmr_reader_done")

    @callback
    @override
    def async_remove(self) -> None:
        """Look no longer; the import goes on."""
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None

    @staticmethod
    async def _watch(work: asyncio.Task[ImportResult]) -> None:
        """Wait, so that a dialog that is closed cancels this and not the import."""
        await asyncio.wait([work])

    async def async_step_dsmr_reader_stopped(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that the entry was unloaded in between."""
        return self.async_abort(reason="dsmr_reader_stopped")

    async def async_step_dsmr_reader_done(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say what was imported."""
        result = self._result
        assert result is not None  # the progress leads here only with one
        return self.async_abort(
            reason="dsmr_reader_imported",
            description_placeholders={
                "rows": str(sum(result.rows.values())),
                "series": str(len(result.rows)),
                "first": result.first.date().isoformat() if result.first else "-",
                "last": result.last.date().isoformat() if result.last else "-",
            },
        )

    @property
    def _backend(self) -> ReaderBackend:
        return cast("ReaderBackend", self.backend)

    @callback
    def _take_error(self) -> BackendError | None:
        error, self._error = self._error, None
        return error
