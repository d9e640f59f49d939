"""Which calls of Cozify's interfaces can break something (docs/call_api.md#cozify).

Calls that only read, and commands that devices, groups, scenes and rules are made for,
are free. Everything else changes what the hub is.
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
"""Others remove devices or rewrite scenes (``CMD_IGNORE_DEVICE``, ``CMD_SCENE``)."""
_COMMAND_PATHS: Final = frozenset(
    f"{kind}/command" for kind in ("devices", "groups", "scenes", "rules")
)
_CHANGES_WITHOUT_SAYING: Final = re.compile(r"hub/(stop)?scan(/|$)")
_LOGIN: Final = re.compile(
    r"user/(login|emaillogin|requestlogin|logout)(/|$)|hub/remote(/|$)"
)


class Effect(StrEnum):
    """What a call does."""

    NONE = "none"
    COMMAND = "command"
    CONFIGURES = "configures"
    """It changes the hub or the account, or may."""
    LOGIN = "login"
    """It would end or replace the login, or go around it."""


def hub_effect(method: str, path: str, body: object) -> Effect:
    """Return what a call of a hub does; ``path`` without the version in front."""
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
    """Return what a call of the cloud does."""
    if _LOGIN.match(path.lower()):
        return Effect.LOGIN
    return Effect.NONE if method == "GET" else Effect.CONFIGURES


def _are_commands(body: object) -> bool:
    rows: Iterable[Any] = body if isinstance(body, list) else [body]
    return all(isinstance(row, Mapping) and row.get("type") in COMMANDS for row in rows)
