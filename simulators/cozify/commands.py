"""Commands of the simulated hub, carried out late, partly, and without errors."""

import asyncio
from collections.abc import Coroutine
from math import ceil, pi
from typing import Any

from simulators.house import House

from .state import Driver, HubState, Item

STEP = 0.5
_FADING = ("brightness", "hue", "saturation", "temperature")
TARGETS = {"targetTemp", "targetTemperature"}
POSITIONS = {"position": 1, "liftPct": 100, "tiltPct": 100, "openPct": 100}
"""Field of each position, and its value when fully open."""
_HIGHEST = {**POSITIONS, "hue": 2 * pi, "saturation": 1}
_LOUDEST = {"volume": (0, 100), "bass": (-10, 10), "treble": (-10, 10)}
# Fields that no command sets.
_FIXED = {"type", "lastSeen", "reachable", "minTemperature", "maxTemperature"}


def capabilities(item: Item) -> set[str]:
    """Return the capabilities of an object."""
    said = item.get("capabilities") or item.get("minCapabilities") or []
    return set(said["values"] if isinstance(said, dict) else said)


def mired(kelvin: float, state: Item) -> float:
    """Return a color temperature as the hub reports it, rounded to whole mireds."""
    low, high = state.get("minTemperature"), state.get("maxTemperature")
    if low is not None and high is not None:
        kelvin = min(max(kelvin, low), high)
    if kelvin in (low, high):
        return kelvin
    return 1e6 / round(1e6 / kelvin)


