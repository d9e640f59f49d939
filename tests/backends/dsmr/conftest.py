"""What the tests of the meter inside Home Assistant share."""

from functools import partial

from homeassistant.helpers.entity import Entity
import pytest

from custom_components.junction.backends.dsmr import adapter, flow, probe, transport


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the flow give up after a second, not after a minute."""
    monkeypatch.setattr(
        flow, "probe", partial(probe.probe, timeout=1.2, speed_trial=0.5)
    )
    monkeypatch.setattr(transport, "_OPEN_TIMEOUT", 0.5)


@pytest.fixture
def all_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enable also the entities that are not at first."""
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)


class Stopwatch:
    """The seconds that the backend counts its intervals by, in the test's hands."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def stopwatch(monkeypatch: pytest.MonkeyPatch) -> Stopwatch:
    """Stop the time of the backend; telegrams and links keep theirs."""
    watch = Stopwatch()
    monkeypatch.setattr(adapter, "monotonic", watch)
    return watch
