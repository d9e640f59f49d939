"""Describe what was found on a port, in the user's language."""

import os
from typing import Final

from homeassistant.components import usb
from homeassistant.components.usb.consumers import async_get_serial_port_consumers
from homeassistant.core import HomeAssistant

from ...words import NONE, NOTHING, UNKNOWN, async_selector_texts
from ..client.dlms.telegrams import UNKNOWN_MODEL
from ..client.probe import ProbeResult
from ..client.transport import has_speed
from .mbus import medium
from .meter import MANUFACTURERS

# The header made for DLMS lists begins with the manufacturer and a digit, as P1's does.
_MAKER: Final = 4


def title(found: ProbeResult) -> str:
    """Return the default name of the meter."""
    maker = MANUFACTURERS.get(found.manufacturer or "")
    if found.list_kind is not None:
        return maker or "DLMS"
    return f"{maker} P1" if maker else "P1"


async def async_describe(
    hass: HomeAssistant, found: ProbeResult, port: str
) -> dict[str, str]:
    """Return the placeholders of the form that shows the result of a port."""
    words = await async_selector_texts(
        hass,
        "dsmr_dialect",
        "dsmr_list",
        "dsmr_medium",
        "dsmr_carrier",
        "dsmr_line",
        "dsmr_identity",
        NOTHING,
    )
    nothing, unknown = words[NONE], words[UNKNOWN]
    kind, header = f"dsmr_dialect.{found.dialect}", found.header
    if found.list_kind is not None:
        kind, header = f"dsmr_list.{found.list_kind}", header[_MAKER:]
        if header == UNKNOWN_MODEL:
            header = unknown
    media = [words[f"dsmr_medium.{medium(device).key}"] for device in found.devices]
    interval = f"{found.interval:.1f}" if found.interval else unknown
    return {
        "meter": title(found),
        "header": header,
        "serial": found.serial or words["dsmr_identity.port"],
        "dialect": words[kind],
        "phases": str(found.phases) if found.phases else unknown,
        "interval": interval.removesuffix(".0"),
        "line": f"{found.line.baudrate} {words['dsmr_line.baud']}"
        if has_speed(port)
        else words["dsmr_line.network"],
        "carrier": words[f"dsmr_carrier.{found.carrier}"],
        "devices": ", ".join(media) or nothing,
    }


async def async_holder(hass: HomeAssistant, port: str) -> str | None:
    """Return the title of a loaded config entry that uses a port, or None."""
    ports = await usb.async_scan_serial_ports(hass)
    consumers = await async_get_serial_port_consumers(hass, ports)

    def find() -> str | None:
        wanted = os.path.realpath(port)
        return next(
            (
                user.title
                for path, users in consumers.items()
                for user in users
                if user.active and os.path.realpath(path) == wanted
            ),
            None,
        )

    return await hass.async_add_executor_job(find)
