"""Device registry data of projects and devices.

See docs/protocols/iotile.md#discovery.
"""

from typing import Final

from ....model import DeviceSpec
from ..client.listing import Details, Listing
from ..client.models import Device, Project

MANUFACTURER: Final = "Arch Systems"
_AREAS: Final = ("location", "room", "area")


def home(project: Project, url: str) -> DeviceSpec:
    """Return the service that a project is: the home of its virtual streams."""
    return DeviceSpec(
        id=project.slug,
        name=project.name,
        manufacturer=MANUFACTURER,
        model="IOTile Cloud",
        serial_number=project.slug,
        configuration_url=url,
        service=True,
    )


def spec(device: Device, listing: Listing, details: Details, url: str) -> DeviceSpec:
    """Return a device as the registry shows it."""
    project = listing.project_of(device)
    hardware = listing.templates.get(device.template or "")
    area = next(
        (
            value
            for name, value in details.properties.items()
            if name.lower() in _AREAS and isinstance(value, str) and value
        ),
        None,
    )
    return DeviceSpec(
        id=device.slug,
        name=device.label,
        manufacturer=MANUFACTURER,
        model=(hardware and hardware.sku) or device.template,
        model_id=hardware.internal if hardware else None,
        serial_number=device.slug,
        sw_version=device.graph,
        hw_version=hardware.version if hardware else None,
        configuration_url=url,
        suggested_area=area,
        via=project.slug if project else None,
    )
