"""All devices and points of a Mycodo."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ....model import DeviceSpec, name_on
from ..client import DaemonFunctions, Listing, MycodoClient, PidCommands, is_spacer
from ..settings import Settings
from . import channel, controllers, pids, sensors
from .controllers import HUB
from .description import DescribedPoint
from .modules import model_of
from .outputs import OutputEntities

MANUFACTURER = "Mycodo"


@dataclass(frozen=True, slots=True)
class Host:
    """The Mycodo itself. ``name`` and ``version`` may be None."""

    url: str
    name: str | None = None
    version: str | None = None


def devices(listing: Listing, host: Host) -> Iterator[DeviceSpec]:
    """Yield the device of the Mycodo, and all devices behind it."""
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
        if not is_spacer(output.module):
            yield part(
                output.id, output.name, model_of(output.module) or "Output", "output"
            )
    for found in listing.inputs.values():
        yield part(found.id, found.name, model_of(found.module) or "Input", "input")
    for found in listing.functions.values():
        yield part(
            found.id, found.name, model_of(found.module) or "Function", "function"
        )
    for pid in listing.pids.values():
        yield part(pid.id, pid.name, "PID controller", "function")


def points(
    listing: Listing,
    settings: Settings,
    client: MycodoClient,
    commands: PidCommands,
    outputs: OutputEntities,
    measured: Callable[[str], None],
    functions: DaemonFunctions | None = None,
) -> tuple[DescribedPoint, ...]:
    """Return all points with the sources of their states."""
    known = {HUB, *listing.identities()}
    names = {output.id: output.name for output in listing.outputs.devices}
    for group in (listing.inputs, listing.functions, listing.pids):
        names |= {identity: found.name for identity, found in group.items()}
    return tuple(
        _named_apart(described, names.get(described.point.device, ""))
        for described in (
            *outputs.build(listing, settings),
            *sensors.build(listing),
            *pids.build(listing, settings, client, commands),
            *controllers.build(listing, settings, client, measured),
            *(
                ()
                if functions is None
                else channel.build(listing, settings, functions, commands)
            ),
        )
        if described.point.device in known
    )


def _named_apart(described: DescribedPoint, device: str) -> DescribedPoint:
    """Return a point whose name does not begin with the name of its device."""
    point = described.point
    name = point.name and name_on(device, point.name)
    if name == point.name:
        return described
    return replace(described, point=replace(point, name=name))