class Commands:
    """Carries out the commands of one hub."""

    def __init__(self, state: HubState, house: House | None = None) -> None:
        """Start without pending commands. Lights in ``house`` are loads of the same name."""
        self.state = state
        self.house = house
        self._tasks: set[asyncio.Task[None]] = set()
        self._fades: dict[str, asyncio.Task[None]] = {}

    async def close(self) -> None:
        """Cancel all pending commands."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def accept(self, path: str, commands: list[Item]) -> None:
        """Accept commands and carry them out a little later."""
        for command in commands:
            self.state.commands.append((path, command))
            if self.state.behaviour.lose_commands > 0:
                self.state.behaviour.lose_commands -= 1
                continue
            self._start(self._later(command))

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _later(self, command: Item) -> None:
        if delay := self.state.behaviour.delay:
            await self.state.clock.sleep(delay)
        self.carry_out(command)

    def carry_out(self, command: Item) -> None:
        """Carry out a command now."""
        items = self.state.items
        key = str(command.get("id"))
        targets = [key]
        group = items["groups"].get(key)
        if group is not None:
            targets = list(group["members"])
        for target in targets:
            if target in items["devices"]:
                self._on_device(target, command)
        if group is not None:
            members = [items["devices"].get(member) for member in group["members"]]
            state = next(
                (dict(m["state"]) for m in members if m and m["state"]["reachable"]),
                group["state"],
            )
            self.state.change("groups", group["id"], state=state)

    def _on_device(self, key: str, command: Item) -> None:
        device = self.state.items["devices"][key]
        if device["state"].get("reachable") is False or self._driver(key).deaf:
            return
        if (fade := self._fades.pop(key, None)) is not None:
            fade.cancel()
        match command["type"]:
            case "CMD_DEVICE_ON" | "CMD_GROUP_ON":
                wanted: Item = {"isOn": True}
            case "CMD_DEVICE_OFF" | "CMD_GROUP_OFF":
                wanted = {"isOn": False}
            case "CMD_DEVICE":
                wanted = {
                    name: value
                    for name, value in command["state"].items()
                    if value is not None and name not in _FIXED
                }
            case _:
                return
        duration = wanted.pop("transitionMsec", 0) / 1000
        wanted = self._fit(device, wanted)
        steps = duration and "TRANSITION" in capabilities(device)
        if steps and self.state.behaviour.report_steps:
            self._fades[key] = self._start(self._fade(key, wanted, duration))
        else:
            self.apply(key, wanted)

    def _driver(self, key: str) -> Driver:
        return self.state.drivers.get(key, Driver())

    def _fit(self, device: Item, wanted: Item) -> Item:
        state, driver = device["state"], self._driver(device["id"])
        wanted = {name: value for name, value in wanted.items() if name in state}
        if "brightness" in wanted:
            level = min(max(wanted["brightness"], driver.min_brightness), 1)
            wanted["brightness"] = round(level, 4)
        for name in TARGETS & set(wanted):
            value = min(max(wanted[name], driver.low), driver.high)
            wanted[name] = round(round(value / driver.step) * driver.step, 2)
        for name in _HIGHEST.keys() & wanted:
            wanted[name] = min(max(wanted[name], 0), _HIGHEST[name])
        if state["type"] == "STATE_LIGHT":
            if "temperature" in wanted and wanted.get("colorMode") != "hs":
                wanted["temperature"] = mired(wanted["temperature"], state)
                wanted |= {"colorMode": "ct", "hue": -1, "saturation": -1}
            elif "hue" in wanted or "saturation" in wanted:
                wanted |= {"colorMode": "hs", "temperature": -1}
            wanted = {name: value for name, value in wanted.items() if name in state}
        for name in ("rcData", "avtData"):
            if isinstance(wanted.get(name), dict):
                told = {
                    key: min(max(value, _LOUDEST[key][0]), _LOUDEST[key][1])
                    if key in _LOUDEST
                    else value
                    for key, value in wanted[name].items()
                }
                wanted[name] = {**state[name], **told}
        return wanted

    def apply(self, key: str, wanted: Item) -> None:
        """Set the state of a device, and report it if it changed."""
        device = self.state.items["devices"].get(key)
        if device is None:
            return
        if all(device["state"].get(name) == value for name, value in wanted.items()):
            return
        self.state.set(key, **wanted)
        self._tell_house(device)

    def _tell_house(self, device: Item) -> None:
        if self.house is None or device["name"] not in self.house.loads:
            return
        state = device["state"]
        level = state.get("brightness")
        self.house.switch(
            device["name"], bool(state.get("isOn")), 1.0 if level is None else level
        )

    async def _fade(self, key: str, wanted: Item, duration: float) -> None:
        """Fade in steps, and report each step."""
        state = self.state.items["devices"][key]["state"]
        begin = {name: state.get(name) for name in _FADING}
        if wanted.get("isOn"):
            self.apply(key, {"isOn": True})
        steps = max(ceil(duration / STEP), 1)
        for step in range(1, steps):
            await self.state.clock.sleep(duration / steps)
            part = step / steps
            self.apply(
                key,
                {
                    name: round(begin[name] + (value - begin[name]) * part, 4)
                    for name, value in wanted.items()
                    if name in _FADING
                    and isinstance(begin[name], int | float)
                    and begin[name] >= 0
                    and value >= 0
                },
            )
        await self.state.clock.sleep(duration / steps)
        self._fades.pop(key, None)
        self.apply(key, wanted)

    # Commands that are carried out at once.

    def scene(self, command: Item) -> None:
        """Turn a scene on or off; home and away exclude each other."""
        items = self.state.items
        scene = items["scenes"].get(str(command.get("id")))
        if scene is None:
            return
        self.state.commands.append(("scenes/command", command))
        on = command["type"] == "CMD_SCENE_ON"
        self.state.change("scenes", scene["id"], isOn=on)
        if not on:
            return
        for other in items["scenes"].values():
            if (
                other is not scene
                and scene["category"] == other["category"] == "FACTORY"
            ):
                self.state.change("scenes", other["id"], isOn=False)
        for preset in scene["presets"].values():
            for target in preset["targetIds"]:
                if target not in scene["excludedIds"] and target in items["devices"]:
                    self._on_device(
                        target, {"type": "CMD_DEVICE", "state": preset["state"]}
                    )
        for rule in items["rules"].values():
            if scene["id"] in rule["scenes"]:
                active = rule["scenes"][scene["id"]]
                self.state.change("rules", rule["id"], is_on=active)

    def rule(self, command: Item) -> None:
        """Turn a rule on or off."""
        rule = self.state.items["rules"].get(str(command.get("id")))
        if rule is not None:
            self.state.commands.append(("rules/command", command))
            active = command["type"] == "RULE_ON_COMMAND"
            self.state.change("rules", rule["id"], is_on=active)
