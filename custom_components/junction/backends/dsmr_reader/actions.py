"""Actions of DSMR-reader."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol

from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import probatio as vol

from ...errors import CallerError
from .. import call_api
from ..base import Action
from .client.api import ReaderClient
from .client.calls import full_path, judge
from .client.day_statistics import AMOUNTS
from .client.state import ReaderState
from .entities.history import HistoryKeeper
from .entities.read_actions import READ_ACTIONS


class ReaderActions(Protocol):
    """The part of a running backend that the actions use."""

    client: ReaderClient
    history: HistoryKeeper

    @property
    def state(self) -> ReaderState:
        """Return the state of the server."""

    def refresh(self) -> None:
        """Read everything soon, after a change."""


ATTR_ANEW: Final = "anew"
ATTR_DRY_RUN: Final = "dry_run"
ATTR_TIMESTAMP: Final = "timestamp"
ATTR_DAY: Final = "day"

_POSITION: Final = vol.All(vol.Coerce(float), vol.Range(min=0, max=999999.999))
_AMOUNT: Final = vol.All(vol.Coerce(float), vol.Range(min=0, max=99999.999))
_COST: Final = vol.All(vol.Coerce(float), vol.Range(min=-99999.99, max=99999.99))

_PHASES: Final = (1, 2, 3)
_VOLTAGE: Final = vol.All(vol.Coerce(float), vol.Range(min=0, max=999.9))
# The server stores whole amperes.
_CURRENT: Final = vol.All(vol.Coerce(float), vol.Range(min=0, max=999), round)

_READING: Final[dict[vol.Marker, Any]] = {
    vol.Optional(ATTR_TIMESTAMP): cv.datetime,
    **{
        vol.Required(f"electricity_{side}_{tariff}"): _POSITION
        for side in ("delivered", "returned")
        for tariff in (1, 2)
    },
    **{
        vol.Required(f"electricity_currently_{side}"): _POSITION
        for side in ("delivered", "returned")
    },
    vol.Optional("extra_device_timestamp"): cv.datetime,
    vol.Optional("extra_device_delivered"): _POSITION,
    **{
        vol.Optional(f"phase_currently_{side}_l{phase}"): _POSITION
        for side in ("delivered", "returned")
        for phase in _PHASES
    },
    **{vol.Optional(f"phase_voltage_l{phase}"): _VOLTAGE for phase in _PHASES},
    **{vol.Optional(f"phase_power_current_l{phase}"): _CURRENT for phase in _PHASES},
}
_DAY: Final[dict[vol.Marker, Any]] = {
    vol.Required(ATTR_DAY): cv.date,
    **{vol.Required(name): _AMOUNT for name in AMOUNTS},
    vol.Optional("gas"): _AMOUNT,
    **{
        vol.Required(name): _COST
        for name in ("electricity1_cost", "electricity2_cost", "total_cost")
    },
    vol.Optional("gas_cost"): _COST,
    vol.Optional("fixed_cost"): _COST,
}


async def _import(
    backend: ReaderActions, fields: Mapping[str, Any]
) -> JsonObjectType | None:
    if fields[ATTR_DRY_RUN]:
        return {"rows": dict(await backend.history.count())}
    # The import continues if the caller is cancelled.
    result = await asyncio.shield(backend.history.run(anew=fields[ATTR_ANEW]))
    return {
        "rows": dict(result.rows),
        "first": result.first.isoformat() if result.first else None,
        "last": result.last.isoformat() if result.last else None,
        "left_out": [
            {
                "reason": one.reason,
                "count": one.count,
                "first": one.first.isoformat(),
                "last": one.last.isoformat(),
            }
            for one in result.left_out.values()
        ],
    }


async def _send(
    backend: ReaderActions, fields: Mapping[str, Any]
) -> JsonObjectType | None:
    now = dt_util.utcnow()
    reading: dict[str, Any] = {ATTR_TIMESTAMP: now.isoformat()}
    for name, value in fields.items():
        if isinstance(value, datetime):
            moment = dt_util.as_utc(value)
            if moment > now + timedelta(hours=1):
                # The server would accept it, and show nothing newer until then.
                raise CallerError(value.isoformat(), field=name)
            reading[name] = moment.isoformat()
        elif isinstance(value, int):
            reading[name] = value
        else:
            reading[name] = f"{value:.{1 if name.startswith('phase_voltage') else 3}f}"
    created: dict[str, Any] = await backend.client.api.post_reading(reading)
    return created


async def _create_day(
    backend: ReaderActions, fields: Mapping[str, Any]
) -> JsonObjectType | None:
    created: dict[str, Any] = await backend.client.api.post_day(
        {
            name: (
                value.isoformat()
                if isinstance(value, date)
                else f"{value:.{2 if name.endswith('_cost') else 3}f}"
            )
            for name, value in fields.items()
        }
    )
    return created


async def _call_api(
    backend: ReaderActions, fields: Mapping[str, Any]
) -> JsonObjectType:
    method, body = call_api.method_of(fields), fields.get("body")
    path = full_path(call_api.below(fields["path"], "api"))
    judgement = judge(method, path, body, dt_util.utcnow(), backend.state.zone)
    return await call_api.execute(
        judgement,
        f"{method} {path}",
        fields,
        partial(backend.client.api.request, method, path, fields.get("query"), body),
        backend.refresh,
    )


ACTIONS: Final = (
    Action(
        name="import_history",
        schema={
            vol.Optional(ATTR_ANEW, default=False): cv.boolean,
            vol.Optional(ATTR_DRY_RUN, default=False): cv.boolean,
        },
        handler=_import,
    ),
    Action(name="dsmr_reader_send_reading", schema=_READING, handler=_send),
    Action(name="dsmr_reader_create_day_statistics", schema=_DAY, handler=_create_day),
    *READ_ACTIONS,
    call_api.action("DSMR-reader", call_api.REST, _call_api, needs=("path",)),
)
