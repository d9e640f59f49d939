"""Client for IOTile Cloud's REST API, version 1, free of Home Assistant.

``IOTileClient`` sends requests for one account. ``Poller`` reads an account into an
``IOTileState`` with as few requests as possible. Protocol: docs/protocols/iotile.md.
"""

from .account import Login, server_url
from .accumulate import Accumulation, accumulate
from .api import IOTileClient
from .changes import Changes
from .commands import post_event, post_point, submit_report
from .history import pages
from .listing import Details, Listing
from .models import Device, Event, Membership, Point, Project, Status, Stream, Unit
from .poller import Poller
from .reports import Report, read_report
from .state import IOTileState
from .totals import Ledger

__all__ = [
    "Accumulation",
    "Changes",
    "Details",
    "Device",
    "Event",
    "IOTileClient",
    "IOTileState",
    "Ledger",
    "Listing",
    "Login",
    "Membership",
    "Point",
    "Poller",
    "Project",
    "Report",
    "Status",
    "Stream",
    "Unit",
    "accumulate",
    "pages",
    "post_event",
    "post_point",
    "read_report",
    "server_url",
    "submit_report",
]
