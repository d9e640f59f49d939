"""Let the check have the recorder's five-minute statistics before five minutes are over.

Not part of Junction: `scripts/demo --check` adds it to its own Home Assistant. The recorder
compiles the states of the current five minutes with its own code, only earlier than by the
clock, so what comes out is what every sensor will get.
"""

import asyncio

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.tasks import StatisticsTask, SynchronizeTask
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType
from homeassistant.util import dt as dt_util

DOMAIN = "statistics_now"
CONFIG_SCHEMA = cv.empty_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the action `statistics_now.compile`."""

    async def compile_now(call: ServiceCall) -> None:
        """Return once the statistics of the running five minutes are in the database."""
        now = dt_util.utcnow()
        start = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
        done: asyncio.Future[None] = hass.loop.create_future()
        recorder = get_instance(hass)
        await recorder.async_block_till_done()
        recorder.queue_task(StatisticsTask(start, fire_events=False))
        # In line behind it: the recorder counts as idle while it does its last task.
        recorder.queue_task(SynchronizeTask(done))
        await done

    hass.services.async_register(DOMAIN, "compile", compile_now)
    return True
