"""Simulated house of the demo, in real time."""

from collections.abc import Sequence
import json
from pathlib import Path
import time
from typing import Final, Self

from simulators.clock import DAY, VirtualClock
from simulators.house import House
from simulators.minutes import HousePlan

from .backends import MakeSystem
from .backends.base import SimulatedSystem
from .kept import Kept

# Peak power of a full roof (W on each phase), so that solar power shows in November, too.
_SOLAR: Final = (3000, 3000, 3000)
# Old enough for every meter to have a reading.
_AGE: Final = 2 * DAY


class DemoHouse:
    """A house that continues between starts.

    Its state follows from its age alone, so the folder stores only when it was built: at the next
    start all counters have the values they would have had if it had kept running.
    """

    def __init__(
        self,
        folder: Path,
        systems: Sequence[MakeSystem],
        *,
        seed: int = 1,
        kept: bool = False,
        public_addresses: bool = False,
    ) -> None:
        """Build the house from a seed, or restore it, and add the systems.

        With ``kept`` they have the same addresses, certificates, and tokens at each start. With
        ``public_addresses`` they have typical addresses, for pictures. Raises PortTakenError.
        """
        folder.mkdir(parents=True, exist_ok=True)
        built = self._built(folder / "house.json")
        clock = VirtualClock(built)
        self.house = House(clock, HousePlan(seed, solar_peak=_SOLAR))
        self.systems = [make(self.house, folder) for make in systems]
        for system in self.systems:
            if kept or public_addresses:
                system.keep(Kept(folder / "kept" / f"{system.name}.json"))
            if public_addresses:
                system.use_public_address()
        clock.set(time.time())
        self.house.update()

    @staticmethod
    def _built(file: Path) -> float:
        if file.exists():
            return float(json.loads(file.read_text())["built"])
        built = time.time() - _AGE
        file.write_text(json.dumps({"built": built}))
        return built

    async def __aenter__(self) -> Self:
        """Start all systems."""
        started: list[SimulatedSystem] = []
        try:
            for system in self.systems:
                started.append(system)
                await system.start()
        except BaseException:
            for system in started:
                await system.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop all systems."""
        for system in reversed(self.systems):
            await system.stop()
