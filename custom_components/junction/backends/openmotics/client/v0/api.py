"""Call V0 actions, and identify the gateway.

Subclasses implement how a call is sent.

Protocol: docs/protocols/openmotics.md#identity-versions-and-features.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
import json
from typing import Any, Final, override

from .....errors import UnsupportedError
from ....http import Answer, UnexpectedJsonError, json_fields as j
from ..errors import MissingActionError, judge_v0
from ..gateway import Gateway
from ..house import lasting_mac, lasting_serial
from ..models import Abilities, Identity, States

CLASSIC_TIMERS: Final = (150, 450, 900, 1500, 2220, 3120)
"""The only durations (s) that a Classic master supports."""
READING: Final = ("get_", "list_", "in_", "health_check")
"""Prefixes of actions that only read."""


class V0Api(ABC, Gateway):
    """Calls of actions; ``V0Reading`` adds reading, and ``V0Gateway`` commands."""

    def __init__(self) -> None:
        """Initialize without a known gateway."""
        self._abilities = Abilities()
        self._features: frozenset[str] = frozenset()
        self._platform: str | None = None
        self._classic = False
        self._master: tuple[int, ...] = ()
        self._missing: set[str] = set()
        self._given: set[str] = set()
        self._whole: set[str] = set()
        self._presets: States | None = None
        self._cooling = False
        self._on = True

    @property
    @override
    def abilities(self) -> Abilities:
        return self._abilities

    @override
    async def call(
        self,
        name: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        idempotent: bool | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Call an action and return its answer, if ``success`` is true.

        Lists and objects among the parameters are sent as JSON. ``idempotent`` says
        whether the call may be repeated if the connection breaks; None = if it only
        reads. ``timeout`` is in seconds. Raises MissingActionError if the gateway lacks
        the action, RejectedError with its message if it refuses, and the errors of
        ``HttpTransport.request``.
        """
        return opened(
            await self._send_action(
                name,
                _form(parameters),
                idempotent=is_reading(name) if idempotent is None else idempotent,
                timeout=timeout,
            )
        )

    @override
    async def call_with_headers(
        self, name: str, parameters: Mapping[str, Any] | None = None
    ) -> Answer:
        answer = await self._send_action(
            name, _form(parameters), idempotent=is_reading(name), timeout=None
        )
        opened(answer)
        return answer

    @abstractmethod
    async def _send_action(
        self,
        action: str,
        form: Mapping[str, Any],
        *,
        idempotent: bool,
        timeout: float | None,
    ) -> Answer:
        """Send an action with the login, and return its answer unparsed."""

    # Configuration.

    async def describe(self) -> Identity:
        """Read the identity and the capabilities of the gateway.

        Raises UnexpectedJsonError if the answer has no version.
        """
        self._missing.clear()
        self._whole.clear()
        version = await self.call("get_version")
        sw_version = j.text(version, "gateway") or j.text(version, "version")
        if sw_version is None:
            raise UnexpectedJsonError("version")
        features = await self._optional("get_features")
        details = await self._optional("get_platform_details")
        self._features = frozenset(
            found
            for found in j.sequence(features, "features") or ()
            if isinstance(found, str)
        )
        master = j.text(version, "master")
        platform = self._platform = j.text(details, "platform")
        engine = "thermostats_gateway" in self._features
        # Older versions do not report a platform, because there was only one.
        self._classic = platform == "CLASSIC" or (platform is None and not engine)
        self._master = _numbers(master)
        self._abilities = Abilities(
            timers=CLASSIC_TIMERS if self._classic else (),
            unit_off=engine,
            tolerance=2.0 if "100_steps_dimmer" in self._features else 10.0,
            identify=True,
            lights_off=True,
            feeds=True,
        )
        mac = lasting_mac(j.text(details, "mac_address"))
        serial = lasting_serial(j.text(details, "hardware_serial"))
        return Identity(
            id=(mac or "").replace(":", "") or serial or "",
            title="OpenMotics",
            model=platform or ("Classic" if self._classic else None),
            sw_version=sw_version,
            hw_version=master,
            serial=serial,
            mac=mac,
            features=self._features,
        )

    async def _optional(
        self, action: str, form: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Call an optional action; if the gateway lacks it the answer is empty."""
        if action in self._missing:
            return {}
        try:
            answer = await self.call(action, form)
        except UnsupportedError as err:
            if action in self._given or (
                form and not isinstance(err, MissingActionError)
            ):
                # The action was available before, so a refusal does not mean that its
                # list is empty.
                raise
            self._missing.add(action)
            return {}
        self._given.add(action)
        return answer

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {
            "platform": self._platform,
            "classic": self._classic,
            "features": sorted(self._features),
            "missing_actions": sorted(self._missing),
            "configurations_without_fields": sorted(self._whole),
        }


def opened(answer: Answer) -> dict[str, Any]:
    """Return the body of an answer. Raises the error of ``success: false``."""
    body = answer.object()
    if j.boolean(body, "success") is False:
        raise judge_v0(answer.clean(j.text(body, "msg") or ""))
    return body


def is_reading(name: str) -> bool:
    """Return whether an action only reads, by its name."""
    return name.startswith(READING)


def _form(parameters: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        key: json.dumps(value) if isinstance(value, list | dict) else value
        for key, value in (parameters or {}).items()
    }


def _numbers(version: str | None) -> tuple[int, ...]:
    parts = (version or "").split(".")
    return tuple(int(part) for part in parts) if all(map(str.isdigit, parts)) else ()
