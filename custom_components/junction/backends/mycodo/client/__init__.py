"""Client library for Mycodo, free of Home Assistant.

``MycodoClient`` uses the REST API, ``MycodoWeb`` the routes of the web interface that
accept the API key too. ``Poller`` requests what is due and updates ``MycodoState``,
``Commands`` sends commands to outputs. ``docs/protocols/mycodo.md`` describes the
protocol.
"""

from .api import NOTES, MycodoClient
from .commands import ChannelKey, CommandConfirmer, Commands, shown
from .daemon import DaemonChannel
from .daemon_functions import PID_GETTABLE, PID_SETTABLE, DaemonFunctions
from .daemon_poller import ChannelState, DaemonPoller, PidValue
from .errors import (
    BadUnitError,
    ChannelMissingError,
    DaemonDownError,
    DaemonFrozenError,
    DatabaseDownError,
    HttpsOnlyError,
    NoEffectError,
    NoNotesError,
    NothingDoneError,
    NotInstalledError,
    NotMycodoError,
    ReadOnlyKeyError,
    UselessKeyError,
    WrongEntityError,
    WrongFieldsError,
)
from .history import DAY, pages
from .listing import DeviceKind, Listing, OutputKind, Part, is_spacer, output_kind
from .measurement_api import MULTI
from .measurements import MeasurementReader, Series
from .models import MeasurementRow, Output, OutputChannel, OutputState, Pid, Reading
from .pid_commands import PidCommands
from .poller import Poller
from .push import OutputChange, action_text, parse
from .state import MycodoState
from .units import unit_id, unit_text
from .web import MycodoWeb

__all__ = [
    "DAY",
    "MULTI",
    "NOTES",
    "PID_GETTABLE",
    "PID_SETTABLE",
    "BadUnitError",
    "ChannelKey",
    "ChannelMissingError",
    "ChannelState",
    "CommandConfirmer",
    "Commands",
    "DaemonChannel",
    "DaemonDownError",
    "DaemonFrozenError",
    "DaemonFunctions",
    "DaemonPoller",
    "DatabaseDownError",
    "DeviceKind",
    "HttpsOnlyError",
    "Listing",
    "MeasurementReader",
    "MeasurementRow",
    "MycodoClient",
    "MycodoState",
    "MycodoWeb",
    "NoEffectError",
    "NoNotesError",
    "NotInstalledError",
    "NotMycodoError",
    "NothingDoneError",
    "Output",
    "OutputChange",
    "OutputChannel",
    "OutputKind",
    "OutputState",
    "Part",
    "Pid",
    "PidCommands",
    "PidValue",
    "Poller",
    "ReadOnlyKeyError",
    "Reading",
    "Series",
    "UselessKeyError",
    "WrongEntityError",
    "WrongFieldsError",
    "action_text",
    "is_spacer",
    "output_kind",
    "pages",
    "parse",
    "shown",
    "unit_id",
    "unit_text",
]
