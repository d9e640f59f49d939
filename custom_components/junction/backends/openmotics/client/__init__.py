"""Client of OpenMotics: the local gateway, the current cloud, and the legacy cloud.

Free of Home Assistant. ``Gateway`` is one installation over any connection:
``LocalGateway`` uses its own address, ``CloudGateway`` the current cloud,
``LegacyCloudGateway`` the cloud before it. Protocol: docs/protocols/openmotics.md.
"""

from .cloud.commands import CloudGateway
from .gateway import Direction, Gateway, Listener
from .house import marks_of
from .legacy_cloud import LegacyCloudGateway
from .local import LocalGateway
from .models import Abilities, Configuration, Identity, Key, Kind, States, Topic
from .poller import Poller
from .stream import Stream, Watcher

__all__ = [
    "Abilities",
    "CloudGateway",
    "Configuration",
    "Direction",
    "Gateway",
    "Identity",
    "Key",
    "Kind",
    "LegacyCloudGateway",
    "Listener",
    "LocalGateway",
    "Poller",
    "States",
    "Stream",
    "Topic",
    "Watcher",
    "marks_of",
]
