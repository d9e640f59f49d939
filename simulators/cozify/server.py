"""The cloud and the hubs as real servers on loopback."""

from typing import Any, Self

from simulators.clock import VirtualClock
from simulators.house import House
from simulators.http_server import FaultyServer

from .cloud import PREFIX, Account, Cloud
from .commands import Commands
from .hub_api import HubApi
from .seed import HUB_ID, OWNER, seeded_hub
from .state import HubState
from .tokens import ADMIN, Mint


class SimulatedHub:
    """One hub with its server."""

    def __init__(
        self,
        state: HubState,
        mint: Mint,
        house: House | None,
        control: CozifyWorld,
    ) -> None:
        """Prepare the server; it listens after ``start``."""
        self.state = state
        self.commands = Commands(state, house)
        self.api = HubApi(state, self.commands, mint)
        self.server = FaultyServer(self.api.application())
        self._control = control

    @property
    def url(self) -> str:
        """URL in the local network."""
        return self.server.url

    async def start(self, port: int = 0) -> None:
        """Listen."""
        self.server.port = port
        await self.server.start()
        self._control.cloud.where[self.state.hub_id] = self.url

    async def stop(self) -> None:
        """Stop."""
        await self.commands.close()
        await self.server.stop()

    async def move(self) -> None:
        """Change the address; the cloud knows the new one."""
        await self.server.move()
        self._control.cloud.where[self.state.hub_id] = self.url

    async def restart(self, seconds: float = 0.0) -> None:
        """Restart the hub."""
        await self.server.refuse()
        self.state.restart()
        if seconds:
            await self.state.clock.sleep(seconds)
        await self.server.listen()

    def press(self, key: str, button: int, *modifiers: str) -> None:
        """Press a button of a remote control."""
        self.state.set(key, button=button, modifiers=list(modifiers))

    def keep_alive(self, key: str) -> None:
        """Report a device as reachable, without any other change."""
        self.state.set(key)


class CozifyWorld:
    """A cloud with one account and its hubs. Usable with ``async with``."""

    def __init__(
        self,
        clock: VirtualClock,
        *,
        hubs: int = 1,
        house: House | None = None,
        seed: int = 0,
    ) -> None:
        """Prepare the servers; they listen after ``start``."""
        self.clock = clock
        self.mint = Mint(seed)
        self.cloud = Cloud(clock, self.mint, seed)
        self.cloud_server = FaultyServer(self.cloud.application())
        self.account = Account(OWNER)
        self.cloud.accounts[OWNER] = self.account
        self.hubs: list[SimulatedHub] = []
        for number in range(hubs):
            self.add_hub(
                seeded_hub(clock)
                if number == 0
                else HubState(
                    clock, f"{HUB_ID[:-2]}{number:02}", name=f"Mökki {number}"
                ),
                house if number == 0 else None,
            )

    def add_hub(self, state: HubState, house: House | None = None) -> SimulatedHub:
        """Add a hub that belongs to the account."""
        hub = SimulatedHub(state, self.mint, house, self)
        self.hubs.append(hub)
        self.cloud.hubs[state.hub_id] = hub.api
        self.account.roles[state.hub_id] = ADMIN
        return hub

    @property
    def hub(self) -> SimulatedHub:
        """The first hub."""
        return self.hubs[0]

    @property
    def cloud_url(self) -> str:
        """URL of the cloud."""
        return f"{self.cloud_server.url}{PREFIX}"

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Stop."""
        await self.stop()

    async def start(self, port: int = 0) -> None:
        """Start the cloud and all hubs, the first one on ``port`` (0 = any)."""
        await self.cloud_server.start()
        for hub in self.hubs:
            await hub.start(port if hub is self.hub else 0)

    async def stop(self) -> None:
        """Stop all of it."""
        for hub in self.hubs:
            await hub.stop()
        await self.cloud_server.stop()

    def secrets(self) -> list[str]:
        """Return everything that must stay confidential."""
        return [
            OWNER,
            *self.mint.issued,
            *(hub.state.hub_id for hub in self.hubs),
            *(code for _, code in self.cloud.sent_codes),
        ]

    def device(self, key: str) -> dict[str, Any]:
        """Return a device of the first hub."""
        return self.hub.state.items["devices"][key]
