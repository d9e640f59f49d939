"""Controllers, "measure now" of inputs, and the daemon.

See docs/protocols/mycodo.md#controllers-inputs-and-the-daemon.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntityDescription,
)
from homeassistant.components.button import ButtonEntityDescription
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.components.switch import SwitchEntityDescription
from homeassistant.const import EntityCategory, UnitOfInformation

from ....model import (
    UNAVAILABLE,
    BinarySensorPoint,
    ButtonPoint,
    Point,
    SensorPoint,
    SwitchPoint,
)
from ..client import Listing, MycodoClient, MycodoState
from ..settings import Settings
from .description import DescribedPoint, Source

HUB: Final = "mycodo"
"""Device id of the Mycodo itself."""

type IsActive = Callable[[MycodoState], bool | None]


def build(
    listing: Listing,
    settings: Settings,
    client: MycodoClient,
    measured: Callable[[str], None],
) -> Iterator[DescribedPoint]:
    """Yield the points of all controllers. ``measured`` is called with inputs to read soon."""

    def controller(
        identity: str, active: IsActive, name: str | None = None
    ) -> DescribedPoint:
        return _controller(identity, active, name, settings, client)

    for found in listing.inputs.values():
        yield controller(found.id, _listed("inputs", found.id))
        if settings.can_control:
            yield _force(found.id, client, measured)
    for found in listing.functions.values():
        yield controller(found.id, _listed("functions", found.id))
    for pid in listing.pids.values():
        yield controller(pid.id, _listed("pids", pid.id))
    for found in listing.triggers.values():
        yield controller(found.id, _listed("triggers", found.id), found.name)
    if settings.can_control:
        # Only keys that may control can see whether they are active.
        for identity, name in listing.conditionals.items():
            yield controller(identity, _running(identity), name)
    yield from _daemon(settings)


def _listed(group: str, identity: str) -> IsActive:
    """Return a function that reads whether a listed controller is active."""

    def active(mycodo: MycodoState) -> bool | None:
        if group in mycodo.stale:
            return None
        found = getattr(mycodo.listing, group).get(identity)
        return None if found is None else bool(found.active)

    return active


def _running(identity: str) -> IsActive:
    return lambda mycodo: mycodo.running.get(identity)


def _controller(
    identity: str,
    active: IsActive,
    name: str | None,
    settings: Settings,
    client: MycodoClient,
) -> DescribedPoint:
    """Return a switch, or a binary sensor. With a name it belongs to the Mycodo itself."""

    def read(mycodo: MycodoState) -> object:
        if not mycodo.alive:
            return UNAVAILABLE
        found = active(mycodo)
        return UNAVAILABLE if found is None else found

    async def set_on(on: bool) -> None:
        await client.activate(identity, on)

    named: dict[str, Any] = {
        "device": identity if name is None else HUB,
        "id": f"{identity}_{'active' if settings.can_control else 'state'}",
        "name": name,
    }
    key: dict[str, Any] = {"key": "active", "translation_key": "mycodo_active"}
    point: Point[bool]
    if settings.can_control:
        point = SwitchPoint(
            **named,
            description=SwitchEntityDescription(
                **key, entity_category=EntityCategory.CONFIG
            ),
            set_on=set_on,
        )
    else:
        point = BinarySensorPoint(
            **named,
            description=BinarySensorEntityDescription(
                **key, entity_category=EntityCategory.DIAGNOSTIC
            ),
        )
    return DescribedPoint(point, Source.CONTROLLER, read, subject=identity)


def _force(
    identity: str, client: MycodoClient, measured: Callable[[str], None]
) -> DescribedPoint:
    async def press() -> None:
        await client.force_measurement(identity)
        measured(identity)

    return DescribedPoint(
        ButtonPoint(
            device=identity,
            description=ButtonEntityDescription(
                key="measure",
                translation_key="mycodo_measure",
                entity_category=EntityCategory.CONFIG,
            ),
            press=press,
        ),
        Source.CONTROLLER,
        lambda mycodo: None,
        subject=identity,
    )


def _connection(key: str, read: Callable[[MycodoState], object]) -> DescribedPoint:
    """Return a binary sensor: whether a part of the Mycodo itself works."""
    return DescribedPoint(
        BinarySensorPoint(
            device=HUB,
            description=BinarySensorEntityDescription(
                key=key,
                translation_key=f"mycodo_{key}",
                device_class=BinarySensorDeviceClass.CONNECTIVITY,
                entity_category=EntityCategory.DIAGNOSTIC,
            ),
        ),
        Source.DAEMON,
        read,
    )


def _daemon(settings: Settings) -> Iterator[DescribedPoint]:
    def running(mycodo: MycodoState) -> object:
        return UNAVAILABLE if mycodo.daemon is None else mycodo.daemon.running

    def memory(mycodo: MycodoState) -> object:
        if mycodo.daemon is None or not mycodo.daemon.running:
            return UNAVAILABLE
        return mycodo.daemon.memory

    yield _connection("daemon", running)
    yield _connection("database", lambda mycodo: mycodo.readings is not None)
    if settings.can_control:
        yield DescribedPoint(
            SensorPoint(
                device=HUB,
                description=SensorEntityDescription(
                    key="memory",
                    translation_key="mycodo_memory",
                    device_class=SensorDeviceClass.DATA_SIZE,
                    native_unit_of_measurement=UnitOfInformation.MEGABYTES,
                    state_class=SensorStateClass.MEASUREMENT,
                    entity_category=EntityCategory.DIAGNOSTIC,
                ),
            ),
            Source.DAEMON,
            memory,
        )
