"""All devices and points of a Mycodo."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ....model import DeviceSpec
from ..client import MycodoClient
from ..listing import SPACER, Listing
from ..web import MycodoWeb
from . import controllers, pids, sensors
from .built import Built
from .controllers import HUB
from .outputs import OutputEntities
from .wishes import Wishes

MANUFACTURER = "Mycodo"


@dataclass(frozen=True, slots=True)
class Host:
    """The Mycodo itself. ``name`` and ``version`` may be unknown."""

    url: str
    name: str | None = None
    version: str | None = None


def devices(listing: Listing, host: Host) -> Iterator[DeviceSpec]:
    """Yield the Mycodo, and every device that it looks after."""
    yield DeviceSpec(
        id=HUB,
        name=host.name or MANUFACTURER,
        manufacturer=MANUFACTURER,
        model="Environmental controller",
        sw_version=host.version,
        configuration_url=host.url,
    )

    def part(identity: str, name: str, model: str, page: str) -> DeviceSpec:
        return DeviceSpec(
            id=identity,
            name=name or model,
            manufacturer=MANUFACTURER,
            model=model,
            configuration_url=f"{host.url}/{page}",
            via=HUB,
        )

    for output in listing.outputs.devices:
        if output.module != SPACER:
            yield part(output.id, output.name, output.module or "Output", "output")
    for found in listing.inputs.values():
        yield part(found.id, found.name, found.module or "Input", "input")
    for found in listing.functions.values():
        yield part(found.id, found.name, found.module or "Function", "function")
    for pid in listing.pids.values():
        yield part(pid.id, pid.name, "PID controller", "function")


def points(
    listing: Listing,
    wishes: Wishes,
    client: MycodoClient,
    web: MycodoWeb,
    outputs: OutputEntities,
    measured: Callable[[str], None],
) -> tuple[Built, ...]:
    """Return every point with where its state comes from."""
    known = {HUB, *listing.identities()}
    return tuple(
        built
        for built in (
            *outputs.build(listing, wishes),
            *sensors.build(listing),
            *pids.build(listing, wishes, client, web),
            *controllers.build(listing, wishes, client, measured),
        )
        if built.point.device in known
    )
