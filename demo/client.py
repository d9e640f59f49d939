"""Tasks of a user in Home Assistant: add entries, enable entities, run actions, read states."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
import time
from typing import Final, cast

from .api import Api, ApiError, Json
from .flow import CONFIG_FLOW, OPTIONS_FLOW, SUBENTRY_FLOW, FlowResult, follow

DOMAIN: Final = "junction"
MISSING: Final = frozenset({"unknown", "unavailable"})
PATIENCE: Final = 120.0
"""Seconds after which a wait is given up: several times the longest period of any system
(30 s), so that what has to happen once per period is never missed by a moment."""


@dataclass(frozen=True, slots=True)
class State:
    """State of an entity."""

    entity_id: str
    state: str
    attributes: Mapping[str, Json]

    @property
    def name(self) -> str:
        """The friendly name."""
        return str(self.attributes.get("friendly_name", ""))


@dataclass(frozen=True, slots=True)
class Entity:
    """Registry entry of an entity of Junction, with its state if it is enabled."""

    entity_id: str
    unique_id: str
    device_id: str | None
    disabled_by: str | None
    category: str | None
    translation_key: str | None
    state: State | None

    @property
    def platform(self) -> str:
        """Platform of the entity: ``sensor``, ``switch``."""
        return self.entity_id.partition(".")[0]

    @property
    def point(self) -> str:
        """Id of the point on its device, the end of the unique id."""
        return self.unique_id.rpartition("/")[2]

    @property
    def backend(self) -> str:
        """Name of the backend, the beginning of the unique id."""
        return self.unique_id.partition(":")[0]

    @property
    def missing(self) -> bool:
        """Whether it has no value."""
        return self.state is None or self.state.state in MISSING

    def attribute(self, name: str) -> Json:
        """Return an attribute of the state, or None."""
        return None if self.state is None else self.state.attributes.get(name)


class Client:
    """A user of Home Assistant's user interface."""

    def __init__(self, api: Api) -> None:
        """Use a connection."""
        self.api = api

    async def wait_until_running(self, timeout: float = 60) -> str:
        """Wait until everything configured is set up; return the version."""

        async def running() -> str | None:
            config = await self.api.request("GET", "/api/config")
            return config["version"] if config["state"] == "RUNNING" else None

        return await wait_for(running, timeout, "Home Assistant still starts")

    async def use_european_formats(self, language: str = "en") -> None:
        """Set the European date and time formats for this user."""
        await self.api.command(
            "frontend/set_user_data",
            key="language",
            value={
                "language": language,
                "number_format": "language",
                "time_format": "24",
                "date_format": "DMY",
                "time_zone": "server",
                "first_weekday": "monday",
            },
        )

    # Config entries

    async def entries(self) -> list[Mapping[str, Json]]:
        """Return the config entries of Junction."""
        return cast(
            "list[Mapping[str, Json]]",
            await self.api.command("config_entries/get", domain=DOMAIN),
        )

    async def add(self, answers: Mapping[str, Mapping[str, Json]]) -> FlowResult:
        """Add an installation through "Add integration"."""
        start = {"handler": DOMAIN, "show_advanced_options": False}
        return await follow(self.api, CONFIG_FLOW, start, answers)

    async def set_options(
        self,
        entry_id: str,
        answers: Mapping[str, Mapping[str, Json]],
        ends: Collection[str] = (),
    ) -> FlowResult:
        """Open the options of an entry, change and save them, or follow a menu."""
        start = {"handler": entry_id}
        return await follow(self.api, OPTIONS_FLOW, start, answers, ends=ends)

    async def add_to(
        self, entry_id: str, kind: str, answers: Mapping[str, Mapping[str, Json]]
    ) -> FlowResult:
        """Add a subentry of a type to an entry."""
        start = {"handler": [entry_id, kind]}
        return await follow(self.api, SUBENTRY_FLOW, start, answers)

    async def wait_until_loaded(self, entry_id: str, timeout: float = PATIENCE) -> None:
        """Wait until an entry is loaded; raises TimeoutError with the reason if it is not."""
        reason = ""

        async def loaded() -> bool:
            nonlocal reason
            for entry in await self.entries():
                if entry["entry_id"] == entry_id:
                    reason = f"{entry['state']}: {entry['reason']}"
                    return bool(entry["state"] == "loaded")
            reason = "gone"
            return False

        await wait_for(loaded, timeout, lambda: f"the entry is not loaded, {reason}")

    async def reload(self, entry_id: str) -> None:
        """Reload an entry; raises ApiError if that needs a restart."""
        path = f"/api/config/config_entries/entry/{entry_id}"
        answer = await self.api.request("POST", f"{path}/reload")
        if answer["require_restart"]:
            raise ApiError(
                "Home Assistant asks for a restart: the entry did not unload"
            )

    async def remove(self, entry_id: str) -> None:
        """Delete an entry; raises ApiError if that needs a restart."""
        path = f"/api/config/config_entries/entry/{entry_id}"
        answer = await self.api.request("DELETE", path)
        if answer["require_restart"]:
            raise ApiError(
                "Home Assistant asks for a restart: the entry did not unload"
            )

    async def diagnostics(self, entry_id: str) -> Json:
        """Download the diagnostics of an entry."""
        return await self.api.request(
            "GET", f"/api/diagnostics/config_entry/{entry_id}"
        )

    # Entities

    async def states(self) -> dict[str, State]:
        """Return all states by entity id."""
        return {
            state["entity_id"]: State(
                state["entity_id"], state["state"], state["attributes"]
            )
            for state in await self.api.command("get_states")
        }

    async def entities(self, entry_id: str) -> list[Entity]:
        """Return all entities of an entry, by entity id."""
        registry, states = await asyncio.gather(
            self.api.command("config/entity_registry/list"), self.states()
        )
        return sorted(
            (
                Entity(
                    item["entity_id"],
                    item["unique_id"],
                    item["device_id"],
                    item["disabled_by"],
                    item["entity_category"],
                    item["translation_key"],
                    states.get(item["entity_id"]),
                )
                for item in registry
                if item["config_entry_id"] == entry_id
            ),
            key=lambda entity: entity.entity_id,
        )

    async def devices(self, entry_id: str) -> list[Mapping[str, Json]]:
        """Return all devices of an entry."""
        return [
            device
            for device in await self.api.command("config/device_registry/list")
            if entry_id in device["config_entries"]
        ]

    async def texts(self, category: str) -> Mapping[str, str]:
        """Return Junction's English texts of a category, such as ``entity``, by full key."""
        answer = await self.api.command(
            "frontend/get_translations",
            language="en",
            category=category,
            integration=[DOMAIN],
        )
        return cast("Mapping[str, str]", answer["resources"])

    async def enable(self, entity_id: str) -> None:
        """Enable an entity; it appears when its entry reloads."""
        await self.api.command(
            "config/entity_registry/update", entity_id=entity_id, disabled_by=None
        )

    async def call(
        self,
        action: str,
        entity_id: str | None = None,
        response: bool = False,
        **data: Json,
    ) -> Json:
        """Run an action, such as ``light.turn_on``; return its response data if requested."""
        domain, _, service = action.partition(".")
        result = await self.api.command(
            "call_service",
            domain=domain,
            service=service,
            service_data=data,
            target={"entity_id": entity_id} if entity_id else {},
            return_response=response,
        )
        return result.get("response")

    # Automations and areas

    async def save_automation(self, key: str, config: Json) -> None:
        """Save an automation under its id and wait until it is loaded."""
        await self.api.request("POST", f"/api/config/automation/config/{key}", config)

    async def remove_automation(self, key: str) -> None:
        """Delete an automation."""
        await self.api.request("DELETE", f"/api/config/automation/config/{key}")

    async def automation(self, key: str, timeout: float = 20) -> State:
        """Return the state of an automation by its id, once it exists."""

        async def there() -> State | None:
            for state in (await self.states()).values():
                if state.attributes.get("id") == key:
                    return state
            return None

        return await wait_for(there, timeout, f"no automation {key}")

    async def put_into_area(self, entry_id: str, name: str) -> int:
        """Assign an area to the devices of an entry that have none; return their number."""
        nowhere = [d for d in await self.devices(entry_id) if not d["area_id"]]
        areas = {
            area["name"]: area["area_id"]
            for area in await self.api.command("config/area_registry/list")
        }
        if nowhere and name not in areas:
            made = await self.api.command("config/area_registry/create", name=name)
            areas[name] = made["area_id"]
        for device in nowhere:
            await self.api.command(
                "config/device_registry/update",
                device_id=device["id"],
                area_id=areas[name],
            )
        return len(nowhere)

    # Statistics and energy

    async def statistic_ids(self) -> dict[str, Mapping[str, Json]]:
        """Return the metadata of all statistics, by id."""
        listed = await self.api.command("recorder/list_statistic_ids")
        return {item["statistic_id"]: item for item in listed}

    async def statistics_issues(self) -> Mapping[str, list[Json]]:
        """Return the recorder's statistics issues, by statistic id."""
        return cast(
            "Mapping[str, list[Json]]",
            await self.api.command("recorder/validate_statistics"),
        )

    async def short_statistics(
        self, ids: Sequence[str], since: datetime
    ) -> Mapping[str, list[Mapping[str, Json]]]:
        """Return the five-minute statistics since a moment, by id."""
        return cast(
            "Mapping[str, list[Mapping[str, Json]]]",
            await self.api.command(
                "recorder/statistics_during_period",
                start_time=since.isoformat(),
                statistic_ids=list(ids),
                period="5minute",
            ),
        )

    async def hours(
        self, ids: Sequence[str], begin: datetime, end: datetime
    ) -> Mapping[str, list[Mapping[str, Json]]]:
        """Return the hourly statistics of a period by id, each with its start in ms."""
        return cast(
            "Mapping[str, list[Mapping[str, Json]]]",
            await self.api.command(
                "recorder/statistics_during_period",
                start_time=begin.isoformat(),
                end_time=end.isoformat(),
                statistic_ids=list(ids),
                period="hour",
            ),
        )

    async def save_energy(self, sources: Sequence[Mapping[str, Json]]) -> None:
        """Configure the Energy dashboard."""
        await self.api.command(
            "energy/save_prefs", energy_sources=list(sources), device_consumption=[]
        )

    async def energy_issues(self) -> list[Json]:
        """Return the validation issues of the Energy dashboard."""
        answer = await self.api.command("energy/validate")
        return [issue for part in answer.values() for found in part for issue in found]

    # Health

    async def repairs(self) -> list[Mapping[str, Json]]:
        """Return the repair issues of Junction."""
        answer = await self.api.command("repairs/list_issues")
        return [issue for issue in answer["issues"] if issue["domain"] == DOMAIN]

    async def system_health(self, timeout: float = 20) -> dict[str, Json]:
        """Return Junction's entry in system health."""
        events = await self.api.subscribe("system_health/info")
        found: dict[str, Json] = {}
        async with asyncio.timeout(timeout):
            while True:
                event = await events.get()
                match event["type"]:
                    case "initial":
                        found = dict(event["data"].get(DOMAIN, {}).get("info", {}))
                    case "update" if event["domain"] == DOMAIN:
                        found[event["key"]] = event[
                            "data" if event["success"] else "error"
                        ]
                    case "finish":
                        return found
                    case _:
                        continue

    # Dashboards

    async def save_dashboard(self, url_path: str, title: str, config: Json) -> None:
        """Create or replace a dashboard in the side bar."""
        existing = await self.api.command("lovelace/dashboards/list")
        if all(dashboard["url_path"] != url_path for dashboard in existing):
            await self.api.command(
                "lovelace/dashboards/create",
                url_path=url_path,
                title=title,
                icon="mdi:home-lightning-bolt",
                mode="storage",
                require_admin=False,
                show_in_sidebar=True,
            )
        await self.api.command("lovelace/config/save", url_path=url_path, config=config)


async def wait_for[T](
    question: Callable[[], Json], timeout: float, complaint: str | Callable[[], str]
) -> T:
    """Poll until the answer is true, and return it.

    ``question`` is a coroutine function. Raises TimeoutError with the complaint.
    """
    end = time.monotonic() + timeout
    while True:
        if answer := await question():
            return cast("T", answer)
        if time.monotonic() > end:
            raise TimeoutError(complaint if isinstance(complaint, str) else complaint())
        await asyncio.sleep(0.2)
