"""Hours of statistics for new sensors, and tours that need them."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from ..client import Entity
from .base import Slip, Tour, Visit

_UNIT_CLASSES: Final = {"temperature": "temperature", "energy": "energy"}
_MEAN: Final = 1
_BEFORE: Final = timedelta(hours=2)


async def measured(visit: Visit, classes: Collection[str]) -> Entity:
    """Return a sensor of one of these device classes that shows a value."""
    entities = await visit.client.entities(visit.entry_id)
    return next(
        entity
        for entity in entities
        if entity.attribute("device_class") in classes
        and entity.attribute("state_class")
        and not entity.missing
    )


async def give_hour(visit: Visit, entity: Entity, young: Entity) -> None:
    """Give a sensor an hour of statistics, and delete those of a ``young`` one.

    Home Assistant compiles the first ones after up to five minutes.
    """
    await visit.client.api.command(
        "recorder/clear_statistics", statistic_ids=[young.entity_id]
    )
    assert entity.state is not None
    value, kind = float(entity.state.state), entity.attribute("device_class")
    counts = str(entity.attribute("state_class")).startswith("total")
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - _BEFORE
    await visit.client.api.command(
        "recorder/import_statistics",
        metadata={
            "has_sum": counts,
            "mean_type": 0 if counts else _MEAN,
            "name": None,
            "source": "recorder",
            "statistic_id": entity.entity_id,
            "unit_class": _UNIT_CLASSES.get(kind),
            "unit_of_measurement": entity.attribute("unit_of_measurement"),
        },
        stats=[
            {
                "start": hour.isoformat(),
                **(
                    {"state": value, "sum": 0.0}
                    if counts
                    else {"mean": value, "min": value, "max": value}
                ),
            }
        ],
    )


def import_tours(known: Entity, new: Entity) -> Sequence[Tour]:
    """Return the imports of a DSMR-reader, also into a sensor that is too ``new``."""
    join = {"delivered_1": known.entity_id}
    wrong = {**join, "delivered_2": new.entity_id}
    return (
        Tour(
            name="options",
            kind="options",
            answers={"init": {"next_step_id": "dsmr_reader_import"}},
        ),
        Tour(
            name="options",
            kind="options",
            answers={
                "init": {"next_step_id": "dsmr_reader_join"},
                "dsmr_reader_join": join,
            },
            slips=(Slip("dsmr_reader_join", wrong, "no_statistics"),),
            until="dsmr_reader_join_error",
            before=partial(give_hour, entity=known, young=new),
        ),
    )
