"""Shorten entity names that repeat the name of their device."""

from typing import Final

_BETWEEN: Final = " -–—_:,./|"


def name_on(device: str, name: str) -> str:
    """Return the name of an entity without the device's name at its start.

    Home Assistant shows both: "House" and "House total" would be "House House total". A
    name that equals the device's name, or continues within the same word, stays.
    """
    if not device or not name.casefold().startswith(device.casefold()):
        return name
    rest = name[len(device) :]
    if not rest or rest[0] not in _BETWEEN:
        return name
    rest = rest.strip(_BETWEEN)
    word = rest.partition(" ")[0]
    # Keep mixed case: "pH" must not become "PH".
    return (rest[:1].upper() + rest[1:] if word.islower() else rest) or name


def name_beside(device: str, name: str) -> str | None:
    """Return the name of an entity without the words that its device's name ends with.

    Returns None if nothing is left ("Temperature" of the device "Average temperature");
    Home Assistant then shows the device's name alone.
    """
    before, after = device.casefold().split(), name.casefold().split()
    for count in range(min(len(before), len(after)), 0, -1):
        if before[-count:] == after[:count]:
            rest = " ".join(name.split()[count:]).lstrip(_BETWEEN)
            return rest[:1].upper() + rest[1:] if rest else None
    return name_on(device, name)
