"""Actions of Mycodo."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final, Protocol

from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import probatio as vol

from .. import call_api
from ..base import Access, Action
from .client import (
    NOTES,
    BadUnitError,
    ChannelMissingError,
    Commands,
    DaemonPoller,
    MycodoClient,
    NoNotesError,
    OutputKind,
    OutputState,
    Poller,
    WrongEntityError,
    shown,
    unit_id,
)
from .client.calls import judge
from .entities.daemon_calls import DAEMON_SCHEMA, call_daemon
from .entities.history import MAX_DAYS, MycodoHistory
from .entities.inventory import Inventory

ATTR_ENTITY: Final = "entity"
ATTR_ENTITIES: Final = "entities"
ATTR_VOLUME: Final = "volume"


class Target(Protocol):
    """The part of the backend that the actions use."""

    client: MycodoClient
    poller: Poller
    commands: Commands
    history: MycodoHistory
    inventory: Inventory
    daemon: DaemonPoller | None

    def refresh(self, *, everything: bool) -> None:
        """Read the outputs soon, or all lists if ``everything``."""


def _shown(state: OutputState) -> str | float | None:
    return shown(state) if isinstance(state, bool) else state


async def _dispense(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    key = backend.inventory.channel_of(fields[ATTR_ENTITY], OutputKind.PUMP)
    wanted = fields[ATTR_VOLUME]
    # A small volume may be dispensed before the first read.
    command = backend.commands.dispense(key, wanted)
    state, words = await backend.inventory.command(key, command)
    return {"volume": wanted, "state": _shown(state), "message": words}


async def _set_duty_cycle(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    key = backend.inventory.channel_of(fields[ATTR_ENTITY], OutputKind.PWM)
    wanted = fields["duty_cycle"]
    command = backend.commands.set_duty_cycle(key, wanted)
    state, words = await backend.inventory.command(key, command)
    return {"state": _shown(state), "message": words}


async def _set_value(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    key = backend.inventory.channel_of(fields[ATTR_ENTITY], OutputKind.VALUE)
    wanted = fields["value"]

    def agrees(state: OutputState) -> bool:
        return not wanted or (not isinstance(state, bool) and state == wanted)

    command = backend.commands.set_value(key, wanted)
    state, words = await backend.inventory.command(key, command, agrees)
    return {"state": _shown(state), "message": words}


async def _send_measurement(
    backend: Target, fields: Mapping[str, Any]
) -> JsonObjectType:
    """Store a value, and check that it was stored: "success" does not guarantee it.

    See docs/protocols/mycodo.md#storing-a-value.
    """
    client = backend.client
    unit = unit_id(fields["unit"], backend.poller.listing.units)
    if unit is None:
        raise BadUnitError(fields["unit"])
    place = fields["device"], unit, fields["channel"]
    moment: datetime | None = fields.get("timestamp")
    await client.create_measurement(
        *place, fields["value"], moment and dt_util.as_utc(moment)
    )
    if moment is not None:
        return {"stored": None}
    reading = await client.last(*place, 60)
    return {"stored": reading is not None}


async def _import_history(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    known = backend.inventory.importable()
    wanted = []
    for entity_id in fields[ATTR_ENTITIES]:
        if entity_id not in known:
            raise WrongEntityError(entity=entity_id)
        wanted.append((entity_id, known[entity_id]))
    written = await backend.history.run(wanted, fields["days"])
    return {"hours": dict(written)}


async def _create_note(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    if NOTES not in backend.poller.capabilities:
        raise NoNotesError
    await backend.client.create_note(fields["name"], fields["note"], fields["tags"])
    return {"tags": list(fields["tags"])}


async def _call_daemon(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    if backend.daemon is None:
        raise ChannelMissingError
    return await call_daemon(backend.daemon.functions, fields)


async def _call_api(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    method, body = call_api.method_of(fields), fields.get("body")
    path = call_api.below(fields["path"], "api")
    judgement = judge(method, path)
    return await call_api.execute(
        judgement,
        f"{method} {path}",
        fields,
        partial(backend.client.request, method, path, fields.get("query"), body),
        partial(backend.refresh, everything=not path.startswith("outputs/")),
    )


_LARGEST: Final = 1e15
_ENTITY: Final[dict[vol.Marker, Any]] = {vol.Required(ATTR_ENTITY): cv.entity_id}
# Python accepts "nan" and "inf" as numbers.
_NUMBER: Final = vol.All(
    vol.Coerce(float), vol.Range(min=-_LARGEST, max=_LARGEST), msg="not a number"
)

ACTIONS: Final = (
    Action(
        name="dispense",
        schema={
            **_ENTITY,
            vol.Required(ATTR_VOLUME): vol.All(
                # Zero and negative values "succeed" but corrupt the log.
                _NUMBER,
                vol.Range(min=0, min_included=False),
            ),
        },
        handler=_dispense,
        access=Access.CONTROL,
        entities=(ATTR_ENTITY,),
    ),
    Action(
        name="set_duty_cycle",
        schema={
            **_ENTITY,
            vol.Required("duty_cycle"): vol.All(_NUMBER, vol.Range(min=0, max=100)),
        },
        handler=_set_duty_cycle,
        access=Access.CONTROL,
        entities=(ATTR_ENTITY,),
    ),
    Action(
        name="set_value",
        schema={**_ENTITY, vol.Required("value"): _NUMBER},
        handler=_set_value,
        access=Access.CONTROL,
        entities=(ATTR_ENTITY,),
    ),
    Action(
        name="send_measurement",
        schema={
            vol.Required("device"): cv.matches_regex(r"^[^/\s]+$"),
            vol.Required("unit"): vol.All(cv.string, vol.Length(min=1, max=100)),
            vol.Required("channel", default=0): cv.positive_int,
            vol.Required("value"): _NUMBER,
            vol.Optional("timestamp"): cv.datetime,
        },
        handler=_send_measurement,
    ),
    Action(
        name="import_history",
        schema={
            vol.Required(ATTR_ENTITIES): cv.entity_ids,
            vol.Required("days", default=30): vol.All(
                vol.Coerce(int), vol.Range(min=1, max=MAX_DAYS)
            ),
        },
        handler=_import_history,
        entities=(ATTR_ENTITIES,),
    ),
    Action(
        name="create_note",
        schema={
            vol.Required("name"): cv.string,
            vol.Required("note"): cv.string,
            vol.Required("tags"): vol.All(
                cv.ensure_list, vol.Length(min=1), [cv.string]
            ),
        },
        handler=_create_note,
    ),
    call_api.action("Mycodo", call_api.REST, _call_api, needs=("path",)),
    Action(name="mycodo_daemon", schema=DAEMON_SCHEMA, handler=_call_daemon),
)
