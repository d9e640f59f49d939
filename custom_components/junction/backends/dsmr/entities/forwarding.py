"""Forwarding of telegrams to DSMR-reader servers."""

import json
from typing import Final

from homeassistant.util import dt as dt_util

from ...forward.client.queue import PARSED, RAW, Item
from ...forward.settings import MODE_AUTO, MODE_PARSED
from ..client.dsmr_reader import is_plain, parsed, raw_text
from ..client.models import Telegram

_OFF: Final = 86_400.0
"""Maximum error of a meter's clock in seconds, above which our time is used instead."""


def item_of(telegram: Telegram, mode: str) -> Item | None:
    """Return the item to forward for a telegram, None if it holds nothing to store.

    A telegram without a time is never sent as printed, because the server would use its
    arrival time.
    """
    now = dt_util.utcnow()
    at = now.timestamp()
    if telegram.timestamp is not None:
        said = telegram.timestamp.timestamp()
        # Waiting items are dropped by age, so a clock that was never set must not be
        # used.
        at = said if abs(said - at) < _OFF else at
    plain = is_plain(telegram) if mode == MODE_AUTO else mode != MODE_PARSED
    if plain and telegram.timestamp is not None:
        return Item(at, RAW, raw_text(telegram))
    told = parsed(telegram, now)
    return None if told is None else Item(at, PARSED, json.dumps(told))
