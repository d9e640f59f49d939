"""Client library for Mycodo, free of Home Assistant.

``MycodoClient`` speaks the REST API, ``MycodoWeb`` the routes of the web interface that
take the API key too. ``Poller`` asks for what is due and keeps ``MycodoState``,
``Commands`` sends commands to outputs. ``docs/protocols/mycodo.md`` describes what goes
over the wire.
"""

from .api import NOTES, MycodoClient
from .commands import ChannelKey, CommandConfirmer, Commands, shown
from .errors import (
    DaemonDownError,
    DaemonFrozenError,
    DatabaseDownError,
    NoEffectError,
    NoNotesError,
    NothingDoneError,
    NotMycodoError,
    ReadOnlyKeyError,
    UselessKeyError,
    WrongEntityError,
)
from .history import DAY, pages
from .listing import (
    SPACER,
    DeviceKind,
    Listing,
    OutputKind,
    output_kind,
    recorded_channel,
)
from .measurement_api import MULTI
from .measurements import MeasurementReader, Series
from .models import MeasurementRow, Output, OutputChannel, OutputState, Pid, Reading
from .poller import Poller
from .push import action_text, parse
from .state import MycodoState
from .units import unit_text
from .web import MycodoWeb

__all__ = [
    "DAY",
    "MULTI",
    "NOTES",
    "SPACER",
    "ChannelKey",
    "CommandConfirmer",
    "Commands",
    "DaemonDownError",
    "DaemonFrozenError",
    "DatabaseDownError",
    "DeviceKind",
    "Listing",
    "MeasurementReader",
    "MeasurementRow",
    "MycodoClient",
    "MycodoState",
    "MycodoWeb",
    "NoEffectError",
    "NoNotesError",
    "NotMycodoError",
    "NothingDoneError",
    "Output",
    "OutputChannel",
    "OutputKind",
    "OutputState",
    "Pid",
    "Poller",
    "ReadOnlyKeyError",
    "Reading",
    "Series",
    "UselessKeyError",
    "WrongEntityError",
    "action_text",
    "output_kind",
    "pages",
    "parse",
    "recorded_channel",
    "shown",
    "unit_text",
]
