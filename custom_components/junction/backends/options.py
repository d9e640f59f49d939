"""Shared base of all options flows."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, override

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigFlowContext,
    ConfigFlowResult,
    OptionsFlowWithReload,
)
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow
import probatio as vol

from ..const import CONF_BACKEND
from ..errors import BackendError
from ..statistics import HistoryImporter
from .flow import async_at_leisure
from .forms import Forms


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


class ImportOptionsFlow[ResultT](BackendOptionsFlow):
    """Options with steps that import history, and one that shows how far that is.

    A step gives the task of an import to ``async_import`` and goes on with the one that
    shows it, which is ``async_show_import`` and nothing else. Closing the dialog does
    not stop an import; unloading the entry does, and it is gone on with by the next.
    """

    result: ResultT
    """What the import ended with, for the step that follows it."""

    __work: asyncio.Task[ResultT] | None = None
    __watching: asyncio.Task[None] | None = None
    __unlisten: Callable[[], None] | None = None
    __error: BackendError | None = None
    __back: str = ""

    @callback
    def async_import(
        self, work: asyncio.Task[ResultT], importer: HistoryImporter, *, back: str
    ) -> None:
        """Show this import, and go ``back`` to that step if it fails."""
        self.__work, self.__back = work, back
        self.__unlisten = importer.listen(self.async_update_progress)

    @callback
    def async_show_import(
        self, *, step_id: str, progress_action: str, done: str
    ) -> ConfigFlowResult:
        """Show how far the import is, and then the step ``done`` or the one before."""
        work = self.__work
        assert work is not None  # only led here with one
        if not work.done():
            if self.__watching is None:
                self.__watching = self.hass.async_create_task(
                    async_at_leisure(_watch(work))
                )
            return self.async_show_progress(
                step_id=step_id,
                progress_action=progress_action,
                progress_task=self.__watching,
            )
        self.async_remove()
        self.__watching = self.__work = None
        if work.cancelled():
            return self.async_show_progress_done(next_step_id="import_stopped")
        try:
            self.result = work.result()
        except BackendError as err:
            self.__error = err
            return self.async_show_progress_done(next_step_id=self.__back)
        return self.async_show_progress_done(next_step_id=done)

    async def async_step_import_stopped(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that the entry was unloaded in between."""
        return self.async_abort(reason="import_stopped")

    @callback
    def take_error(self) -> BackendError | None:
        """Return what the last import failed with, once."""
        error, self.__error = self.__error, None
        return error

    @callback
    @override
    def async_remove(self) -> None:
        """Look no longer; the import goes on."""
        if self.__unlisten is not None:
            self.__unlisten()
            self.__unlisten = None


async def _watch(work: asyncio.Task[Any]) -> None:
    """Wait, so that a dialog that is closed cancels this and not the import."""
    await asyncio.wait([work])
