"""Read files for actions."""

from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant

from ..client.errors import BadFileError

MAX_FILE: Final = 2**20
"""Maximum size in bytes; the length field of a report has 24 bits, devices send a few
kB.
"""


async def read_file(hass: HomeAssistant, path: str) -> bytes:
    """Return the content of a file in one of the allowed folders.

    Raises BadFileError.
    """

    def read() -> bytes:
        if not hass.config.is_allowed_path(path):
            raise BadFileError("allowlist_external_dirs")
        try:
            with Path(path).open("rb") as file:
                return file.read(MAX_FILE)
        except OSError as err:
            raise BadFileError(err.strerror or "") from None

    return await hass.async_add_executor_job(read)
