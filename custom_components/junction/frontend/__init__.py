"""Serve the modules of the dashboard strategy."""

from hashlib import sha256
from pathlib import Path
from typing import Final

from homeassistant.components import websocket_api
from homeassistant.components.http import StaticPathConfig
from homeassistant.core import HomeAssistant

from ..const import DOMAIN, LOGGER
from .command import websocket_dashboard

MODULES: Final = Path(__file__).parent / "modules"
ENTRANCE: Final = "junction.js"


async def async_register_dashboard(hass: HomeAssistant, version: str) -> None:
    """Add the strategy to Home Assistant's frontend, if it is loaded."""
    websocket_api.async_register_command(hass, websocket_dashboard)
    if "frontend" not in hass.config.components:
        LOGGER.debug("Home Assistant runs without a frontend, so without dashboards")
        return
    # Imported here, because the frontend is not a dependency.
    from homeassistant.components.frontend import add_extra_js_url  # noqa: PLC0415

    digest = await hass.async_add_import_executor_job(_digest)
    url = f"/{DOMAIN}_frontend/{version}-{digest}"
    await hass.http.async_register_static_paths([StaticPathConfig(url, str(MODULES))])
    add_extra_js_url(hass, f"{url}/{ENTRANCE}")


def _digest() -> str:
    """Return a hash of all files, because browsers cache them for a month."""
    digest = sha256()
    for path in sorted(MODULES.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:8]
