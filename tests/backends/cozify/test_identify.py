"""Who answers at an address."""

import aiohttp
import pytest
from yarl import URL

from custom_components.junction.backends.cozify.errors import (
    HanReaderError,
    NotCozifyError,
)
from custom_components.junction.backends.cozify.identify import identify
from simulators import http_faults as faults
from simulators.cozify.server import CozifyWorld


@pytest.mark.parametrize(
    "fault",
    [
        faults.html_page(200),
        faults.empty_body(),
        faults.truncated(),
        faults.status(200, "[1]"),
        faults.status(200, '{"hubId":"x","version":"7"}'),
        faults.status(200, '{"hubId":"","version":"1.14.1.1"}'),
        faults.status(404),
        faults.redirect("/setup"),
    ],
)
async def test_no_hub(
    world: CozifyWorld, session: aiohttp.ClientSession, fault: faults.Fault
) -> None:
    world.hub.server.inject(fault, "/hub")
    with pytest.raises(NotCozifyError) as error:
        await identify(session, URL(world.hub.url))
    assert not isinstance(error.value, HanReaderError)


async def test_hub_without_a_name(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> None:
    world.hub.state.name = " "
    world.hub.state.version = "1.15.0.1"
    meta = await identify(session, URL(world.hub.url))
    assert (meta.name, meta.api) == ("Cozify", "1.15")
