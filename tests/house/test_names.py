"""Names in the whole simulated house: for people, without addresses and ids."""

from collections.abc import Iterator
import re
from typing import Final

from homeassistant.helpers import entity_registry as er
import pytest

from .shown import Shown

ADDRESS: Final = re.compile(
    r"\d{1,3}(?:[. _]\d{1,3}){3}|https?[:_]|localhost|:\d{4,5}\b"
)
SLUG: Final = re.compile(
    r"\b[a-z]--[0-9a-f]{4}|\b[0-9a-f]{4}-[0-9a-f]{4}\b|[0-9a-f]{16,}"
)
TWICE: Final = re.compile(r"\b([^\W\d_]{2,})[\W_]+\1\b", re.IGNORECASE)
# Written with capitals anywhere.
PROPER: Final = re.compile(r"[A-Z\d]+\+?|DSMR-reader|Mycodo|DLMS|pH|K[pid]")
# Have a page of their own, where the device is set up.
WITH_PAGE: Final = {"dsmr_reader", "iotile", "mycodo", "openmotics"}


def wrong(text: str, *ids: str | None) -> Iterator[str]:
    """Yield the faults of a text for users, which must not contain any of ``ids``."""
    plain = text.casefold()
    for number in ids:
        # Of some characters it is a name, or part of a word.
        if number and len(number) > 5 and number.casefold() in plain:
            yield f"{text!r} holds {number!r}"
    for pattern in (ADDRESS, SLUG, TWICE):
        if found := pattern.search(text):
            yield f"{text!r} holds {found.group()!r}"


def legends(shown: Shown, entity: er.RegistryEntry) -> Iterator[str]:
    """Yield every name by which an entity is shown, and its statistics are."""
    yield entity.original_name or ""
    if state := shown.states.get(entity.entity_id):
        yield state.name


def test_no_ids_and_nothing_twice(shown: Shown) -> None:
    ids = [device.serial_number for device in shown.devices.values()]
    texts = {shown.title}
    for device in shown.devices.values():
        texts |= {device.name or "", device.model or ""}
    for entity in shown.entities:
        texts |= {*legends(shown, entity)}
    problems = [problem for text in sorted(texts) for problem in wrong(text, *ids)]
    for entity in shown.entities:
        # Home Assistant begins with the area, which may be called as the device is.
        text = entity.entity_id.partition(".")[2].replace("_", " ")
        problems += [one for one in wrong(text, *ids) if not TWICE.search(text)]
    assert not problems, "\n".join(problems)


def test_devices_tell_their_maker_and_page(shown: Shown) -> None:
    main = [device for device in shown.devices.values() if device.via_device_id is None]
    assert main
    for device in main:
        assert device.manufacturer, device.name
        assert device.model, device.name
        assert (device.configuration_url is not None) is (shown.system in WITH_PAGE)


def test_sentence_case(shown: Shown) -> None:
    """Junction's own names have sentence case; names from users or systems are unchanged."""
    problems = [
        entity.original_name
        for entity in shown.entities
        if entity.translation_key
        and entity.original_name
        # With a name of the user's in it.
        and not entity.translation_key.startswith(("cozify_", "mycodo_", "iotile_"))
        and not entity.translation_key.startswith("openmotics_")
        and not is_sentence(entity.original_name)
    ]
    assert not problems


def is_sentence(name: str) -> bool:
    """Return whether only the first word begins with a capital."""
    first, *others = re.findall(r"[\w+-]+", name)
    return (first[0].isupper() or bool(PROPER.fullmatch(first))) and all(
        word[0].islower() or word[0].isdigit() or PROPER.fullmatch(word)
        for word in others
    )


@pytest.mark.parametrize(
    ("text", "is_wrong"),
    [
        ("Power 192.168.1.5", True),
        ("192 168 1 5 power", True),
        ("Water d--0000-0000", True),
        ("Average temperature Temperature", True),
        ("Pump 4-20", False),
        ("Voltage L1", False),
    ],
)
def test_what_is_wrong(text: str, *, is_wrong: bool) -> None:
    assert any(wrong(text)) is is_wrong


@pytest.mark.parametrize(
    ("name", "fits"),
    [("Power import L1", True), ("Power Import", False), ("power", False)],
)
def test_what_a_sentence_is(name: str, *, fits: bool) -> None:
    assert is_sentence(name) is fits
