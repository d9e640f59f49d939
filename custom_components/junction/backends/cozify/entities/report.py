"""What a maintainer needs to know of a hub (for diagnostics)."""

from typing import Any, Protocol

from .. import capabilities
from ..cloud import CloudClient
from ..keys import Keys
from ..link import HubLink
from ..poller import Poller
from ..sender import Sender
from ..store import Store
from ..tokens import claims
from .fading import Fading


class Reported(Protocol):
    """The parts of a backend that are reported on."""

    cloud: CloudClient
    keys: Keys
    link: HubLink
    store: Store
    poller: Poller
    devices: Sender
    groups: Sender
    fading: Fading


def report(hub: Reported) -> dict[str, Any]:
    """Return counts and capabilities; names, ids and tokens are nobody's business."""
    link, store, keys, poller = hub.link, hub.store, hub.keys, hub.poller
    meta, senders = link.meta, (hub.devices, hub.groups)
    said = claims(keys.tokens.cloud)
    devices = store.devices.values()
    return {
        "http_local": link.counters.as_dict(),
        "http_cloud": hub.cloud.transport.counters.as_dict(),
        "route": link.route,
        "remote": link.remote,
        "address_known": link.host is not None,
        "searches": link.searches,
        "version": meta.version if meta else None,
        "hub_connected_to_cloud": meta.connected if meta else None,
        "polls": poller.polls,
        "complete_polls": poller.fulls,
        "commands": sum(one.sent for one in senders),
        "command_requests": sum(one.requests for one in senders),
        "transitions_sent_again": hub.fading.resends,
        "cloud_token_ends": said.expires and said.expires.isoformat(),
        "cloud_token_refreshes": keys.refreshes,
        "cloud_token_failures": keys.refresh_failures,
        "hub_key_renewals": keys.renewals,
        "login_needed": keys.dead,
        "objects": {kind.value: len(found) for kind, found in store.items.items()},
        "types": sorted({device.type for device in devices}),
        "capabilities": sorted({c for d in devices for c in d.capabilities}),
        "unknown": capabilities.strangers(devices),
        "left_out": dict(store.strange),
    }
