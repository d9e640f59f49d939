"""Addresses of Cozify's cloud and the ports of its devices."""

from enum import StrEnum
from typing import Final

from yarl import URL

CLOUDS: Final = (
    URL("https://api.cozify.fi/ui/0.2"),
    URL("https://cloudapi.cozify.io/ui/0.2"),
    URL("https://cloud2.cozify.fi/ui/0.2"),
)
"""Possible addresses of the cloud, the current one first
(docs/protocols/cozify.md#base-urls).
"""

HUB_PORT: Final = 8893
HAN_PORT: Final = 80
"""Port of HAN readers, Cozify's meter readers (docs/protocols/cozify.md#han-reader)."""


class Remote(StrEnum):
    """Whether the hub may be reached through the cloud."""

    OFF = "off"
    FALLBACK = "fallback"
    ONLY = "only"
