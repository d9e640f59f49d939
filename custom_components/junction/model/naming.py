"""Names of entities beside the names of their devices."""

from typing import Final

_BETWEEN: Final = " -–—_:,./|"


def name_on(device: str, name: str) -> str:
    """Return the name of an entity without that of its device at its beginning.

    Home Assistant shows both: "House" and "House total" would be "House House total".
    A name that is nothing but that of the device, or goes on in the same word, stays.
    """
    if not device or not name.casefold().startswith(device.casefold()):
        return name
    rest = name[len(device) :]
    if not rest or rest[0] not in _BETWEEN:
        return name
    rest = rest.strip(_BETWEEN)
    word = rest.partition(" ")[0]
    # "pH" is not written otherwise.
    return (rest[:1].upper() + rest[1:] if word.islower() else rest) or name
