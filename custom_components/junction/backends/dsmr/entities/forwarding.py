"""Forward telegrams to DSMR-reader servers."""

import json
from typing import Final

from homeassistant.util import dt as dt_util

from ...forward.client.queue import PARSED, RAW, Item
from ...forward.settings import MODE_AUTO, MODE_PARSED
from ..client.dsmr_reader import is_plain, parsed, raw_text
from ..client.models import Telegram

_OFF: Final = 86_400.0
"""Seconds that a meter's clock may be off before its telegrams are as old as we say."""


def item_of(telegram: Telegram, mode: str) -> Item | None:
    """Return what to forward of a telegram; None when it holds nothing to keep.

    One without a time is never sent as printed: the server dates it when it arrives.
    """
    now = dt_util.utcnow()
    at = now.timestamp()
    if telegram.timestamp is not None:
        said = telegram.timestamp.timestamp()
        # What waits is dropped by its age. A clock that was never set makes nothing old.
        at = said if abs(said - at) < _OFF else at
    plain = is_plain(telegram) if mode == MODE_AUTO else mode != MODE_PARSED
    if plain and telegram.timestamp is not None:
        return Item(at, RAW, raw_text(telegram))
    told = parsed(telegram, now)
    return None if told is None else Item(at, PARSED, json.dumps(told))
