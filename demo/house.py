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

# Panels on a whole roof (W on each phase), so that the sun is seen in November, too.
_SOLAR: Final = (3000, 3000, 3000)
# Old enough for every meter to have been read.
_AGE: Final = 2 * DAY


class DemoHouse:
    """A house that goes on while nobody looks.

    What happens in it follows from its age alone, so the folder keeps only when it was built:
    at the next start all counters stand where they would stand, had it run on.
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
        """Build the house of a seed, or return to it, and put the systems into it.

        With ``kept`` they are at the same addresses, with the same certificates and tokens,
        at each start. With ``public_addresses`` they are where anybody's could be, for
        pictures. Raises PortTakenError.
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
