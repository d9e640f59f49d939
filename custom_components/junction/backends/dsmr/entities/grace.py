"""Grace period during which values stay valid without telegrams."""

from collections.abc import Callable
from datetime import datetime

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later


class GracePeriod:
    """Call ``on_end`` ``seconds`` after each ``begin``.

    ``is_over`` is True from then until ``end``.
    """

    def __init__(
        self, hass: HomeAssistant, seconds: float, on_end: Callable[[], None]
    ) -> None:
        """Initialize with telegrams arriving."""
        self.is_over = False
        self._hass = hass
        self._seconds = seconds
        self._on_end = on_end
        self._cancel: CALLBACK_TYPE | None = None

    def begin(self) -> None:
        """Start the period, because telegrams are missing."""
        self.cancel()

        @callback
        def over(_now: datetime) -> None:
            self._cancel = None
            self.is_over = True
            self._on_end()

        self._cancel = async_call_later(self._hass, self._seconds, over)

    def skip(self) -> None:
        """Mark the period as over at once."""
        self.cancel()
        self.is_over = True

    def end(self) -> None:
        """Reset the period, because telegrams arrive again."""
        self.cancel()
        self.is_over = False

    def cancel(self) -> None:
        """Cancel the timer."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
