"""Config flow: a menu of backends, then the steps of the chosen backend.

Home Assistant loads this module at every start. The steps of a backend, and with them
its client, are loaded when the first one is needed: the class of the flow object is
then replaced by the backend's own flow class.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
    SubentryFlowResult,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import FlowHandler, FlowResult
from homeassistant.helpers.service_info.usb import UsbServiceInfo
from homeassistant.helpers.translation import async_load_integrations

from .backends import BACKENDS, Registered, load_flow, loaded_flow
from .const import CONF_BACKEND, DOMAIN, ENTRY_MINOR_VERSION, ENTRY_VERSION

if TYPE_CHECKING:
    from .backends.flow import BackendFlow


class JunctionConfigFlow(ConfigFlow, domain=DOMAIN):
    """Config flow whose backend is not chosen yet."""

    VERSION = ENTRY_VERSION
    MINOR_VERSION = ENTRY_MINOR_VERSION

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which system to connect."""
        return self.async_show_menu(step_id="user", menu_options=list(BACKENDS))

    def __getattr__(self, name: str) -> Callable[..., Awaitable[ConfigFlowResult]]:
        """Return the first step of a backend, to which the menu leads."""
        backend = name.removeprefix("async_step_")
        if backend not in BACKENDS or backend == name:
            raise AttributeError(name=name, obj=self)
        return partial(self._step, "", backend)

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Ask for new credentials."""
        return await self._step("reauth_", entry_data[CONF_BACKEND])

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the connection of an installation."""
        return await self._step(
            "reconfigure_", self._get_reconfigure_entry().data[CONF_BACKEND]
        )

    async def async_step_import(self, import_data: dict[str, Any]) -> ConfigFlowResult:
        """Add a system that the user selected while adding another one."""
        return await self._step("import_", import_data[CONF_BACKEND], import_data)

    @override
    async def async_step_usb(self, discovery_info: UsbServiceInfo) -> ConfigFlowResult:
        """Offer a discovered USB adapter; only DSMR has its own cable."""
        [backend] = [name for name, one in BACKENDS.items() if one.plugged]
        return await self._step("usb_", backend, discovery_info)

    async def _step(self, kind: str, backend: str, *about: Any) -> ConfigFlowResult:
        if backend in BACKENDS:
            _change_class(self, await _load(self.hass, backend))
            # What forms say is made of texts that are only there once an entry is.
            await async_load_integrations(self.hass, {DOMAIN})
        step = getattr(self, f"async_step_{kind}{backend}", None)
        if step is None:
            # A newer version created the entry.
            return self.async_abort(reason="unknown_backend")
        result: ConfigFlowResult = await step(*about)
        return result

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry[Any]) -> OptionsFlow:
        """Return the options flow of an entry."""
        return JunctionOptionsFlow()

    @classmethod
    @callback
    @override
    def async_supports_options_flow(cls, config_entry: ConfigEntry[Any]) -> bool:
        """Return whether the entry's backend has options. Ignored entries have none."""
        found = _registered(config_entry)
        return found is not None and found.options

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry[Any]
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the subentry types that the entry's backend supports."""
        found = _registered(config_entry)
        return dict.fromkeys(found.subentries if found else (), JunctionSubentryFlow)


class JunctionOptionsFlow(OptionsFlow):
    """Options flow that continues as that of the entry's backend."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Continue with the options flow of the backend."""
        steps = await _load(self.hass, self.config_entry.data[CONF_BACKEND])
        assert steps.options_flow is not None  # guarded by async_supports_options_flow
        _change_class(self, steps.options_flow)
        return await _first_step(self)


class JunctionSubentryFlow(ConfigSubentryFlow):
    """Subentry flow that continues as that of the entry's backend."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Continue with the subentry flow of the backend."""
        steps = await _load(self.hass, self._get_entry().data[CONF_BACKEND])
        _change_class(self, steps.subentry_flows[self._subentry_type])
        return await _first_step(self)

    async_step_reconfigure = async_step_user


def _registered(entry: ConfigEntry[Any]) -> Registered | None:
    return BACKENDS.get(entry.data.get(CONF_BACKEND, ""))


async def _load(hass: HomeAssistant, backend: str) -> type[BackendFlow]:
    if (steps := loaded_flow(backend)) is not None:
        return steps
    return await hass.async_add_import_executor_job(load_flow, backend)


def _change_class(
    flow: FlowHandler[Any, Any, Any], steps: type[FlowHandler[Any, Any, Any]]
) -> None:
    """Replace the class of an existing flow object by the backend's flow class."""
    flow.__class__ = steps


async def _first_step[ResultT: FlowResult[Any, Any]](
    flow: FlowHandler[Any, ResultT, Any],
) -> ResultT:
    result: ResultT = await getattr(flow, f"async_step_{flow.init_step}")()
    return result
