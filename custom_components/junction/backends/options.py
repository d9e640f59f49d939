"""Base of all options flows."""

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
from .flow import async_with_progress
from .forms import Forms


class BackendOptionsFlow(
    Forms[ConfigFlowContext, ConfigFlowResult, str], OptionsFlowWithReload
):
    """Options flow that begins with ``async_step_<name>``, with the backend's name as prefix."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Continue with the backend's first step."""
        step = getattr(self, f"async_step_{self.config_entry.data[CONF_BACKEND]}")
        result: ConfigFlowResult = await step()
        return result

    @property
    def backend(self) -> Any:  # noqa: ANN401 - each backend is its own type
        """Return the running backend. Raises AbortFlow if the entry is not loaded."""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            raise AbortFlow("entry_not_loaded")
        return self.config_entry.runtime_data.backend

    def async_save(self, changed: Mapping[str, Any]) -> ConfigFlowResult:
        """End the flow with changed options; others stay."""
        return self.async_create_entry(data={**self.config_entry.options, **changed})

    def async_change(
        self, step_id: str, schema: vol.Schema, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Show the form of a step, filled with the options, or save the input."""
        if user_input is not None:
            return self.async_save(user_input)
        return self.async_ask(
            step_id=step_id, schema=schema, filled=self.config_entry.options
        )


class ImportOptionsFlow[ResultT](BackendOptionsFlow):
    """Options flow with steps that import history, and one that shows the progress.

    A step passes the task of an import to ``async_import`` and continues with the
    progress step, which only calls ``async_show_import``. Closing the dialog does not
    stop an import. Unloading the entry does, and the next import continues it.
    """

    result: ResultT
    """Result of the import, for the step that follows it."""

    __work: asyncio.Task[ResultT] | None = None
    __watching: asyncio.Task[None] | None = None
    __unlisten: Callable[[], None] | None = None
    __error: BackendError | None = None
    __back: str = ""

    @callback
    def async_import(
        self, work: asyncio.Task[ResultT], importer: HistoryImporter, *, back: str
    ) -> None:
        """Show this import, and return to the step ``back`` if it fails."""
        self.__work, self.__back = work, back
        self.__unlisten = importer.listen(self.async_update_progress)

    @callback
    def async_show_import(
        self, *, step_id: str, progress_action: str, done: str
    ) -> ConfigFlowResult:
        """Show the progress of the import, then the step ``done`` or the one before."""
        work = self.__work
        assert work is not None  # the step is only reached with an import
        if not work.done():
            if self.__watching is None:
                self.__watching = self.hass.async_create_task(
                    async_with_progress(_watch(work))
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
        """Report that the entry was unloaded during the import."""
        return self.async_abort(reason="import_stopped")

    @callback
    def take_error(self) -> BackendError | None:
        """Return the error of the last import, once."""
        error, self.__error = self.__error, None
        return error

    @callback
    @override
    def async_remove(self) -> None:
        """Stop showing the progress; the import continues."""
        if self.__unlisten is not None:
            self.__unlisten()
            self.__unlisten = None


async def _watch(work: asyncio.Task[Any]) -> None:
    """Wait for the import, so that closing the dialog cancels this task only."""
    await asyncio.wait([work])
