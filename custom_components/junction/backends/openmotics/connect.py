"""From the data of an entry to the way to an installation."""

from collections.abc import Mapping
from typing import Any

import aiohttp
from yarl import URL

from ..http import Clock, TlsPolicy
from . import cloud, legacy
from .cloud import CloudGateway
from .const import (
    CLOUD,
    CONF_ACCEPT_TERMS,
    CONF_CLIENT_ID,
    CONF_CLIENT_SECRET,
    CONF_INSTALLATION,
    CONF_PASSWORD,
    CONF_TRANSPORT,
    CONF_URL,
    CONF_USERNAME,
    LEGACY,
)
from .gateway import Gateway
from .legacy import LegacyGateway
from .local import LocalGateway


def make_gateway(
    session: aiohttp.ClientSession,
    data: Mapping[str, Any],
    tls: TlsPolicy,
    clock: Clock | None = None,
) -> Gateway:
    """Return the gateway that the data describe; nothing is sent yet."""
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
) -> CloudGateway | LegacyGateway:
    installation = data.get(CONF_INSTALLATION)
    if data[CONF_TRANSPORT] == LEGACY:
        return LegacyGateway(
            session,
            data[CONF_USERNAME],
            data[CONF_PASSWORD],
            installation,
            base=legacy.BASE,
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
