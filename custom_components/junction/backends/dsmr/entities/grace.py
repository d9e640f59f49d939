"""Grace period: how long values stay that may still be true without telegrams."""

from collections.abc import Callable
from datetime import datetime

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later


class GracePeriod:
    """Waits ``seconds`` from each ``begin``, then calls ``on_end``.

    ``is_over`` is True from then until ``end``.
    """

    def __init__(
        self, hass: HomeAssistant, seconds: float, on_end: Callable[[], None]
    ) -> None:
        """Start with telegrams."""
        self.is_over = False
        self._hass = hass
        self._seconds = seconds
        self._on_end = on_end
        self._cancel: CALLBACK_TYPE | None = None

    def begin(self) -> None:
        """Count from now: telegrams stay away."""
        self.cancel()

        @callback
        def over(_now: datetime) -> None:
            self._cancel = None
            self.is_over = True
            self._on_end()

        self._cancel = async_call_later(self._hass, self._seconds, over)

    def skip(self) -> None:
        """Count it as over: nothing is to be shown any more."""
        self.cancel()
        self.is_over = True

    def end(self) -> None:
        """Start again with telegrams."""
        self.cancel()
        self.is_over = False

    def cancel(self) -> None:
        """Stop counting."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
