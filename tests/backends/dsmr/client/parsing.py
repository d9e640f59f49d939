"""Telegrams of a few lines, or of one other line, read as the integration reads them."""

from custom_components.junction.backends.dsmr.client.models import Telegram
from custom_components.junction.backends.dsmr.client.telegram import parse_telegram

from ..helpers import NOW, replace_line, telegram, wire

CLOCK = "0-0:1.0.0(260301130000W)"
POWER = "1-0:1.7.0(00.331*kW)"


def parse(*lines: str) -> Telegram:
    return parse_telegram(telegram(*lines), now=lambda: NOW)


def v5(head: str, line: str | None) -> Telegram:
    return parse_telegram(
        replace_line(wire("v5_nl_3phase_gas"), head, line), now=lambda: NOW
    )
