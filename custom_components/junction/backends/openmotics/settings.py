"""Settings of an OpenMotics entry, and the gateway created from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

import aiohttp
from homeassistant.config_entries import ConfigEntry
from yarl import URL

from ..http import Clock, TlsPolicy
from .client import (
    CloudGateway,
    Gateway,
    LegacyCloudGateway,
    LocalGateway,
    legacy_cloud,
)
from .client.cloud import api as cloud

NAME: Final = "openmotics"
TITLE: Final = "OpenMotics"

# Entry data.
CONF_TRANSPORT: Final = "transport"
LOCAL: Final = "local"
CLOUD: Final = "cloud"
LEGACY: Final = "legacy_cloud"

CONF_URL: Final = "url"
CONF_USERNAME: Final = "username"
CONF_PASSWORD: Final = "password"  # noqa: S105 - the name of a field
CONF_CLIENT_ID: Final = "client_id"
CONF_CLIENT_SECRET: Final = "client_secret"  # noqa: S105 - the name of a field
CONF_INSTALLATION: Final = "installation"
CONF_ACCEPT_TERMS: Final = "accept_terms"
CONF_HOUSE: Final = "house"
"""Marks of the configuration, for a gateway without an id."""

# Options.
CONF_POWER_INTERVAL: Final = "power_interval"
DEFAULT_POWER_INTERVAL: Final = 15
CONF_VALVES: Final = "valves"
CONF_DIMMERS: Final = "dimmers"
CONF_GROUP_ACTIONS: Final = "group_actions"
CONF_PULSES: Final = "pulses"

AS_SWITCH: Final = "switch"
AS_VALVE: Final = "valve"
AS_NUMBER: Final = "number"
AS_LIGHT: Final = "light"
AS_SCENE: Final = "scene"
AS_BUTTON: Final = "button"

CLOUD_INTERVAL: Final = 30.0
"""Seconds between two polls of the cloud, which documents no limit."""
TICK: Final = 5.0
"""Seconds between two checks for what is due locally; usually nothing is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options of an entry. ``power_interval`` in s."""

    valves: bool = False
    """Show valves as valves, not as switches."""
    lights: bool = False
    """Show dimmers as lights, regardless of their load."""
    buttons: bool = False
    """Show group actions as buttons, not as scenes."""
    pulses: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By id of a pulse counter: ``medium`` and ``per_unit``."""
    power_interval: float = DEFAULT_POWER_INTERVAL

    @classmethod
    def of(cls, entry: ConfigEntry[Any]) -> Self:
        """Return the settings of an entry, with defaults for missing ones."""
        options = entry.options
        return cls(
            valves=options.get(CONF_VALVES) == AS_VALVE,
            lights=options.get(CONF_DIMMERS) == AS_LIGHT,
            buttons=options.get(CONF_GROUP_ACTIONS) == AS_BUTTON,
            pulses=options.get(CONF_PULSES, {}),
            power_interval=options.get(CONF_POWER_INTERVAL, DEFAULT_POWER_INTERVAL),
        )


def poll_interval(entry: ConfigEntry[Any]) -> float:
    """Return the seconds between two fetches."""
    return CLOUD_INTERVAL if entry.data[CONF_TRANSPORT] == CLOUD else TICK


def make_gateway(
    session: aiohttp.ClientSession,
    data: Mapping[str, Any],
    tls: TlsPolicy,
    clock: Clock | None = None,
) -> Gateway:
    """Return the gateway for the data of an entry; nothing is sent yet."""
    if data[CONF_TRANSPORT] in {CLOUD, LEGACY}:
        return _cloud(session, data, clock)
    return LocalGateway(
        session,
        URL(data[CONF_URL]),
        data[CONF_USERNAME],
        data[CONF_PASSWORD],
        tls=tls,
        clock=clock,
        accept_terms=data.get(CONF_ACCEPT_TERMS, False),
    )


async def list_installations(
    session: aiohttp.ClientSession, data: Mapping[str, Any]
) -> dict[str, str]:
    """Return the installations of a cloud account: their names by id."""
    return await _cloud(session, data, None).installations()


def _cloud(
    session: aiohttp.ClientSession, data: Mapping[str, Any], clock: Clock | None
) -> CloudGateway | LegacyCloudGateway:
    installation = data.get(CONF_INSTALLATION)
    if data[CONF_TRANSPORT] == LEGACY:
        return LegacyCloudGateway(
            session,
            data[CONF_USERNAME],
            data[CONF_PASSWORD],
            installation,
            base=legacy_cloud.BASE,
            clock=clock,
        )
    return CloudGateway(
        session,
        data[CONF_CLIENT_ID],
        data[CONF_CLIENT_SECRET],
        installation,
        base=cloud.BASE,
        clock=clock,
    )
