"""The way to a P1 meter: name the port, listen, look at what was found."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components import usb
from homeassistant.components.usb.consumers import async_get_serial_port_consumers
from homeassistant.config_entries import SOURCE_REAUTH, ConfigFlowResult
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    SerialPortSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from homeassistant.helpers.service_info.usb import UsbServiceInfo
import probatio as vol

from ...const import CONF_BACKEND
from ...errors import BackendError
from ..flow import BackendFlow, async_words
from .const import (
    CONF_AUTHENTICATION_KEY,
    CONF_BAUDRATE,
    CONF_EQUIPMENT,
    CONF_KEY,
    CONF_PORT,
    NAME,
)
from .encryption import parse_keys
from .entities.board import MANUFACTURERS
from .entities.mbus import medium
from .errors import EncryptedError, PortBusyError, WrongKeyError
from .options import DsmrOptionsFlow
from .probe import ProbeProgress, ProbeResult, probe

CONF_ENCRYPTION: Final = "encryption"

_SECRET: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
_KEY_FIELDS: Final = {
    vol.Optional(CONF_KEY): _SECRET,
    vol.Optional(CONF_AUTHENTICATION_KEY): _SECRET,
}
PORT_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_PORT): SerialPortSelector(),
        vol.Required(CONF_ENCRYPTION): section(
            vol.Schema(_KEY_FIELDS), {"collapsed": True}
        ),
    }
)
KEY_SCHEMA: Final = vol.Schema(
    {vol.Required(CONF_KEY): _SECRET, vol.Optional(CONF_AUTHENTICATION_KEY): _SECRET}
)


class DsmrFlow(BackendFlow):
    """The steps of a P1 meter.

    ``dsmr`` asks for the port, ``dsmr_listen`` listens and shows how far it is,
    ``dsmr_key`` asks for keys where the telegrams are encrypted, ``dsmr_found`` shows
    what will be set up.
    """

    options_flow = DsmrOptionsFlow

    _port: str = ""
    _keys: Mapping[str, str] = {}
    _listening: asyncio.Task[ProbeResult] | None = None
    _found: ProbeResult | None = None
    _error: BackendError | None = None
    _hints: Mapping[str, str] = {}
    _unloaded: str | None = None

    async def async_step_dsmr(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where the meter is connected."""
        if user_input is not None:
            self._port = user_input[CONF_PORT].strip()
            self._keys = _given(user_input.get(CONF_ENCRYPTION, {}))
            if self.entry_in_repair is None:
                self._async_abort_entries_match({CONF_PORT: self._port})
            if self._check_keys():
                return await self.async_step_dsmr_listen()
        return self.async_show_form(
            step_id="dsmr",
            data_schema=self.add_suggested_values_to_schema(
                PORT_SCHEMA, {CONF_PORT: self._port} if self._port else None
            ),
            errors=self._take_errors(),
            description_placeholders=dict(self._hints),
        )

    async def async_step_dsmr_listen(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Listen to the port."""
        if self._listening is None:
            self._listening = self.hass.async_create_task(
                self._listen(), eager_start=False
            )
        if not self._listening.done():
            return self.async_show_progress(
                step_id="dsmr_listen",
                progress_action="dsmr_listen",
                progress_task=self._listening,
                description_placeholders={"port": self._port},
            )
        task, self._listening = self._listening, None
        try:
            self._found = task.result()
        except (EncryptedError, WrongKeyError) as err:
            self._error = err
            return self.async_show_progress_done(next_step_id="dsmr_key")
        except BackendError as err:
            self._error = err
            await self._look_for_holder(err)
            return self.async_show_progress_done(next_step_id="dsmr")
        return self.async_show_progress_done(next_step_id="dsmr_found")

    async def async_step_dsmr_key(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the keys of an encrypting meter."""
        if user_input is not None:
            self._keys = _given(user_input)
            if self._check_keys():
                return await self.async_step_dsmr_listen()
        return self.async_show_form(
            step_id="dsmr_key", data_schema=KEY_SCHEMA, errors=self._take_errors()
        )

    async def async_step_dsmr_found(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what was found, and set it up when that is right."""
        found = self._found
        assert found is not None  # the listening step leads here only with a result
        if (entry := self.entry_in_repair) is not None:
            if entry.data.get(CONF_EQUIPMENT) in {None, found.equipment_id}:
                return self._update()
            return self.async_show_menu(
                step_id="dsmr_found",
                menu_options=["dsmr_adopt", "dsmr"],
                description_placeholders=await self._description(found),
            )
        await self.async_set_unique_id(f"{NAME}:{self._installation(found)}")
        self._abort_if_unique_id_configured(updates=self._data(found))
        if found.equipment_id is not None:
            # An entry that took the meter over from an exchanged one.
            self._async_abort_entries_match({CONF_EQUIPMENT: found.equipment_id})
        if user_input is not None:
            return await self.async_finish(
                NAME, self._installation(found), _title(found), self._data(found)
            )
        self._set_confirm_only()
        return self.async_show_form(
            step_id="dsmr_found",
            data_schema=vol.Schema({}),
            description_placeholders=await self._description(found),
        )

    async def async_step_dsmr_adopt(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go on with another meter under the same entities."""
        return self._update()

    async def async_step_reauth_dsmr(self) -> ConfigFlowResult:
        """Ask for a changed key; the port stays."""
        data = self._get_reauth_entry().data
        self._port = data[CONF_PORT]
        return await self.async_step_dsmr_key()

    async def async_step_reconfigure_dsmr(self) -> ConfigFlowResult:
        """Ask for a changed port."""
        self._port = self._get_reconfigure_entry().data[CONF_PORT]
        return await self.async_step_dsmr()

    async def async_step_usb_dsmr(self, discovery: UsbServiceInfo) -> ConfigFlowResult:
        """Offer a P1 cable that was plugged in."""
        self._port = await self.hass.async_add_executor_job(
            usb.get_serial_by_id, discovery.device
        )
        await self.async_set_unique_id(
            f"{NAME}:cable:{discovery.serial_number or self._port}"
        )
        self._async_abort_entries_match({CONF_PORT: self._port})
        self.context["title_placeholders"] = {
            "name": discovery.description or self._port
        }
        return await self.async_step_dsmr()

    async def _listen(self) -> ProbeResult:
        keys = parse_keys(
            self._keys.get(CONF_KEY), self._keys.get(CONF_AUTHENTICATION_KEY)
        )
        entry = self.entry_in_repair
        if entry is not None and entry.data[CONF_PORT] == self._port:
            # The port serves one listener only, and that is the entry itself.
            await self.hass.config_entries.async_unload(entry.entry_id)
            self._unloaded = entry.entry_id
        return await probe(self._port, keys=keys, on_progress=self._progress)

    @callback
    def _progress(self, progress: ProbeProgress) -> None:
        self.async_update_progress(progress.fraction)

    @callback
    @override
    def async_remove(self) -> None:
        """Stop listening when the dialog is closed; let the entry have its port."""
        if self._listening is not None:
            self._listening.cancel()
        if self._unloaded is not None:
            self.hass.config_entries.async_schedule_reload(self._unloaded)

    def _check_keys(self) -> bool:
        try:
            parse_keys(
                self._keys.get(CONF_KEY), self._keys.get(CONF_AUTHENTICATION_KEY)
            )
        except BackendError as err:
            self._error = err
            return False
        return True

    def _take_errors(self) -> dict[str, str]:
        error, self._error = self._error, None
        if error is None:
            return {}
        self._hints = {**error.placeholders, **self._hints}
        return {"base": error.key}

    async def _look_for_holder(self, error: BackendError) -> None:
        """Say which integration holds a busy port."""
        holder = "-"
        if isinstance(error, PortBusyError):
            holder = await _holder(self.hass, self._port) or holder
        self._hints = {"holder": holder}

    def _data(self, found: ProbeResult) -> dict[str, Any]:
        return {
            CONF_PORT: self._port,
            CONF_BAUDRATE: found.baudrate,
            CONF_EQUIPMENT: found.equipment_id,
            **self._keys,
        }

    def _update(self) -> ConfigFlowResult:
        entry, found = self.entry_in_repair, self._found
        assert entry is not None and found is not None  # only updates lead here
        self._unloaded = None
        return self.async_update_reload_and_abort(
            entry,
            data_updates=self._data(found),
            reason=(
                "reauth_successful"
                if self.source == SOURCE_REAUTH
                else "reconfigure_successful"
            ),
        )

    def _installation(self, found: ProbeResult) -> str:
        """Return what identifies the meter for good.

        Meters without any id (Sweden) are told apart by their header, which names the
        model and often the serial number; further ones of the same are numbered.
        """
        if identity := found.equipment_id or found.system_title:
            return identity
        taken = {
            entry.unique_id
            for entry in self._async_current_entries()
            if entry.data[CONF_BACKEND] == NAME and entry.data[CONF_PORT] != self._port
        }
        name, number = f"header:{found.header}", 1
        while f"{NAME}:{name}" in taken:
            number += 1
            name = f"header:{found.header}:{number}"
        return name

    async def _description(self, found: ProbeResult) -> dict[str, str]:
        """Return what was found, in words of the user's language."""
        hass = self.hass
        words = await async_words(hass, "dsmr_dialect", "dsmr_medium", "dsmr_carrier")
        media = [
            words.get(f"dsmr_medium.{medium(device).key}", medium(device).key)
            for device in found.devices
        ]
        return {
            "meter": _title(found),
            "header": found.header,
            "serial": found.serial or "-",
            "dialect": words.get(f"dsmr_dialect.{found.dialect}", found.dialect),
            "phases": str(found.phases),
            "interval": f"{found.interval:g}" if found.interval else "-",
            "baudrate": str(found.baudrate),
            "carrier": words.get(f"dsmr_carrier.{found.carrier}", found.carrier),
            "devices": ", ".join(media) or "-",
        }


def _given(user_input: Mapping[str, Any]) -> dict[str, str]:
    return {
        key: value.strip()
        for key, value in user_input.items()
        if key in {CONF_KEY, CONF_AUTHENTICATION_KEY} and value.strip()
    }


def _title(found: ProbeResult) -> str:
    maker = MANUFACTURERS.get(found.manufacturer or "")
    return f"{maker} P1" if maker else "P1"


async def _holder(hass: HomeAssistant, port: str) -> str | None:
    """Return the title of what is configured to use a port."""
    ports = await usb.async_scan_serial_ports(hass)
    consumers = await async_get_serial_port_consumers(hass, ports)
    real = await hass.async_add_executor_job(usb.get_serial_by_id, port)
    users = consumers.get(port) or consumers.get(real) or []
    return users[0].title if users else None
