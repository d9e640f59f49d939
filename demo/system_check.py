"""Check one simulated system, from adding it to removing it."""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
import json
from typing import Final

from .automations import automations
from .backends.base import Errand, SimulatedSystem, Trial, Visit
from .client import DOMAIN, MISSING, PATIENCE, Client, Entity, wait_for
from .dashboard import CONFIG, TITLE, URL_PATH
from .energy import energy_sources
from .hass import HomeAssistant
from .log import Record, complaints, records
from .points import Points
from .restarts import Restarts, named
from .table import StepFailed, Table

# Time until a message appears in the log file (s).
_LOG: Final = 5.0


class SystemCheck:
    """Steps of the check for one system."""

    def __init__(
        self, table: Table, hass: HomeAssistant, client: Client, system: SimulatedSystem
    ) -> None:
        """Check ``system`` in a running Home Assistant."""
        self.table = table
        self.hass = hass
        self.client = client
        self.system = system
        self.entry_id = ""
        self._silent = system.may_be_silent()
        self.expected_complaints: list[Record] = []
        """What Home Assistant logged as it should: that the system was lost."""

    async def add(self) -> None:
        """Add the system through its config flow."""
        with self.table.step(f"{self.system.name}: add it", vital=True) as step:
            result = await self.client.add(self.system.answers())
            self.entry_id = result.entry_id
            await self.client.wait_until_loaded(self.entry_id)
            step.say(f"{result.title}: " + " > ".join(result.steps))

    async def look(self) -> None:
        """Check the entities of the system, and features that use them."""
        name = self.system.name
        step = self.table.step
        with step(f"{name}: every entity has a state", vital=True) as line:
            line.say(await self._entities())
        errands = self.system.errands()
        await self._run(errand for errand in errands if errand.before_restart)
        restarts = Restarts(
            self.hass,
            self.client,
            self.system,
            self.entry_id,
            self.enabled,
            self.wait_for_states,
        )
        with step(f"{name}: restart, with all entities enabled", vital=True) as line:
            line.say(await restarts.with_all_enabled())
        if kept := self.system.hush():
            with step(f"{name}: restart while it is silent", vital=True) as line:
                line.say(await restarts.in_silence(kept))
        with step(f"{name}: names") as line:
            line.say(await self._names())
        with step(f"{name}: values are those of the system") as line:
            line.say(await self._values())
        with step(f"{name}: one of each platform moves") as line:
            line.say(await self._trials())
        with step(f"{name}: automations of blueprints") as line:
            line.say(await self._automations())
        with step(f"{name}: statistics") as line:
            line.say(await self._statistics())
        with step(f"{name}: Energy dashboard") as line:
            line.say(await self.energy())
        await self._run(errand for errand in errands if not errand.before_restart)
        with step(f"{name}: dashboard") as line:
            line.say(await self.dashboard())

    async def _run(self, errands: Iterable[Errand]) -> None:
        for errand in errands:
            with self.table.step(f"{self.system.name}: {errand.name}") as line:
                line.say(await errand.run(Visit(self.client, self.entry_id)))

    async def disturb(self) -> None:
        """Test changes and faults, and remove the system at the end."""
        name = self.system.name
        step = self.table.step
        with step(f"{name}: options") as line:
            line.say(await self._options())
        with step(f"{name}: pull the plug") as line:
            line.say(await self._unplug())
        with step(f"{name}: put it back") as line:
            line.say(await self._replug())
        with step(f"{name}: reload") as line:
            line.say(await self._reload())
        with step(f"{name}: diagnostics") as line:
            line.say(await self._diagnostics())
        with step(f"{name}: system health and repairs") as line:
            line.say(await self._health())
        with step(f"{name}: remove it") as line:
            line.say(await self._remove())

    # Entities

    async def enabled(self) -> list[Entity]:
        """Return the enabled entities."""
        entities = await self.client.entities(self.entry_id)
        return [entity for entity in entities if not entity.disabled_by]

    async def wait_for_states(self) -> list[Entity]:
        """Wait until every enabled entity has a value, and return the entities."""
        waiting: list[Entity] = []

        async def all_there() -> list[Entity]:
            nonlocal waiting
            entities = await self.enabled()
            waiting = [
                entity
                for entity in entities
                if entity.missing and not self._may_be_silent(entity)
            ]
            return [] if waiting else entities

        return await wait_for(
            all_there, PATIENCE, lambda: f"nothing from {named(waiting)}"
        )

    def _may_be_silent(self, entity: Entity) -> bool:
        """Return whether an entity may be unknown (not unavailable)."""
        return (
            entity.point in self._silent
            and entity.state is not None
            and entity.state.state == "unknown"
        )

    async def _entities(self) -> str:
        entities = await self.wait_for_states()
        kinds = Counter(entity.platform for entity in entities)
        devices = len(await self.client.devices(self.entry_id))
        counted = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        return f"{counted} on {devices} devices"

    async def _names(self) -> str:
        """Check for missing and duplicate names."""
        entities = await self.enabled()
        texts = await self.client.texts("entity")
        keys = {(e.platform, e.translation_key) for e in entities if e.translation_key}
        if missing := [
            f"{platform}.{key}"
            for platform, key in keys
            # A name may be missing: the main entity of a device has the name of the device.
            if not any(
                text.startswith(f"component.{DOMAIN}.entity.{platform}.{key}.")
                for text in texts
            )
        ]:
            raise StepFailed(f"not in the texts: {sorted(missing)}")
        names = Counter(entity.state.name for entity in entities if entity.state)
        if twice := [name for name, count in names.items() if count > 1]:
            raise StepFailed(f"several entities are called {twice}")
        if raw := [name for name in names if "_" in name or "{" in name or not name]:
            raise StepFailed(f"not a name: {raw}")
        return f"{len(names)}, each once"

    async def _values(self) -> str:
        if wrong := self.system.wrong_values(await self.enabled()):
            raise StepFailed("\n".join(wrong))
        return "compared with what it sent"

    async def _trials(self) -> str:
        trials = self.system.trials()
        for trial in trials:
            await self._try(trial)
        return ", ".join(trial.point for trial in trials)

    async def _try(self, trial: Trial) -> None:
        place = f"/{trial.device}/{trial.point}" if trial.device else f"/{trial.point}"
        [entity] = [
            one for one in await self.enabled() if one.unique_id.endswith(place)
        ]
        trial.cause()
        if trial.action:
            await self.client.call(trial.action, entity.entity_id, **trial.data)
        state = ""

        async def shown() -> bool:
            nonlocal state
            state = (await self.client.states())[entity.entity_id].state
            return state not in MISSING and trial.shows(state) and trial.done()

        try:
            await wait_for(shown, PATIENCE, lambda: f"{entity.entity_id} stays {state}")
        finally:
            trial.undo()

    async def _automations(self) -> str:
        """Create the automations that the system has entities for, and see one run."""
        made = automations(Points(await self.enabled()))
        for key, config in made.items():
            await self.client.save_automation(key, config)
        try:
            for key, config in made.items():
                state = await self.client.automation(key)
                if state.state != "on":
                    raise StepFailed(f"{config['alias']} is {state.state}")
            trials = self.system.automated()
            for trial in trials:
                await self._try(trial)
        finally:
            for key in made:
                await self.client.remove_automation(key)
        said = [config["alias"] for config in made.values()]
        acted = [f"{trial.point} moved by one" for trial in trials]
        return ", ".join(said + acted) or "it has nothing for one"

    # Features that use the values

    async def _statistics(self) -> str:
        counted = [
            e
            for e in await self.enabled()
            if e.attribute("state_class") and not e.missing
        ]
        begin = datetime.now(UTC) - timedelta(minutes=10)
        await self.client.call("statistics_now.compile")
        known = await self.client.statistic_ids()
        if missing := [e.entity_id for e in counted if e.entity_id not in known]:
            raise StepFailed(f"none of {missing}")
        rows = await self.client.short_statistics([e.entity_id for e in counted], begin)
        if missing := [e.entity_id for e in counted if not rows.get(e.entity_id)]:
            raise StepFailed(f"no five minutes of {missing}")
        ours = {entity.entity_id for entity in counted}
        issues = await self.client.statistics_issues()
        if bad := {key: value for key, value in issues.items() if key in ours}:
            raise StepFailed(f"the recorder complains: {bad}")
        return f"of {len(counted)} entities, the recorder has no complaint"

    async def energy(self) -> str:
        """Configure the Energy dashboard and check that it has no issues."""
        sources = energy_sources(Points(await self.enabled()))
        if not sources:
            return "it has nothing for it"
        await self.client.save_energy(sources)
        if issues := await self.client.energy_issues():
            raise StepFailed(f"{issues}")
        return ", ".join(source["type"] for source in sources) + ": no complaint"

    async def dashboard(self) -> str:
        """Create the dashboard, and check that it includes the system."""
        await self.client.save_dashboard(URL_PATH, TITLE, CONFIG)
        answer = await self.client.api.command("junction/dashboard")
        [told] = [
            installation["points"]
            for installation in answer["installations"]
            if installation["entry_id"] == self.entry_id
        ]
        wanted = {entity.entity_id: entity.point for entity in await self.enabled()}
        if told != wanted:
            wrong = dict(told.items() ^ wanted.items())
            raise StepFailed(f"it is not told the truth of: {wrong}")
        return f"{len(told)} entities at /{URL_PATH}"

    # Changes and faults

    async def _options(self) -> str:
        result = await self.client.set_options(self.entry_id, self.system.options())
        await self.client.wait_until_loaded(self.entry_id)
        await self.wait_for_states()
        return "saved: " + " > ".join(result.steps)

    async def _unplug(self) -> str:
        self._mark = len(self.hass.log())
        await self.system.unplug()
        left: list[Entity] = []
        gone = 0

        async def all_gone() -> bool:
            nonlocal left, gone
            entities = await self.enabled()
            gone = sum(
                entity.point not in self.system.outlives_loss for entity in entities
            )
            left = [
                entity
                for entity in entities
                if entity.point not in self.system.outlives_loss
                and (entity.state is None or entity.state.state != "unavailable")
            ]
            return not left

        await wait_for(all_gone, PATIENCE, lambda: f"still shown: {named(left)}")
        stay = len(await self.enabled()) - gone
        return f"{gone} entities unavailable, {stay} stay as they should"

    async def _replug(self) -> str:
        await self.system.replug()
        await self.wait_for_states()
        said: list[Record] = []

        async def both_ways() -> bool:
            """Return whether both log lines exist; the log lags a little behind the states."""
            nonlocal said
            log = self.hass.log()[self._mark :]
            said = [record for record in records(log) if record.ours]
            return len(said) >= 2

        with suppress(TimeoutError):
            await wait_for(both_ways, _LOG, "")
        lost = complaints(said)
        self.expected_complaints += lost
        back = [record for record in said if record.level == "INFO"]
        if len(lost) != 1 or len(back) != 1:
            raise StepFailed(
                "not one line when lost and one when back:\n" + _lines(said)
            )
        return "every entity is back, one line in the log for each way"

    async def _reload(self) -> str:
        await self.client.reload(self.entry_id)
        await self.wait_for_states()
        return "every entity is back"

    # Diagnostics and system health

    async def _diagnostics(self) -> str:
        download = json.dumps(
            await self.client.diagnostics(self.entry_id), ensure_ascii=False
        )
        log = self.hass.log()
        secrets = list(self.system.secrets())
        for place, text in (("diagnostics", download), ("log", log)):
            if told := [s for s in secrets if s.casefold() in text.casefold()]:
                raise StepFailed(f"{place} tell {told}")
        return f"{len(download)} characters, none of {len(secrets)} secrets; none in the log"

    async def _health(self) -> str:
        if repairs := await self.client.repairs():
            raise StepFailed(f"repair issues: {repairs}")
        health = await self.client.system_health()
        if not health:
            raise StepFailed("system health knows nothing of it")
        return (
            ", ".join(f"{key}: {value}" for key, value in health.items())
            + "; no repair issue"
        )

    async def _remove(self) -> str:
        await self.client.remove(self.entry_id)

        async def gone() -> bool:
            entries = [entry["entry_id"] for entry in await self.client.entries()]
            return not (
                self.entry_id in entries
                or await self.client.entities(self.entry_id)
                or await self.client.devices(self.entry_id)
            )

        await wait_for(gone, PATIENCE, "entities or devices are left")
        return "without a restart, nothing left"


def _lines(said: Iterable[Record]) -> str:
    return "\n".join(map(str, said)) or "nothing"
