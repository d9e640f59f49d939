"""Errors of commands to several entities at once."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, LOGGER


@dataclass(slots=True)
class _Batch:
    """The commands of one context that are under way, and those of them that failed."""

    running: int = 0
    failed: dict[str, HomeAssistantError] = field(default_factory=dict)
    over: asyncio.Event = field(default_factory=asyncio.Event)


_BATCHES: HassKey[dict[str, _Batch]] = HassKey(f"{DOMAIN}_batches")


@asynccontextmanager
async def one_of_several(
    hass: HomeAssistant, context: Context | None, name: str
) -> AsyncGenerator[None]:
    """Run one of the commands that an action gives to several things.

    Home Assistant tells them all, and then shows the error of the first that failed. So
    one that failed waits for the others; if several did, each raises the same error,
    which names them all. The reason of each goes to the log.
    """
    if context is None:
        yield
        return
    batches = hass.data.setdefault(_BATCHES, {})
    batch = batches.setdefault(context.id, _Batch())
    batch.running += 1
    failure: HomeAssistantError | None = None
    try:
        yield
    except HomeAssistantError as err:
        failure = batch.failed[name] = err
        # The others may have yet to begin.
        await asyncio.sleep(0)
    finally:
        batch.running -= 1
        if not batch.running:
            if batches.get(context.id) is batch:
                del batches[context.id]
            batch.over.set()
    if failure is None:
        return
    await batch.over.wait()
    if len(batch.failed) == 1:
        raise failure
    LOGGER.warning("%s: %s", name, failure)
    raise HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="several_failed",
        translation_placeholders={"names": ", ".join(batch.failed)},
    ) from failure
