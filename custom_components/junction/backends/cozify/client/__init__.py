"""Client for Cozify's cloud and hubs, free of Home Assistant.

``CloudApi`` logs in and returns the keys of hubs, ``Keys`` renews them, ``HubApi``
sends requests to one hub over the available route, ``Poller`` keeps a ``CozifyState``
up to date, and ``Commands`` sends commands. Protocol: docs/protocols/cozify.md.
"""

from . import capabilities, commands, lights, thermostats
from .api import HubApi, Route
from .cloud import CloudApi
from .commands import Commands
from .const import CLOUDS, HAN_PORT, HUB_PORT, Remote
from .errors import (
    BadTokenError,
    CloudLoginError,
    HanReaderError,
    HubGoneError,
    HubKeyRefusedError,
    HubOfflineError,
    InvalidEmailError,
    NoHubsError,
    NotCozifyError,
    RemoteUnpaidError,
    VersionGoneError,
    WrongCodeError,
    WrongHubError,
)
from .finding import FoundHub, find_all, find_one
from .keys import Keys, Tokens
from .lights import Limits, is_light
from .models import Alarm, Device, Group, Item, Kind, Meta, Room, Rule, Scene, State
from .parse import parse_poll, parse_rows
from .poller import Poller
from .probe import identify, parse_meta
from .state import Change, Changes, CozifyState
from .thermostats import TargetRange
from .tokens import Claims, claims, parse_token

__all__ = [
    "CLOUDS",
    "HAN_PORT",
    "HUB_PORT",
    "Alarm",
    "BadTokenError",
    "Change",
    "Changes",
    "Claims",
    "CloudApi",
    "CloudLoginError",
    "Commands",
    "CozifyState",
    "Device",
    "FoundHub",
    "Group",
    "HanReaderError",
    "HubApi",
    "HubGoneError",
    "HubKeyRefusedError",
    "HubOfflineError",
    "InvalidEmailError",
    "Item",
    "Keys",
    "Kind",
    "Limits",
    "Meta",
    "NoHubsError",
    "NotCozifyError",
    "Poller",
    "Remote",
    "RemoteUnpaidError",
    "Room",
    "Route",
    "Rule",
    "Scene",
    "State",
    "TargetRange",
    "Tokens",
    "VersionGoneError",
    "WrongCodeError",
    "WrongHubError",
    "capabilities",
    "claims",
    "commands",
    "find_all",
    "find_one",
    "identify",
    "is_light",
    "lights",
    "parse_meta",
    "parse_poll",
    "parse_rows",
    "parse_token",
    "thermostats",
]
