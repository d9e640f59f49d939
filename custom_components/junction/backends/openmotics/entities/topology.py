"""All devices and points of an installation."""

from . import climate, energy, hub, outputs, sensors, shutters
from .site import Plan, Site


def build(site: Site) -> Plan:
    """Build everything from what there is now."""
    plan = Plan()
    hub.add(plan, site)
    outputs.add(plan, site)
    shutters.add(plan, site)
    sensors.add(plan, site)
    climate.add(plan, site)
    energy.add(plan, site)
    return plan
