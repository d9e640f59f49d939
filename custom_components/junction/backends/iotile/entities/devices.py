"""Device registry data of projects and devices.

See docs/protocols/iotile.md#discovery.
"""

from collections import Counter
from typing import Final

from ....model import DeviceSpec
from ..client.listing import Details, Listing
from ..client.models import Device, Project

MANUFACTURER: Final = "Arch Systems"
_DEVICE: Final = "IOTile device"
_PROJECT: Final = "IOTile project"
_AREAS: Final = ("location", "room", "area")


def names_of(listing: Listing) -> dict[str, str]:
    """Return the names of devices and projects by slug.

    Labels made by the server contain a slug, which is removed. Devices with the same
    name are then numbered, in the order of their slugs.
    """
    names = {
        slug: project.name or _PROJECT for slug, project in listing.projects.items()
    }
    seen: Counter[str] = Counter()
    for slug in sorted(listing.devices):
        device = listing.devices[slug]
        hardware = listing.templates.get(device.template or "")
        name = device.label or (hardware and hardware.sku) or _DEVICE
        seen[name] += 1
        names[slug] = f"{name} {seen[name]}" if seen[name] > 1 else name
    return names


def home(project: Project, name: str, url: str) -> DeviceSpec:
    """Return the service device of a project, for its virtual streams."""
    return DeviceSpec(
        id=project.slug,
        name=name,
        manufacturer=MANUFACTURER,
        model="IOTile Cloud",
        serial_number=project.slug,
        configuration_url=url,
        service=True,
    )


def spec(
    device: Device, name: str, listing: Listing, details: Details, url: str
) -> DeviceSpec:
    """Return a device as in the registry."""
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
        name=name,
        manufacturer=MANUFACTURER,
        model=(hardware and hardware.sku) or _DEVICE,
        model_id=hardware.internal if hardware else None,
        serial_number=device.slug,
        sw_version=device.graph,
        hw_version=hardware.version if hardware else None,
        configuration_url=url,
        suggested_area=area,
        via=project.slug if project else None,
    )
