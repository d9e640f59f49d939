"""Cozify hub and cloud of the demo."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final, override

from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld, SimulatedHub
from simulators.cozify.state import HubState
from simulators.house import House
from simulators.ties import HubTie

from ..client import Entity
from ..kept import Kept
from .base import NOBODY, Answers, SimulatedSystem, Slip, Tour, Trial, Visit

# Points by the field of a sensor that they show.
_POINTS: Final = {
    "temperature": "temperature",
    "humidity": "humidity",
    "co2Ppm": "co2",
}
_CODE: Final = "P7BQ8E"
_TICK: Final = 5.0
_NOTHING: Final = frozenset({"unknown", "unavailable"})


class SimulatedCozify(SimulatedSystem):
    """The cloud with one hub, which has a device of each kind."""

    name = "cozify"
    area = "Hallway"
    wheels: ClassVar[Sequence[str]] = (seed.LAMP_RGBW,)

    def __init__(self, house: House, folder: Path) -> None:
        """Create the devices."""
        self._house = house
        self._world = CozifyWorld(house.clock)
        self._tie = HubTie(house, self._world.hub)
        # There is no simulated email: the code is always the one from Cozify's manual.
        self._world.cloud.behaviour.code = _CODE
        self._devices = self._world.hub.state.items["devices"]
        self._measuring: asyncio.Task[None] | None = None
        self._hub_port = 0
        self._kept: Kept | None = None

    @property
    def hub(self) -> SimulatedHub:
        """The hub itself."""
        return self._world.hub

    async def _keep_measuring(self) -> None:
        while True:
            self._tie.measure()
            if self._kept is not None:
                self._kept.set("tokens", self._world.mint.store())
            await asyncio.sleep(_TICK)

    @override
    def keep(self, kept: Kept) -> None:
        self._world.cloud_server.port = kept.port(8894, "cloud_port")
        self._hub_port = kept.port(8893, "hub_port")
        self._world.mint.restore(kept.get("tokens") or [])
        self._kept = kept

    @override
    async def start(self) -> None:
        state = self._world.hub.state
        for key, device in self._devices.items():
            if device["state"]["reachable"] is False:
                state.set(key, reachable=True)
            if "lastSeen" not in device["state"]:
                device["state"]["lastSeen"] = state.now()
        await self._world.start(self._hub_port)
        self._measuring = asyncio.create_task(self._keep_measuring())

    @override
    async def stop(self) -> None:
        if self._measuring is not None:
            self._measuring.cancel()
            await asyncio.gather(self._measuring, return_exceptions=True)
            self._measuring = None
        await self._world.stop()

    @override
    def about(self) -> Sequence[str]:
        state = self._world.hub.state
        return (
            f"Cozify hub {state.version} with {len(self._devices)} devices,",
            f"  at {self._world.hub.url}, its cloud at {self._world.cloud_url}",
        )

    @override
    def answers(self) -> Answers:
        return {
            "user": {"next_step_id": self.name},
            "cozify": {
                "email": seed.OWNER,
                "advanced": {"cloud": self._world.cloud_url},
            },
            "cozify_code": {"code": _CODE},
        }

    @override
    def slips(self) -> Sequence[Slip]:
        nobody = {"email": "nobody@example.com", "advanced": {"cloud": NOBODY}}
        typo = {"email": "nobody", "advanced": {"cloud": self._world.cloud_url}}
        return (
            Slip("cozify", typo, "cozify_invalid_email"),
            Slip("cozify", nobody, "connection_refused"),
            Slip("cozify_code", {"code": "AAAAAA"}, "cozify_wrong_code"),
        )

    @override
    async def tours(self, visit: Visit) -> Sequence[Tour]:
        nowhere = Slip("cozify_address", {"host": NOBODY}, "connection_refused")
        cloud = {"host": self._world.cloud_url}
        none = Slip("cozify_hubs", {"hubs": []}, "cozify_choose_one")
        return (
            Tour(
                name="unseen-hub",
                kind="config",
                answers=self.answers(),
                slips=(Slip("cozify_address", cloud, "cozify_not_cozify"), nowhere),
                until="cozify_address_error",
                before=partial(self._buy_hub, number=1),
            ),
            Tour(
                name="several-hubs",
                kind="config",
                answers=self.answers(),
                slips=(none,),
                until="cozify_hubs_error",
                before=partial(self._buy_hub, number=2),
            ),
        )

    async def _buy_hub(self, visit: Visit, number: int) -> None:
        """Add another hub to the account, which is not on the local network."""
        clock, ident = self._house.clock, f"{seed.HUB_ID[:-2]}{number:02}"
        self._world.add_hub(HubState(clock, ident, name=f"Cottage {number}"))

    @override
    async def move(self) -> Answers:
        await self._world.hub.move()
        return {"cozify_new_address": {"host": self._world.hub.url}}

    @override
    def lock_out(self) -> Answers:
        for token in self._world.mint.issued.values():
            token.revoked = True
        return {"cozify_code": {"code": _CODE}}

    @override
    def options(self) -> Answers:
        return {
            "cozify": {"remote": "off", "covers_inverted": False, "energy_unit": "kwh"}
        }

    @override
    def may_be_silent(self) -> Mapping[str, str]:
        never = "nobody has used it yet"
        scenes = (seed.SCENE_HOME, seed.SCENE_AWAY, seed.SCENE_MOVIE)
        return {
            "remote": never,
            "doorbell": never,
            "alarm": never,
            "identify": never,
            **dict.fromkeys((f"scene_{scene}" for scene in scenes), never),
        }

    @override
    def expected_points(self) -> Mapping[str, str]:
        return {
            "light": "light",
            "switch": "switch",
            "siren": "siren",
            "cover": "cover",
            "valve": "valve",
            "climate": "climate",
            "fan": "fan",
            "player": "media_player",
            "remote": "event",
            "doorbell": "event",
            "alarm": "event",
            "home_mode": "select",
            f"scene_{seed.SCENE_MOVIE}": "scene",
            "motion": "binary_sensor",
            "twilight": "binary_sensor",
            "presence": "binary_sensor",
            "alarms": "binary_sensor",
            "temperature": "sensor",
            "humidity": "sensor",
            "co2": "sensor",
            "power": "sensor",
            "energy": "sensor",
            "volume": "sensor",
        }

    @override
    def trials(self) -> Sequence[Trial]:
        hub = self._world.hub

        def state(device: str) -> dict[str, Any]:
            found: dict[str, Any] = self._devices[device]["state"]
            return found

        def action(
            device: str,
            point: str,
            action: str,
            shown: str,
            done: Callable[[], bool],
            **data: Any,
        ) -> Trial:
            before = dict(state(device))
            return Trial(
                device=device,
                point=point,
                action=action,
                data=data,
                shows=lambda now: now == shown,
                done=done,
                undo=lambda: hub.state.set(device, **before),
            )

        return (
            Trial(
                device=seed.LAMP_RGBW,
                point="light",
                action="light.turn_on",
                data={"hs_color": [200, 80], "brightness": 153},
                shows=lambda now: now == "on",
                done=lambda: (
                    round(state(seed.LAMP_RGBW)["hue"], 4) == 3.4907
                    and state(seed.LAMP_RGBW)["brightness"] == 0.6
                ),
            ),
            action(
                seed.LAMP_DIM,
                "light",
                "light.turn_on",
                "on",
                lambda: self._house.loads["Keittiö"].level == 0.502,
                brightness=128,
            ),
            action(
                seed.PLUG,
                "switch",
                "switch.turn_on",
                "on",
                lambda: self._house.loads["Kahvinkeitin"].on,
            ),
            action(
                seed.SIREN,
                "siren",
                "siren.turn_on",
                "on",
                lambda: state(seed.SIREN)["isOn"] is True,
            ),
            action(
                seed.BLIND,
                "cover",
                "cover.close_cover",
                "closed",
                lambda: state(seed.BLIND)["position"] == 0,
            ),
            action(
                seed.VALVE,
                "valve",
                "valve.close_valve",
                "closed",
                lambda: state(seed.VALVE)["openPct"] == 0,
            ),
            action(
                seed.HEAT_PUMP,
                "climate",
                "climate.set_hvac_mode",
                "cool",
                lambda: state(seed.HEAT_PUMP)["mode"] == 3,
                hvac_mode="cool",
            ),
            action(
                seed.VENTILATION,
                "fan",
                "fan.set_percentage",
                "on",
                lambda: state(seed.VENTILATION)["mode"] == 4,
                percentage=100,
            ),
            action(
                seed.SPEAKER,
                "player",
                "media_player.volume_set",
                "playing",
                lambda: state(seed.SPEAKER)["rcData"]["volume"] == 40,
                volume_level=0.4,
            ),
            Trial(
                point="home_mode",
                action="select.select_option",
                data={"option": "away"},
                shows=lambda now: now == "away",
            ),
            Trial(
                point=f"scene_{seed.SCENE_MOVIE}",
                action="scene.turn_on",
                shows=lambda now: now not in _NOTHING,
                done=lambda: hub.state.items["scenes"][seed.SCENE_MOVIE]["isOn"],
            ),
            Trial(
                device=seed.LAMP_CT,
                point="identify",
                action="button.press",
                shows=lambda now: now not in _NOTHING,
            ),
            Trial(
                point="remote",
                cause=lambda: hub.press(seed.REMOTE, 1),
                shows=lambda now: now not in _NOTHING,
            ),
            Trial(
                device=seed.MOTION,
                point="motion",
                cause=lambda: hub.state.set(seed.MOTION, motion=True),
                shows=lambda now: now == "on",
                undo=lambda: hub.state.set(seed.MOTION, motion=False),
            ),
            Trial(
                device=seed.CO2,
                point="co2",
                cause=lambda: hub.state.set(seed.CO2, co2Ppm=1999),
                shows=lambda now: float(now) == 1999,
                undo=lambda: self._tie.measure(again=True),
            ),
        )

    @override
    def automated(self) -> Sequence[Trial]:
        hub = self._world.hub
        state = self._devices[seed.LAMP_RGBW]["state"]
        was, wanted = state["isOn"], not state["isOn"]
        return (
            Trial(
                device=seed.LAMP_RGBW,
                point="light",
                cause=lambda: hub.press(seed.REMOTE, 1),
                shows=lambda shown: shown == ("on" if wanted else "off"),
                done=lambda: state["isOn"] is wanted,
                undo=lambda: hub.state.set(seed.LAMP_RGBW, isOn=was),
            ),
        )

    @override
    def wrong_values(self, entities: Sequence[Entity]) -> list[str]:
        wrong = []
        readings = {
            (device, _POINTS[field]): list(said)
            for (device, field), said in self._tie.said.items()
        }
        for entity in entities:
            device, point = entity.unique_id.split("/")[-2:]
            said = readings.get((device, point))
            if said and entity.state and not _is_one_of(entity.state.state, said):
                wrong.append(
                    f"{entity.entity_id} shows {entity.state.state}, it said {said[-3:]}"
                )
            if point == "light" and entity.state and device in self._devices:
                on = self._devices[device]["state"]["isOn"]
                if (entity.state.state == "on") is not on:
                    wrong.append(
                        f"{entity.entity_id} shows {entity.state.state}, it is {on}"
                    )
        return wrong

    @override
    def secrets(self) -> Iterable[str]:
        # The simulated house uses a public code.
        return set(self._world.secrets()) - {_CODE}

    @override
    async def unplug(self) -> None:
        await self._world.hub.server.refuse()

    @override
    async def replug(self) -> None:
        await self._world.hub.server.listen()


def _is_one_of(shown: str, said: Iterable[float]) -> bool:
    """Return whether a shown number is one of the sent values, within its precision."""
    digits = len(shown.partition(".")[2])
    return any(abs(float(shown) - value) <= 0.5001 * 10**-digits for value in said)
