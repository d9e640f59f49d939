"""Compile five-minute statistics on demand, for the check.

Not part of Junction: `scripts/demo --check` adds it to its own Home Assistant. The recorder
compiles the states of the current five minutes with its own code, only earlier than scheduled, so
the results are those that every sensor gets.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final, override

from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.db_schema import (
    Statistics,
    StatisticsRuns,
    StatisticsShortTerm,
)
from homeassistant.components.recorder.statistics import compile_statistics
from homeassistant.components.recorder.tasks import RecorderTask, SynchronizeTask
from homeassistant.components.recorder.util import session_scope
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType
from homeassistant.util import dt as dt_util

DOMAIN: Final = "statistics_now"
_LAST_OF_HOUR: Final = 55

CONFIG_SCHEMA = cv.empty_config_schema(DOMAIN)


@dataclass(slots=True)
class CompileTask(RecorderTask):
    """Compile the statistics of five minutes, even if they were compiled before."""

    start: datetime

    @override
    def run(self, instance: Recorder) -> None:
        """Delete the marker of the earlier run, and compile; in the recorder's thread.

        The entity of a system that was checked before may have had the same name. The last five
        minutes of an hour also produce the hourly row; the recorder drops duplicates of it
        together with the five-minute rows.
        """
        with session_scope(session=instance.get_session()) as session:
            session.query(StatisticsRuns).filter_by(start=self.start).delete()
            session.query(StatisticsShortTerm).filter_by(
                start_ts=self.start.timestamp()
            ).delete()
            if self.start.minute == _LAST_OF_HOUR:
                session.query(Statistics).filter_by(
                    start_ts=self.start.replace(minute=0).timestamp()
                ).delete()
        compile_statistics(instance, self.start, fire_events=False)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the action `statistics_now.compile`."""

    async def compile_now(call: ServiceCall) -> None:
        """Return once the statistics of the current five minutes are in the database."""
        now = dt_util.utcnow()
        start = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
        done: asyncio.Future[None] = hass.loop.create_future()
        recorder = get_instance(hass)
        await recorder.async_block_till_done()
        recorder.queue_task(CompileTask(start))
        # Queue another task: the recorder counts as idle while it runs its last task.
        recorder.queue_task(SynchronizeTask(done))
        await done

    hass.services.async_register(DOMAIN, "compile", compile_now)
    return True
