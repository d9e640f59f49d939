"""Read the new events of many devices with few requests."""

from collections.abc import Iterable
from datetime import datetime

from ....errors import BackendError
from .api import IOTileClient
from .fan_out import ask_each
from .models import Event
from .state import IOTileState


async def read_events(
    client: IOTileClient, state: IOTileState, slugs: Iterable[str], start: datetime
) -> dict[str, BackendError]:
    """Read the events of devices since ``start``; return errors by device.

    Requests are per device, or per variable if that is fewer: devices of one project
    share their variables.
    """
    listing = state.listing
    owners: dict[str, set[str]] = {}
    for slug in slugs:
        for stream in listing.of(slug):
            if stream.has_events:
                owners.setdefault(slug, set()).add(stream.variable_slug)
    variables = {variable for found in owners.values() for variable in found}
    shared = len(variables) < len(owners)
    found: dict[str, list[Event]] = {}

    async def ask(slug: str) -> None:
        found[slug] = await client.events(slug, start)

    failed = await ask_each(variables if shared else owners, ask)
    errors: dict[str, BackendError] = {}
    for owner, mine in owners.items():
        asked = mine if shared else {owner}
        if broken := [failed[slug] for slug in asked if slug in failed]:
            errors[owner] = broken[0]
            continue
        own = {stream.slug for stream in listing.of(owner)}
        events = [e for slug in asked for e in found[slug] if e.stream in own]
        events.sort(key=lambda event: event.id)
        state.take_new_events(owner, events, state.now())
    return errors
