"""Identify what answers at an address: a hub, a HAN reader, or something else.

No key is sent (docs/protocols/cozify.md#transport-and-version).
"""

from contextlib import suppress
from typing import Final

import aiohttp
from yarl import URL

from ....errors import BackendError, ProtocolError
from ...http import (
    Answer,
    Clock,
    ConnectRefusedError,
    HttpTransport,
    NotFoundError,
    json_fields as j,
)
from .const import HAN_PORT, HUB_PORT
from .errors import HanReaderError, NotCozifyError
from .models import Meta

TIMEOUT: Final = 3.0
"""Seconds for a hub to identify itself; it needs a few milliseconds."""


def parse_meta(answer: Answer) -> Meta:
    """Return the public information of a hub. Raises NotCozifyError."""
    try:
        said = answer.json()
    except ProtocolError as err:
        raise NotCozifyError from err
    hub_id, version = j.text(said, "hubId"), j.text(said, "version") or ""
    if not hub_id or version.count(".") < 1:
        raise NotCozifyError
    return Meta(
        hub_id=hub_id,
        name=(j.text(said, "name") or "").strip() or "Cozify",
        version=version,
        connected=j.boolean(said, "connected"),
    )


async def identify(
    session: aiohttp.ClientSession, url: URL, clock: Clock | None = None
) -> Meta:
    """Return the public information of the hub at a URL.

    Raises UnreachableError, NotCozifyError, HanReaderError.
    """
    transport = HttpTransport(session, url, timeout=TIMEOUT, clock=clock)
    try:
        return parse_meta(await transport.request("GET", "hub"))
    except ProtocolError, NotFoundError:
        await _complain_of_han(session, url, clock)
        raise NotCozifyError from None
    except ConnectRefusedError:
        if url.port == HUB_PORT:
            await _complain_of_han(session, url.with_port(HAN_PORT), clock)
        raise


async def _complain_of_han(
    session: aiohttp.ClientSession, url: URL, clock: Clock | None
) -> None:
    kind = None
    with suppress(BackendError):
        transport = HttpTransport(session, url, timeout=TIMEOUT, clock=clock)
        kind = j.text((await transport.request("GET", "han")).json(), "type")
    if kind == "HAN_STATE_MESSAGE":
        raise HanReaderError
