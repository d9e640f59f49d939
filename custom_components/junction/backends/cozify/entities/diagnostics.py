"""Diagnostics of a hub: counts and capabilities, without names, ids, and tokens."""

from typing import Any, Protocol

from ..client import (
    CloudApi,
    Commands,
    CozifyState,
    HubApi,
    Keys,
    Poller,
    capabilities,
    claims,
)
from .transitions import Transitions


class Reported(Protocol):
    """The parts of a backend that diagnostics use."""

    cloud: CloudApi
    keys: Keys
    api: HubApi
    state: CozifyState
    poller: Poller
    device_commands: Commands
    group_commands: Commands
    transitions: Transitions


def report(hub: Reported) -> dict[str, Any]:
    """Return counts and capabilities, without names, ids, and tokens."""
    api, state, keys, poller = hub.api, hub.state, hub.keys, hub.poller
    meta, commands = api.meta, (hub.device_commands, hub.group_commands)
    said = claims(keys.tokens.cloud)
    devices = state.devices.values()
    return {
        "http_local": api.counters.as_dict(),
        "http_cloud": hub.cloud.transport.counters.as_dict(),
        "route": api.route,
        "remote": api.remote,
        "address_known": api.host is not None,
        "searches": api.searches,
        "version": meta.version if meta else None,
        "hub_connected_to_cloud": meta.connected if meta else None,
        "polls": poller.polls,
        "complete_polls": poller.fulls,
        "commands": sum(one.sent for one in commands),
        "command_requests": sum(one.requests for one in commands),
        "transitions_sent_again": hub.transitions.resends,
        "cloud_token_ends": said.expires and said.expires.isoformat(),
        "cloud_token_refreshes": keys.refreshes,
        "cloud_token_failures": keys.refresh_failures,
        "hub_key_renewals": keys.renewals,
        "login_needed": keys.dead,
        "objects": {kind.value: len(found) for kind, found in state.items.items()},
        "types": sorted({device.type for device in devices}),
        "capabilities": sorted({c for d in devices for c in d.capabilities}),
        "unknown": capabilities.unknown_features(devices),
        "left_out": dict(state.strange),
    }
