"""Faults between Home Assistant and a system, and their expected effects."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, override

from simulators import http_faults as faults
from simulators.http_server import Injection

from .house import PATIENCE, House, Outcome

DAY = 86_400.0
RETRY_AFTER = 1800.0


@dataclass(slots=True)
class Blow:
    """A fault that is active. `mend` removes it; with `anew` the entry is reloaded."""

    mend: Callable[[], Awaitable[None]]
    injections: list[Injection]
    anew: bool = False

    @property
    def hits(self) -> int:
        """How many requests met it."""
        return sum(injection.hits for injection in self.injections)


@dataclass(frozen=True, slots=True)
class Fault:
    """A row of the matrix. `once`: it strikes one request only."""

    name: str
    strike: Callable[[House], Awaitable[Blow]]
    outcome: Outcome = Outcome.LOST
    once: bool = False

    @override
    def __str__(self) -> str:
        return self.name


def _answers(
    name: str,
    fault: faults.Fault,
    outcome: Outcome = Outcome.LOST,
    *,
    patience: float | None = None,
    once: bool = False,
) -> Fault:
    """Return a fault of the answers to all requests."""

    async def strike(house: House) -> Blow:
        house.patience = patience
        injections = await house.inject(fault, 1 if once else None)
        return Blow(house.heal, injections)

    return Fault(name, strike, outcome, once)


async def _refused(house: House) -> Blow:
    await house.server.refuse()
    return Blow(house.server.listen, [])


async def _restarted(house: House) -> Blow:
    await house.restart()
    return Blow(_nothing, [])


async def _moved(house: House) -> Blow:
    await house.move()
    return Blow(house.readdress, [], anew=True)


async def _partial(house: House) -> Blow:
    return Blow(house.heal, house.partial())


def _our_clock(seconds: float) -> Callable[[House], Awaitable[Blow]]:
    async def strike(house: House) -> Blow:
        house.time.wrong += seconds

        async def mend() -> None:
            house.time.wrong -= seconds

        return Blow(mend, [])

    return strike


def _their_clock(seconds: float) -> Callable[[House], Awaitable[Blow]]:
    async def strike(house: House) -> Blow:
        house.skew(seconds)
        return Blow(_nothing, [])

    return strike


async def _nothing() -> None:
    """Mend nothing: it was over at once."""


_KEPT: Final = Outcome.KEPT
FAULTS: Final = (
    Fault("refused", _refused),
    Fault("restarted", _restarted, _KEPT),
    Fault("moved", _moved),
    _answers("reset", faults.reset()),
    _answers("reset_mid_body", faults.reset_mid_body()),
    _answers("hang", faults.hang(), patience=PATIENCE),
    _answers("slow_drip", faults.slow_drip(), patience=PATIENCE),
    _answers("truncated", faults.truncated()),
    _answers("html_page", faults.html_page()),
    _answers("empty_body", faults.empty_body()),
    _answers("wrong_content_type", faults.wrong_content_type(), _KEPT),
    _answers("401_once", faults.status(401), _KEPT, once=True),
    _answers("401_for_good", faults.status(401), Outcome.LOGIN),
    _answers("403", faults.status(403)),
    _answers("404", faults.status(404)),
    _answers("429_retry_after", faults.rate_limited(f"{RETRY_AFTER:.0f}")),
    _answers("500", faults.status(500, "Internal Server Error")),
    _answers("503", faults.status(503)),
    Fault("our_clock_a_day_ahead", _our_clock(DAY), _KEPT),
    Fault("our_clock_a_day_back", _our_clock(-DAY), _KEPT),
    Fault("their_clock_a_day_ahead", _their_clock(DAY), _KEPT),
    Fault("their_clock_a_day_back", _their_clock(-DAY), _KEPT),
    Fault("partial_listing", _partial, _KEPT),
)
