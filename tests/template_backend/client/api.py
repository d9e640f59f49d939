"""Requests to the controller: one for the state of all relays, one to switch a relay."""

import aiohttp

from custom_components.junction.backends.http import (
    HttpTransport,
    UnexpectedJsonError,
    base_url,
    json_fields as j,
)

from .models import Status


class TemplateClient:
    """Speaks to one controller. All methods raise ``BackendError``."""

    def __init__(self, session: aiohttp.ClientSession, url: str, key: str) -> None:
        """Send nothing yet. Raises InvalidAddressError."""
        base = base_url(url, scheme="http")
        self.http = HttpTransport(session, base, headers={"X-Key": key})

    async def status(self) -> Status:
        """Read everything."""
        found = (await self.http.request("GET", "status")).object()
        if (serial := j.text(found, "serial")) is None:
            raise UnexpectedJsonError("serial")  # it is another product
        relays = {
            key: (j.text(row, "name") or key, j.boolean(row, "on"))
            for key, row in (j.mapping(found, "relays") or {}).items()
        }
        name = j.text(found, "name") or serial
        return Status(serial, name, j.number(found, "temperature"), relays)

    async def switch(self, relay: str, on: bool) -> None:
        """Switch a relay."""
        await self.http.request("POST", f"relays/{relay}", json={"on": on})
