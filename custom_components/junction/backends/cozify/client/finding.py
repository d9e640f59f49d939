"""Find the hubs of an account: in the local network, or through the cloud.

See docs/protocols/cozify.md#discovery.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from yarl import URL

from ....errors import BackendError
from ...http import base_url
from .cloud import CloudApi
from .const import HUB_PORT
from .errors import WrongHubError
from .probe import identify, parse_meta
from .tokens import claims


@dataclass(frozen=True, slots=True)
class FoundHub:
    """A hub of the account; ``host`` is None if it was not found in the network."""

    id: str
    name: str
    key: str
    host: URL | None = None


async def find_all(
    cloud: CloudApi, session: aiohttp.ClientSession, keys: Mapping[str, str]
) -> dict[str, FoundHub]:
    """Return the hubs for these keys by hub id, with their addresses."""
    hubs = {
        hub: FoundHub(hub, claims(key).hub_name or f"Cozify {hub[:8]}", key)
        for hub, key in keys.items()
    }
    for url in await _addresses(cloud):
        try:
            meta = await identify(session, url)
        except BackendError:
            # A HAN reader, or another hub.
            continue
        if (hub := hubs.get(meta.hub_id)) is not None:
            hubs[hub.id] = FoundHub(hub.id, meta.name, hub.key, url)
    return hubs


async def find_one(
    cloud: CloudApi,
    session: aiohttp.ClientSession,
    hub: FoundHub,
    token: str,
    typed: str = "",
) -> FoundHub:
    """Find a hub at an address, or anywhere if none is given.

    Raises WrongHubError, NotCozifyError, HanReaderError, UnreachableError, and the
    cloud's error if only the cloud is left.
    """
    urls = await _addresses(cloud)
    if typed:
        # Hubs have no path, whatever page the user copied.
        urls = [base_url(typed, scheme="http", port=HUB_PORT).origin()]
    for url in urls:
        try:
            meta = await identify(session, url)
        except BackendError:
            if typed:
                raise
            continue
        if meta.hub_id == hub.id:
            return FoundHub(hub.id, meta.name, hub.key, url)
        if typed:
            raise WrongHubError
    answer = await cloud.relay("GET", "hub", token, hub.key)
    return FoundHub(hub.id, parse_meta(answer).name, hub.key)


async def _addresses(cloud: CloudApi) -> list[URL]:
    try:
        return await cloud.addresses()
    except BackendError:
        # The user is then asked for the address.
        return []
