"""Effects of raw calls on a hub or the cloud (docs/call_api.md#cozify).

Calls that only read, and commands for devices, groups, scenes, and rules, are allowed.
Everything else changes the hub itself.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
import re
from typing import Any, Final

COMMANDS: Final = frozenset(
    """
    CMD_DEVICE CMD_DEVICE_ON CMD_DEVICE_OFF CMD_IDENTIFY CMD_GROUP_ON CMD_GROUP_OFF
    CMD_SCENE_ON CMD_SCENE_OFF RULE_ON_COMMAND RULE_OFF_COMMAND
    """.split()
)
"""Other commands remove devices or rewrite scenes (``CMD_IGNORE_DEVICE``,
``CMD_SCENE``).
"""
_COMMAND_PATHS: Final = frozenset(
    f"{kind}/command" for kind in ("devices", "groups", "scenes", "rules")
)
_CHANGES_WITHOUT_SAYING: Final = re.compile(r"hub/(stop)?scan(/|$)")
_LOGIN: Final = re.compile(
    r"user/(login|emaillogin|requestlogin|logout)(/|$)|hub/remote(/|$)"
)


class Effect(StrEnum):
    """Effect of a call."""

    NONE = "none"
    COMMAND = "command"
    CONFIGURES = "configures"
    """Changes the hub or the account, or may do so."""
    LOGIN = "login"
    """Would end, replace, or bypass the login."""


def hub_effect(method: str, path: str, body: object) -> Effect:
    """Return the effect of a call to a hub; ``path`` has no version prefix."""
    path = path.lower()
    if method == "GET":
        pairs = _CHANGES_WITHOUT_SAYING.match(path) is not None
        return Effect.CONFIGURES if pairs else Effect.NONE
    if (method, path) == ("PUT", "alarms/close"):
        return Effect.COMMAND
    if method == "PUT" and path in _COMMAND_PATHS and _are_commands(body):
        return Effect.COMMAND
    return Effect.CONFIGURES


def cloud_effect(method: str, path: str) -> Effect:
    """Return the effect of a call to the cloud."""
    if _LOGIN.match(path.lower()):
        return Effect.LOGIN
    return Effect.NONE if method == "GET" else Effect.CONFIGURES


def _are_commands(body: object) -> bool:
    rows: Iterable[Any] = body if isinstance(body, list) else [body]
    return all(isinstance(row, Mapping) and row.get("type") in COMMANDS for row in rows)
