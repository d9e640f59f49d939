"""Config flow for P1 smart meters."""

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

from homeassistant.components import usb
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OperationNotAllowed,
    OptionsFlow,
)
from homeassistant.core import callback
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
from ...errors import AuthFailedError, BackendError
from ..flow import BackendFlow, async_at_leisure
from ..forward.flow import SUBENTRY_FLOWS
from .client.encryption import parse_keys
from .client.errors import PortBusyError
from .client.probe import ProbeProgress, ProbeResult, probe
from .client.transport import redact
from .entities.found import async_describe, async_holder, title
from .options import DsmrOptionsFlow
from .settings import (
    CONF_AUTHENTICATION_KEY,
    CONF_BAUDRATE,
    CONF_EQUIPMENT,
    CONF_KEY,
    CONF_PORT,
    NAME,
)

CONF_ENCRYPTION: Final = "encryption"

_KEYS: Final = frozenset({CONF_KEY, CONF_AUTHENTICATION_KEY})

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

    options_flow: ClassVar[type[OptionsFlow] | None] = DsmrOptionsFlow
    subentry_flows: ClassVar[Mapping[str, type[ConfigSubentryFlow]]] = SUBENTRY_FLOWS

    _port: str = ""
    _keys: Mapping[str, str] = {}
    _listening: asyncio.Task[ProbeResult] | None = None
    _found: ProbeResult | None = None
    _error: BackendError | None = None
    _holder: str = "-"
    _unloaded: str | None = None

    async def async_step_dsmr(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where the meter is connected."""
        if user_input is not None:
            self._port = user_input[CONF_PORT].strip()
            self._keys = _given(user_input.get(CONF_ENCRYPTION, {})) or self._stored()
            self._async_abort_entries_match({CONF_PORT: self._port})
            if self._check_keys():
                return await self.async_step_dsmr_listen()
        return self.async_show_form(
            step_id="dsmr",
            data_schema=self.add_suggested_values_to_schema(
                PORT_SCHEMA, {CONF_PORT: self._port} if self._port else None
            ),
            **self._complaint(),
        )

    async def async_step_dsmr_listen(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Listen to the port."""
        if self._listening is None:
            self._listening = self.hass.async_create_task(
                async_at_leisure(self._listen()), eager_start=False
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
        except AuthFailedError as err:
            self._error = err
            return self.async_show_progress_done(next_step_id="dsmr_key")
        except BackendError as err:
            self._error = err
            if isinstance(err, PortBusyError):
                self._holder = await async_holder(self.hass, self._port) or "-"
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
            step_id="dsmr_key", data_schema=KEY_SCHEMA, **self._complaint()
        )

    async def async_step_dsmr_found(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what was found, and set it up when that is right."""
        found = self._found
        assert found is not None  # the listening step leads here only with a result
        if (entry := self.entry_in_repair) is not None:
            if found.equipment_id is not None:
                self._async_abort_entries_match({CONF_EQUIPMENT: found.equipment_id})
            if entry.data.get(CONF_EQUIPMENT) in {None, found.equipment_id}:
                return self._update()
            return self.async_show_menu(
                step_id="dsmr_found",
                menu_options=["dsmr_adopt", "dsmr"],
                description_placeholders=await async_describe(self.hass, found),
            )
        if (known := self._known(found)) is not None:
            return self.async_update_reload_and_abort(
                known,
                data=self._updated(known, found),
                reason="already_configured",
                reload_even_if_entry_is_unchanged=False,
            )
        await self.async_set_unique_id(f"{NAME}:{self._installation(found)}")
        self._abort_if_unique_id_configured(updates=self._data(found))
        if user_input is not None:
            return await self.async_finish(
                NAME, self._installation(found), title(found), self._data(found)
            )
        self._set_confirm_only()
        return self.async_show_form(
            step_id="dsmr_found",
            data_schema=vol.Schema({}),
            description_placeholders=await async_describe(self.hass, found),
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
        # One that a person ignored is not offered again.
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
        if (entry := self.entry_in_repair) is not None:
            # A port serves one listener only, by whatever name, and so do gateways.
            self._unloaded = entry.entry_id
            try:
                await self.hass.config_entries.async_unload(entry.entry_id)
            except OperationNotAllowed:
                # It is being set up just now.
                raise PortBusyError(port=redact(self._port)) from None
        return await probe(self._port, keys=keys, on_progress=self._progress)

    @callback
    def _progress(self, progress: ProbeProgress) -> None:
        self.async_update_progress(progress.fraction)

    @callback
    @override
    def async_remove(self) -> None:
        """Stop listening when the dialog is closed; let the entry have its port."""
        if (listening := self._listening) is None:
            self._give_back()
        else:
            # The port is free only then.
            listening.add_done_callback(self._give_back)
            listening.cancel()

    @callback
    def _give_back(self, listening: asyncio.Task[ProbeResult] | None = None) -> None:
        if listening is not None and not listening.cancelled():
            # It came to its end in the very moment; nobody wants to know any more.
            listening.exception()
        entries, entry_id = self.hass.config_entries, self._unloaded
        if entry_id is not None and entries.async_get_entry(entry_id) is not None:
            entries.async_schedule_reload(entry_id)

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
        """Return what a form says about the last error, however often it is shown."""
        if (error := self._error) is None:
            return {}
        return {
            "errors": {"base": error.key},
            "description_placeholders": {"holder": self._holder, **error.placeholders},
        }

    def _stored(self) -> dict[str, str]:
        """Return the keys of the entry that this is about."""
        entry = self.entry_in_repair
        return {} if entry is None else _given(entry.data)

    def _data(self, found: ProbeResult) -> dict[str, Any]:
        return {
            CONF_PORT: self._port,
            CONF_BAUDRATE: found.baudrate,
            CONF_EQUIPMENT: found.equipment_id,
            **self._keys,
        }

    def _updated(self, entry: ConfigEntry[Any], found: ProbeResult) -> dict[str, Any]:
        """Return the data of an entry with what was found, and the keys that fit."""
        others = {k: v for k, v in entry.data.items() if k not in _KEYS}
        return {**others, **self._data(found)}

    def _update(self) -> ConfigFlowResult:
        entry, found = self.entry_in_repair, self._found
        assert entry is not None and found is not None  # only updates lead here
        self._unloaded = None
        return self.async_update_reload_and_abort(
            entry, data=self._updated(entry, found)
        )

    def _known(self, found: ProbeResult) -> ConfigEntry[Any] | None:
        """Return the entry that listens to this meter.

        Its unique id may be another: that of a meter which this one replaced.
        """
        return next(
            (
                entry
                for entry in self._async_current_entries(include_ignore=False)
                if entry.data[CONF_BACKEND] == NAME
                and entry.data.get(CONF_EQUIPMENT) == found.equipment_id
                and found.equipment_id is not None
            ),
            None,
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
            for entry in self._async_current_entries(include_ignore=False)
            if entry.data[CONF_BACKEND] == NAME
        }
        name, number = f"header:{found.header}", 1
        while f"{NAME}:{name}" in taken:
            number += 1
            name = f"header:{found.header}:{number}"
        return name


def _given(user_input: Mapping[str, Any]) -> dict[str, str]:
    return {
        key: value.strip()
        for key, value in user_input.items()
        if key in _KEYS and value.strip()
    }
