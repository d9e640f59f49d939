"""Junction: set up, migrate, unload, and remove config entries."""

import asyncio
from functools import partial

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.helpers.typing import ConfigType
from homeassistant.loader import async_get_integration

from .backends import BACKENDS, load
from .const import CONF_BACKEND, DOMAIN
from .coordinator import JunctionConfigEntry, JunctionCoordinator
from .devices import device_identifier
from .frontend import async_register_dashboard
from .issues import async_withdraw_all, async_withdraw_orphans
from .services import async_register_actions, async_register_services
from .startup import async_close, async_finish, async_first_refresh

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the dashboard and the actions; both stay while an entry is not loaded."""
    integration = await async_get_integration(hass, DOMAIN)
    await async_register_dashboard(hass, str(integration.version))
    async_register_services(hass)
    for name in {
        entry.data.get(CONF_BACKEND)
        for entry in hass.config_entries.async_entries(DOMAIN)
    }:
        if name in BACKENDS:
            info = await hass.async_add_import_executor_job(load, name)
            async_register_actions(hass, info)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: JunctionConfigEntry) -> bool:
    """Set up one installation."""
    await async_finish(hass, _set_up(hass, entry), f"{entry.title} - setup")
    return True


async def _set_up(hass: HomeAssistant, entry: JunctionConfigEntry) -> None:
    name: str = entry.data[CONF_BACKEND]
    try:
        info = await hass.async_add_import_executor_job(load, name)
    except KeyError as err:
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key="unknown_backend",
            translation_placeholders={"backend": name},
        ) from err
    async_withdraw_orphans(hass, entry)
    # Does nothing unless this is the first entry of its backend since the start.
    async_register_actions(hass, info)
    backend = info.create(hass, entry)
    close = partial(async_close, entry, backend)
    entry.async_on_unload(close)
    coordinator = JunctionCoordinator(hass, entry, info, backend)

    unlisten: CALLBACK_TYPE | None = None

    async def stop(_event: Event) -> None:
        nonlocal unlisten
        unlisten = None
        await coordinator.async_shutdown()
        await close()

    @callback
    def forget() -> None:
        # A once-listener that has fired is removed already, and a set-up may end
        # because of it.
        if unlisten is not None:
            unlisten()

    # Home Assistant does not unload entries when it stops, so pending data would be
    # lost.
    unlisten = hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop)
    entry.async_on_unload(forget)
    ready = asyncio.Event()
    await async_first_refresh(hass, coordinator, ready.set)
    entry.runtime_data = coordinator
    await hass.config_entries.async_forward_entry_setups(entry, info.platforms)
    # The base class polls only while it has a listener; entities listen to their
    # points.
    entry.async_on_unload(coordinator.async_add_listener(lambda: None))
    if ready.is_set():
        backend.subscribe(coordinator)
        return

    async def subscribe() -> None:
        await ready.wait()
        backend.subscribe(coordinator)

    entry.async_create_background_task(hass, subscribe(), f"{entry.title} - subscribe")


async def async_unload_entry(hass: HomeAssistant, entry: JunctionConfigEntry) -> bool:
    """Unload an installation; the backend closes itself afterwards."""
    return await async_finish(
        hass,
        hass.config_entries.async_unload_platforms(
            entry, entry.runtime_data.info.platforms
        ),
        f"{entry.title} - unload",
    )


async def async_remove_entry(hass: HomeAssistant, entry: JunctionConfigEntry) -> None:
    """Delete the issues and the stored data of a removed entry."""
    async_withdraw_all(hass, entry)
    name: str = entry.data[CONF_BACKEND]
    if name in BACKENDS:
        info = await hass.async_add_import_executor_job(load, name)
        await info.remove(hass, entry)


async def async_migrate_entry(hass: HomeAssistant, entry: JunctionConfigEntry) -> bool:
    """Refuse an entry that a newer version created; no older format exists yet."""
    return entry.version == 1


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: JunctionConfigEntry, device: DeviceEntry
) -> bool:
    """Allow the user to remove a device that is gone or does not respond.

    Some systems never report that a device was removed.
    """
    if entry.state is not ConfigEntryState.LOADED:
        # Without a loaded entry it is unknown whether the device still exists.
        return False
    coordinator = entry.runtime_data
    present = {
        device_identifier(entry, spec.id)
        for spec in coordinator.topology.devices
        if spec.id not in coordinator.offline
    }
    return device.identifiers.isdisjoint(present)
