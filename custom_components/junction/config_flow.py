"""Config flow: a menu of backends, and routers to the steps of each."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.core import callback
from homeassistant.helpers.service_info.usb import UsbServiceInfo

from .backends.cozify.flow import CozifyFlow
from .backends.dsmr.flow import DsmrFlow
from .backends.dsmr_reader.flow import DsmrReaderFlow
from .backends.flow import BackendFlow
from .backends.iotile.flow import IOTileFlow
from .backends.mycodo.flow import MycodoFlow
from .backends.openmotics.flow import OpenMoticsFlow
from .const import CONF_BACKEND, DOMAIN

FLOWS: Final[Mapping[str, type[BackendFlow]]] = {
    "cozify": CozifyFlow,
    "dsmr": DsmrFlow,
    "dsmr_reader": DsmrReaderFlow,
    "iotile": IOTileFlow,
    "mycodo": MycodoFlow,
    "openmotics": OpenMoticsFlow,
}


class JunctionConfigFlow(
    CozifyFlow,
    DsmrFlow,
    DsmrReaderFlow,
    IOTileFlow,
    MycodoFlow,
    OpenMoticsFlow,
    domain=DOMAIN,
):
    """The one flow of the integration, with the steps of every backend."""

    VERSION = 1
    MINOR_VERSION = 1

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what to connect."""
        return self.async_show_menu(step_id="user", menu_options=list(FLOWS))

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Ask for new credentials."""
        return await self._step("reauth", entry_data[CONF_BACKEND])

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change how an installation is reached."""
        return await self._step(
            "reconfigure", self._get_reconfigure_entry().data[CONF_BACKEND]
        )

    async def async_step_import(self, import_data: dict[str, Any]) -> ConfigFlowResult:
        """Add what was chosen together with another installation."""
        return await self._step("import", import_data[CONF_BACKEND], import_data)

    @override
    async def async_step_usb(self, discovery_info: UsbServiceInfo) -> ConfigFlowResult:
        """Offer a cable that was plugged in; only meters have one of their own."""
        return await self.async_step_usb_dsmr(discovery_info)

    async def _step(
        self, kind: str, backend: str, *about: dict[str, Any]
    ) -> ConfigFlowResult:
        step = getattr(self, f"async_step_{kind}_{backend}", None)
        if step is None:
            # An entry that a newer version made.
            return self.async_abort(reason="unknown_backend")
        result: ConfigFlowResult = await step(*about)
        return result

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry[Any]) -> OptionsFlow:
        """Return the options flow of the entry's backend."""
        flow = FLOWS[config_entry.data[CONF_BACKEND]].options_flow
        assert flow is not None  # guarded by async_supports_options_flow
        return flow()

    @classmethod
    @callback
    @override
    def async_supports_options_flow(cls, config_entry: ConfigEntry[Any]) -> bool:
        """Return whether the entry's backend has options; an ignored one has none."""
        flow = FLOWS.get(config_entry.data.get(CONF_BACKEND, ""))
        return flow is not None and flow.options_flow is not None

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry[Any]
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return what may be added to the entry several times."""
        flow = FLOWS.get(config_entry.data.get(CONF_BACKEND, ""))
        return dict(flow.subentry_flows) if flow else {}
