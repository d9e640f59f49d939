"""Messages of the grid operator on the meter."""

from collections.abc import Iterator
from typing import Final

from ....model import Detailed, SensorValue
from ..client.models import Telegram
from .description import PointDescription, Value, at_once

# Home Assistant's maximum length of a state; messages may have 1024 characters.
MAX_STATE: Final = 255


def messages() -> Iterator[PointDescription]:
    """Yield the message and its code."""

    def message(telegram: Telegram) -> Value:
        text = telegram.text("0-0:96.13.0")
        long = {
            f"channel_{n}": other
            for n in range(2, 6)
            if (other := telegram.text(f"0-0:96.13.{n}"))
        }
        return Detailed[SensorValue](
            text[:MAX_STATE] if text else "", {"text": text or "", **long}
        )

    yield at_once(
        "message",
        "0-0:96.13.0",
        message,
        more_keys=tuple(f"0-0:96.13.{n}" for n in range(2, 6)),
    )
    yield at_once("message_code", "0-0:96.13.1", lambda t: t.text("0-0:96.13.1") or "")
