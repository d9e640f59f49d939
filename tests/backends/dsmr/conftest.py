"""What the tests of the meter inside Home Assistant share."""

from functools import partial

import pytest

from custom_components.junction.backends.dsmr import flow, probe, transport


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the flow give up after a second, not after a minute."""
    monkeypatch.setattr(
        flow, "probe", partial(probe.probe, timeout=1.2, speed_trial=0.5)
    )
    monkeypatch.setattr(transport, "_OPEN_TIMEOUT", 0.5)
