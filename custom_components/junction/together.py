"""Combine the errors of commands to several entities at once."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, LOGGER


@dataclass(slots=True)
class _Batch:
    """Running commands of one context, and those that failed."""

    running: int = 0
    failed: dict[str, HomeAssistantError] = field(default_factory=dict)
    over: asyncio.Event = field(default_factory=asyncio.Event)


_BATCHES: HassKey[dict[str, _Batch]] = HassKey(f"{DOMAIN}_batches")


@asynccontextmanager
async def one_of_several(
    hass: HomeAssistant, context: Context | None, name: str
) -> AsyncGenerator[None]:
    """Run one of the commands that an action sends to several entities.

    Home Assistant runs all of them, and shows the error of the first that failed. A
    failed command therefore waits for the others; if several failed, each raises the
    same error, which names them all. The log has the reason of each.
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
        # The other commands may not have started yet.
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
    wrong = all(
        isinstance(err, ServiceValidationError) for err in batch.failed.values()
    )
    raise (ServiceValidationError if wrong else HomeAssistantError)(
        translation_domain=DOMAIN,
        translation_key="several_failed",
        translation_placeholders={"names": ", ".join(batch.failed)},
    ) from failure
