"""Valid and invalid meter numbers."""

import pytest

from custom_components.junction.backends.dsmr.client.identity import (
    Identity,
    is_number,
    model_of,
    number_of,
)
from custom_components.junction.backends.dsmr.client.models import Telegram
from custom_components.junction.backends.dsmr.client.telegram import parse_telegram

from ..helpers import telegram
from .parsing import CLOCK, POWER
from .test_real_telegrams import real

KAIFA = "/KFM5KAIFA-METER"
SAGEMCOM = "/FLU5\\253770234_A"


def hexed(text: str) -> str:
    return text.encode().hex().upper()


def found(*lines: str, header: str = "/ABC5XY") -> Telegram:
    return parse_telegram(telegram(CLOCK, POWER, *lines, header=header))


@pytest.mark.parametrize(
    "text",
    [
        "E0089001203456725",
        "78979844",
        "K81015",
        "K8XEG10046395507",
        "AB12000000014477",
        "1SAG3105056625",
        "541448820070000017",
        "A1B2C3D4E5F6",
        "LGZ1030655933512",
    ],
)
def test_numbers(text: str) -> None:
    assert is_number(text, KAIFA[1:])


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("", ""),
        ("00000000", ""),
        ("0000-0000", ""),
        ("FFFFFFFFFFFF", ""),
        ("ffffffff", ""),
        ("99999999", ""),
        ("XXXXXXXXXXX", ""),
        ("--------", ""),
        ("LGZ00000000", ""),
        ("MA309M", ""),
        ("MA304H4E", ""),
        ("AM550", ""),
        ("T210-D", ""),
        ("D545", ""),
        ("OMNIPOWER", ""),
        ("KAIFA-METER", KAIFA[1:]),
        ("KFM5KAIFA-METER", KAIFA[1:]),
        ("253770234_A", SAGEMCOM[1:]),
        ("253770234", SAGEMCOM[1:]),
        ("2M550T-1012", "ISK5\\2M550T-1012"),
    ],
)
def test_no_numbers(text: str, header: str) -> None:
    assert not is_number(text, header)


@pytest.mark.parametrize(
    "filler", ["", "00000000", "FFFFFFFFFFFFFFFF", hexed("0" * 8), hexed("MA309M")]
)
@pytest.mark.parametrize(
    "key", ["0-0:42.0.0", "0-0:96.1.0", "1-0:0.0.0", "1-0:96.1.0*255", "0-0:96.1.2"]
)
def test_the_next_best_line_with_a_number(key: str, filler: str) -> None:
    number = number_of(found(f"0-0:96.1.1({filler})", f"{key}({hexed('12345678')})"))
    assert number is not None
    assert (number.raw, number.value) == (hexed("12345678"), "12345678")


def test_nothing_identifies_the_meter() -> None:
    assert number_of(found("0-0:96.1.1(00000000)", "1-0:0.0.0(00000000)")) is None


@pytest.mark.parametrize(
    ("name", "serial"),
    [
        ("pl_kaifa_model_in_96_1_1", "78979844"),
        ("pl_kaifa_model_in_96_1_1_second_meter", "78979845"),
    ],
)
def test_a_model_in_the_place_of_a_number(name: str, serial: str) -> None:
    meter = parse_telegram(real(name))
    number = number_of(meter)
    assert number is not None
    assert (number.value, model_of(meter)) == (serial, "MA309M")


def test_what_version_0_1_0_took_for_a_number_gives_way_to_the_number() -> None:
    """A number stored by 0.1.0 is replaced; a second meter of the model counts as unknown then."""
    identity = Identity("4D413330394D")
    assert identity.recognize(parse_telegram(real("pl_kaifa_model_in_96_1_1")))
    assert identity.equipment == "3738393739383434"
    other = parse_telegram(real("pl_kaifa_model_in_96_1_1_second_meter"))
    assert not identity.recognize(other)


def test_a_number_that_is_unusual_stays_ours_while_nothing_better_is_printed() -> None:
    identity = Identity(hexed("AM550"))
    assert identity.recognize(found(f"0-0:96.1.1({hexed('AM550')})"))
    assert identity.equipment == hexed("AM550")


@pytest.mark.parametrize("continues", [True, False, None])
def test_a_number_that_comes_late(continues: bool | None) -> None:
    """A late number is adopted when the counters continue, and provisionally without counters."""
    identity = Identity(None, lambda *_: continues)
    assert identity.recognize(found())
    numbered = found(f"0-0:96.1.0({hexed('12345678')})")
    results = [identity.recognize(numbered) for _ in range(12)]
    assert results == [continues is not False] * 12
    assert identity.equipment == (hexed("12345678") if continues else None)
    stranger = None if continues is not False else hexed("12345678")
    assert identity.stranger == stranger
    # Without a number it remains the known one
    assert identity.recognize(found())
    assert identity.stranger is None


def test_a_model_in_place_of_a_number_is_kept_while_the_counters_do_not_fit() -> None:
    identity = Identity("4D413330394D", lambda *_: False)
    other = parse_telegram(real("pl_kaifa_model_in_96_1_1_second_meter"))
    assert [identity.recognize(other) for _ in range(10)] == [False] * 10
    assert identity.stranger == "3738393739383435"
    assert identity.equipment == "4D413330394D"
