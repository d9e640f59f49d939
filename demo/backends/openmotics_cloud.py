"""OpenMotics cloud: a second entry for the same house, during the check."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from simulators.openmotics.cloud import OFFSET, CloudServer
from simulators.openmotics.engine import Engine

from ..client import Entity, wait_for
from ..table import StepFailed
from .base import Answers, Errand, Slip, Tour, Visit

_CLIENT: Final = "custom_components.junction.backends.openmotics.client.cloud"
_ID: Final = "0b1c2d3e-4f50-4162-8374-95a6b7c8d9e0"
_LAMP: Final = 0
_SHUTTER: Final = 8
_MINUTE: Final = 60


class CloudOfHouse:
    """Checks of the cloud: add it, use it, restart, and remove it."""

    def __init__(self, engine: Engine) -> None:
        """Show the devices of a gateway's engine in the cloud."""
        self._state = engine.state
        self.server = CloudServer(engine.state, engine=engine)
        self._entry_id = ""

    @property
    def addresses(self) -> Mapping[str, str]:
        """The address of the cloud, by the constant that holds it."""
        return {
            f"{_CLIENT}.api:BASE": self.server.base,
            f"{_CLIENT}.session:NEW_LOGIN": f"{self.server.server.url}/new/token",
        }

    @property
    def secret(self) -> str:
        """The secret, which must not appear anywhere."""
        return self.server.clients[_ID]

    def errands(self) -> Sequence[Errand]:
        """Return the checks before and after a restart of Home Assistant."""
        return (
            Errand(
                name="add its cloud, and use it", run=self._use, before_restart=True
            ),
            Errand(name="its cloud after the restart", run=self._look_again),
        )

    def tour(self) -> Tour:
        """Return the flow up to the choice of an installation."""
        wrong = {"client_id": _ID, "client_secret": "guessed"}
        return Tour(
            name="cloud",
            kind="config",
            answers=self._answers(),
            slips=(Slip("openmotics_cloud", wrong, "auth_failed"),),
            until="openmotics_installation",
        )

    def _answers(self) -> Answers:
        return {
            "user": {"next_step_id": "openmotics"},
            "openmotics": {"next_step_id": "openmotics_cloud"},
            "openmotics_cloud": {"client_id": _ID, "client_secret": self.secret},
            "openmotics_installation": {"installation": str(self.server.installation)},
        }

    async def _use(self, visit: Visit) -> str:
        """Add the cloud, open and close a shutter, and turn a light on and off."""
        before = {
            e.unique_id: e.entity_id
            for e in await self._entities(visit, visit.entry_id)
        }
        result = await visit.client.add(self._answers())
        self._entry_id = result.entry_id
        await visit.client.wait_until_loaded(self._entry_id)
        count = await self._shown(visit)
        output = self._state.output_values[_LAMP]
        lamp, shutter = f"output_{_LAMP + OFFSET}", f"shutter_{_SHUTTER + OFFSET}"
        # The cloud is polled twice a minute, which can be after the shutter arrives.
        for action, shown, end in (
            ("cover.close_cover", {"closing", "closed"}, 99),
            ("cover.open_cover", {"opening", "open"}, 0),
        ):
            await self._act(visit, action, shutter, shown, self._shutter_at(end))
        await self._act(visit, "light.turn_on", lamp, {"on"}, lambda: output.on)
        await self._act(visit, "light.turn_off", lamp, {"off"}, lambda: not output.on)
        after = {
            e.unique_id: e.entity_id
            for e in await self._entities(visit, visit.entry_id)
        }
        if before != after:
            raise StepFailed("the gateway's own entities changed")
        return f"{count} entities, a shutter opened, a light was on"

    async def _look_again(self, visit: Visit) -> str:
        """Check that everything is back after a restart, and remove the entry."""
        await visit.client.wait_until_loaded(self._entry_id)
        count = await self._shown(visit)
        output, lamp = self._state.output_values[_LAMP], f"output_{_LAMP + OFFSET}"
        await self._act(visit, "light.turn_on", lamp, {"on"}, lambda: output.on)
        await self._act(visit, "light.turn_off", lamp, {"off"}, lambda: not output.on)
        await visit.client.remove(self._entry_id)
        return f"{count} entities, a light was on; removed"

    async def _entities(self, visit: Visit, entry_id: str) -> list[Entity]:
        return await visit.client.entities(entry_id)

    async def _shown(self, visit: Visit) -> int:
        """Wait until no enabled entity is unavailable."""
        left: list[str] = []

        async def there() -> int:
            nonlocal left
            entities = [
                one
                for one in await visit.client.entities(self._entry_id)
                if not one.disabled_by
            ]
            left = [
                one.entity_id
                for one in entities
                if one.state is None or one.state.state == "unavailable"
            ]
            return 0 if left else len(entities)

        return await wait_for(there, _MINUTE, lambda: f"nothing from {left}")

    def _shutter_at(self, position: int) -> Callable[[], bool]:
        return lambda: self._state.runs[_SHUTTER].position == position

    async def _act(
        self,
        visit: Visit,
        action: str,
        point: str,
        shown: Collection[str],
        done: Callable[[], bool],
    ) -> None:
        """Perform an action, and wait until both the entity and the house reflect it."""
        entities = await visit.client.entities(self._entry_id)
        [entity] = [one for one in entities if one.point == point]
        await visit.client.call(action, entity.entity_id)
        state = ""

        async def is_so() -> bool:
            nonlocal state
            state = (await visit.client.states())[entity.entity_id].state
            return state in shown and done()

        await wait_for(is_so, _MINUTE, lambda: f"{entity.entity_id} stays {state}")
