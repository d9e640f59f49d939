"""Config flow for P1 smart meters."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Final

from homeassistant.components import usb
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.core import callback
from homeassistant.helpers.service_info.usb import UsbServiceInfo
import probatio as vol

from ...errors import AuthFailedError, BackendError
from ..flow import BackendFlow, async_with_progress
from ..forward.flow import SUBENTRY_FLOWS
from .client.address import read_address, show_address
from .client.encryption import parse_keys
from .client.errors import PortBusyError
from .client.probe import ProbeProgress, ProbeResult, probe
from .client.transport import show_port
from .entities.complaint import complaint
from .entities.exchange import is_taken
from .entities.found import async_describe, async_holder, title
from .entities.known import entry_of, installation_of, is_meter_of
from .entities.release import port_released
from .options import DsmrOptionsFlow
from .settings import (
    CONF_AUTHENTICATION_KEY,
    CONF_BAUDRATE,
    CONF_ENCRYPTION,
    CONF_EQUIPMENT,
    CONF_EVEN_PARITY,
    CONF_KEY,
    CONF_PORT,
    KEY_SCHEMA,
    KEYS,
    NAME,
    PORT_SCHEMA,
)


class DsmrFlow(BackendFlow):
    """Config flow of a P1 meter.

    ``dsmr`` asks for the port, ``dsmr_listen`` listens and shows the progress,
    ``dsmr_key`` asks for keys if the telegrams are encrypted, ``dsmr_found`` shows the
    result.
    """

    options_flow: ClassVar[type[OptionsFlow] | None] = DsmrOptionsFlow
    subentry_flows: ClassVar[Mapping[str, type[ConfigSubentryFlow]]] = SUBENTRY_FLOWS

    _port: str = ""
    _keys: Mapping[str, str] = {}
    _listening: asyncio.Task[ProbeResult] | None = None
    _found: ProbeResult | None = None
    _error: BackendError | None = None
    _holder: str | None = None

    async def async_step_dsmr(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where the meter is connected."""
        if user_input is not None:
            self._port = user_input[CONF_PORT].strip()
            full = self.complete(PORT_SCHEMA, user_input)
            self._keys = _given(full[CONF_ENCRYPTION])
            if self._check_port() and self._check_keys():
                self._async_abort_entries_match({CONF_PORT: self._port})
                return await self.async_step_dsmr_listen()
        shown = {CONF_PORT: show_address(self._port)} if self._port else None
        return self.async_show_form(
            step_id="dsmr",
            data_schema=self.add_suggested_values_to_schema(PORT_SCHEMA, shown),
            **self._complaint(),
        )

    async def async_step_dsmr_listen(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Listen to the port."""
        if self._listening is None:
            # In the background, because Home Assistant must not wait for it to stop.
            self._listening = self.hass.async_create_background_task(
                async_with_progress(self._listen()),
                f"{NAME} listens for a dialog",
                eager_start=False,
            )
            self._listening.add_done_callback(_retrieve)
        if not self._listening.done():
            return self.async_show_progress(
                step_id="dsmr_listen",
                progress_action="dsmr_listen",
                progress_task=self._listening,
                description_placeholders={"port": show_port(self._port)},
            )
        task, self._listening = self._listening, None
        try:
            self._found = task.result()
        except AuthFailedError as err:
            # Not an error without a key: the form itself asks for one.
            self._error = err if self._keys else None
            return self.async_show_progress_done(next_step_id="dsmr_key")
        except BackendError as err:
            self._error = err
            if isinstance(err, PortBusyError):
                self._holder = await async_holder(self.hass, self._port)
            return self.async_show_progress_done(next_step_id="dsmr")
        return self.async_show_progress_done(next_step_id="dsmr_found")

    async def async_step_dsmr_key(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the keys of a meter that encrypts."""
        if user_input is not None:
            self._keys = _given(self.complete(KEY_SCHEMA, user_input))
            if self._check_keys():
                return await self.async_step_dsmr_listen()
        return self.async_show_form(
            step_id="dsmr_key", data_schema=KEY_SCHEMA, **self._complaint()
        )

    async def async_step_dsmr_found(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the result, and set it up if the user confirms."""
        found = self._found
        assert found is not None  # the listening step leads here only with a result
        if (entry := self.entry_in_repair) is not None:
            if found.equipment_id is not None:
                self._async_abort_entries_match({CONF_EQUIPMENT: found.equipment_id})
            if is_meter_of(entry, found):
                return self._update()
            return self.async_show_menu(
                step_id="dsmr_found",
                menu_options=["dsmr_adopt", "dsmr"],
                description_placeholders=await async_describe(
                    self.hass, found, self._port
                ),
            )
        if (known := self._known(found)) is not None:
            if known.data[CONF_PORT] == self._port:
                return self.async_abort(reason="already_configured")
            return await self.async_step_dsmr_move()
        await self.async_set_unique_id(f"{NAME}:{self._installation(found)}")
        self._abort_if_unique_id_configured()
        if user_input is not None:
            return await self.async_finish(
                NAME, self._installation(found), title(found), self._data(found)
            )
        self._set_confirm_only()
        return self.async_show_form(
            step_id="dsmr_found",
            data_schema=vol.Schema({}),
            description_placeholders=await async_describe(self.hass, found, self._port),
        )

    async def async_step_dsmr_move(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether to move the entry of this meter to this port."""
        found = self._found
        assert found is not None  # the listening step leads here only with a result
        if (known := self._known(found)) is None:
            return await self.async_step_dsmr_found()
        if user_input is None:
            self._set_confirm_only()
            return self.async_show_form(
                step_id="dsmr_move",
                data_schema=vol.Schema({}),
                description_placeholders={
                    "title": known.title,
                    "old": show_port(known.data[CONF_PORT]),
                    "new": show_port(self._port),
                },
            )
        return self.async_update_reload_and_abort(
            known,
            data=self._updated(known, found),
            reason="dsmr_moved",
            reload_even_if_entry_is_unchanged=False,
        )

    async def async_step_dsmr_adopt(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Continue the entities with another meter."""
        return self._update()

    async def async_step_reauth_dsmr(self) -> ConfigFlowResult:
        """Ask for a new key; the port stays."""
        self._take(self._get_reauth_entry().data)
        return await self.async_step_dsmr_key()

    async def async_step_reconfigure_dsmr(self) -> ConfigFlowResult:
        """Ask for a new port."""
        self._take(self._get_reconfigure_entry().data)
        return await self.async_step_dsmr()

    def _take(self, data: Mapping[str, Any]) -> None:
        self._port = data[CONF_PORT]
        self.keep(KEY_SCHEMA, data)

    async def async_step_usb_dsmr(self, discovery: UsbServiceInfo) -> ConfigFlowResult:
        """Offer a P1 cable that was plugged in."""
        self._port = await self.hass.async_add_executor_job(
            usb.get_serial_by_id, discovery.device
        )
        await self.async_set_unique_id(
            f"{NAME}:cable:{discovery.serial_number or self._port}"
        )
        # A device that the user ignored is not offered again.
        self._abort_if_unique_id_configured()
        self._async_abort_entries_match({CONF_PORT: self._port})
        self.context["title_placeholders"] = {
            "name": discovery.description or self._port
        }
        return await self.async_step_dsmr()

    async def _listen(self) -> ProbeResult:
        keys = parse_keys(
            self._keys.get(CONF_KEY), self._keys.get(CONF_AUTHENTICATION_KEY)
        )
        listening = partial(probe, self._port, keys=keys, on_progress=self._progress)
        if (entry := self.entry_in_repair) is None:
            return await listening()
        # A port has only one listener, under any name, and so do gateways.
        async with port_released(self.hass, entry):
            found = await listening()
            if self._is_settled(entry, found):
                # The entry returns with what works, even if the browser was closed.
                self.hass.config_entries.async_update_entry(
                    entry, data=self._updated(entry, found)
                )
        return found

    def _is_settled(self, entry: ConfigEntry[Any], found: ProbeResult) -> bool:
        """Return whether an entry's own meter answers, which leaves nothing to ask."""
        if self.hass.config_entries.async_get_entry(entry.entry_id) is None:
            return False
        number = found.equipment_id
        taken = number is not None and is_taken(self.hass, entry, number)
        return is_meter_of(entry, found) and not taken

    @callback
    def _progress(self, progress: ProbeProgress) -> None:
        self.async_update_progress(progress.fraction)

    def _check_port(self) -> bool:
        """Normalize the entered port; return whether it is valid."""
        self._error = None
        try:
            self._port = read_address(self._port)
        except BackendError as err:
            self._error = err
            return False
        return True

    def _check_keys(self) -> bool:
        self._error = None
        try:
            parse_keys(
                self._keys.get(CONF_KEY), self._keys.get(CONF_AUTHENTICATION_KEY)
            )
        except BackendError as err:
            self._error = err
            return False
        return True

    def _complaint(self) -> dict[str, Any]:
        """Return the form's error and its placeholders, also for repeated display."""
        if (error := self._error) is None:
            return {}
        return complaint(error, self._port, self._holder)

    def _data(self, found: ProbeResult) -> dict[str, Any]:
        return {
            CONF_PORT: self._port,
            CONF_BAUDRATE: found.line.baudrate,
            **({CONF_EVEN_PARITY: True} if found.line.even else {}),
            CONF_EQUIPMENT: found.equipment_id,
            **self._keys,
        }

    def _updated(self, entry: ConfigEntry[Any], found: ProbeResult) -> dict[str, Any]:
        """Return the data of an entry with the result, and the keys that work."""
        found_anew = KEYS | {CONF_EVEN_PARITY}
        others = {k: v for k, v in entry.data.items() if k not in found_anew}
        return {**others, **self._data(found)}

    def _update(self) -> ConfigFlowResult:
        entry, found = self.entry_in_repair, self._found
        assert entry is not None and found is not None  # only updates lead here
        return self.async_update_reload_and_abort(
            entry,
            data=self._updated(entry, found),
            # The entry was set up again after listening.
            reload_even_if_entry_is_unchanged=False,
        )

    def _known(self, found: ProbeResult) -> ConfigEntry[Any] | None:
        """Return the entry of this meter."""
        return entry_of(found, self._async_current_entries(include_ignore=False))

    def _installation(self, found: ProbeResult) -> str:
        """Return the permanent id of the meter."""
        return installation_of(found, self._async_current_entries(include_ignore=False))


@callback
def _retrieve(listening: asyncio.Task[ProbeResult]) -> None:
    """Mark the exception as retrieved, because the dialog may have been closed."""
    if not listening.cancelled():
        listening.exception()


def _given(user_input: Mapping[str, Any]) -> dict[str, str]:
    return {
        key: value.strip()
        for key, value in user_input.items()
        if key in KEYS and value.strip()
    }


FLOW: Final = DsmrFlow
