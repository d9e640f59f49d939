"""Slugs in their canonical form.

The server answers short or upper-case slugs with 404, 403, 500, or an empty list, so
all slugs are converted to their canonical form: lower-case hex in groups of four joined
by ``-``, parts joined by ``--``. All functions raise BadSlugError.

See docs/protocols/iotile.md#slugs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from .errors import BadSlugError

_HEX: Final = frozenset("0123456789abcdef")
_GROUP: Final = 4


@dataclass(frozen=True, slots=True)
class StreamParts:
    """Parts of a stream slug; ``device`` is None for a virtual stream.

    ``device`` is a ``b--`` slug for an archived stream (with its block in front).
    """

    project: str
    device: str | None
    variable: int


def project_slug(given: str | int) -> str:
    """Return ``p--`` and 32 bits: ``5``, ``p--5`` and ``0x5`` are ``p--0000-0005``."""
    return f"p--{_groups(_one(given, 'p', 32), 2)}"


def device_slug(given: str | int) -> str:
    """Return ``d--`` and 48 bits; text may have a block of 16 bits in front of them."""
    return f"d--{_groups(_one(given, 'd', 48 if isinstance(given, int) else 64), 4)}"


def block_slug(given: str | int, *, block: int | None = None) -> str:
    """Return ``b--`` with block and device; a ``d--`` slug needs the ``block``."""
    text = given.strip().lower() if isinstance(given, str) else given
    if isinstance(text, str) and text.startswith("b--"):
        if text.count("-") != _GROUP + 1:
            raise BadSlugError(given)
        number = _one(text, "b", 64)
    else:
        number = _one(text, "d", 64)
        if block is not None and not number >> 48:
            if not 0 <= block < 1 << 16:
                raise BadSlugError(given)
            number |= block << 48
    if not number:
        raise BadSlugError(given)
    return f"b--{_groups(number, 4)}"


def variable_slug(given: str | int, project: str | int = 0) -> str:
    """Return ``v--`` project ``--`` 16 bits, never 0; a full slug has its own project."""
    text = given.strip().lower() if isinstance(given, str) else given
    if (
        isinstance(text, str)
        and (parts := text.split("--"))[0] == "v"
        and len(parts) > 2
    ):
        if len(parts) != 3:
            raise BadSlugError(given)
        project, text = parts[1] or 0, parts[2]
    number = _one(text, "v", 16)
    if not number:
        raise BadSlugError(given)
    return f"v--{project_slug(project)[3:]}--{_groups(number, 1)}"


def stream_slug(given: str) -> str:
    """Return ``s--`` project ``--`` device (zero: virtual) ``--`` variable."""
    text = str(given).strip().lower()
    parts = text.split("--")
    if len(parts) != 4 or parts[0] != "s":
        raise BadSlugError(given)
    try:
        project = _number(parts[1] or "0", 32)
        device = _number(parts[2] or "0", 64)
        variable = _number(parts[3], 16)
    except ValueError as err:
        raise BadSlugError(given, str(err)) from None
    if not variable:
        raise BadSlugError(given)
    return f"s--{_groups(project, 2)}--{_groups(device, 4)}--{_groups(variable, 1)}"


def stream_from(
    project: str | int | None, device: str | int | None, variable: str | int
) -> str:
    """Return the stream of a variable; without a device the project's virtual one."""
    if isinstance(device, str) and device.strip().lower().startswith("b--"):
        raise BadSlugError(device)
    return (
        f"s--{project_slug(project or 0)[3:]}--{device_slug(device or 0)[3:]}"
        f"--{variable_slug(variable)[-_GROUP:]}"
    )


def stream_parts(slug: str) -> StreamParts:
    """Split a stream slug into its parts."""
    _, project, device, variable = stream_slug(slug).split("--")
    owner = None
    if device.strip("0-"):
        owner = f"{'d' if device.startswith('0000') else 'b'}--{device}"
    return StreamParts(f"p--{project}", owner, int(variable, 16))


def streamer_slug(device: str | int, index: str | int = 0) -> str:
    """Return ``t--`` device ``--`` index; a full slug has its own index."""
    text = device.strip().lower() if isinstance(device, str) else device
    if isinstance(text, str) and text.startswith("t--"):
        parts = text.split("--")
        if len(parts) != 3:
            raise BadSlugError(device)
        return f"t--{device_slug(parts[1])[3:]}--{_groups(_one(parts[2], 't', 16), 1)}"
    try:
        number = int(index)
    except ValueError:
        raise BadSlugError(index) from None
    if not 0 <= number < 1 << 16:
        raise BadSlugError(index)
    return f"t--{device_slug(device)[3:]}--{_groups(number, 1)}"


def fleet_slug(given: str | int) -> str:
    """Return ``g--`` and 48 bits."""
    return f"g--{_groups(_one(given, 'g', 48), 3)}"


def any_slug(given: str) -> str:
    """Return the canonical form of a slug of any kind, given by its first letter."""
    text = given.strip().lower()
    kinds: dict[str, Callable[[str], str]] = {
        "p": project_slug,
        "d": device_slug,
        "b": block_slug,
        "v": variable_slug,
        "s": stream_slug,
        "t": streamer_slug,
        "g": fleet_slug,
    }
    normalise = kinds.get(text.partition("--")[0])
    if normalise is None or "--" not in text:
        raise BadSlugError(given)
    return normalise(text)


def _one(given: object, letter: str, bits: int) -> int:
    """Return the number of a slug of one part, or of a number."""
    if isinstance(given, bool) or not isinstance(given, int | str):
        raise BadSlugError(given)
    if isinstance(given, int):
        if not 0 <= given < 1 << bits:
            raise BadSlugError(given)
        return given
    text = given.strip().lower()
    kind, dashes, rest = text.partition("--")
    if dashes and kind != letter:
        raise BadSlugError(given)
    try:
        return _number(rest if dashes else text, bits)
    except ValueError as err:
        raise BadSlugError(given, str(err)) from None


def _number(text: str, bits: int) -> int:
    """Return the number in groups of hex digits. Raises ValueError."""
    groups = text.removeprefix("0x").split("-")
    number = 0
    for index, group in enumerate(groups):
        if not group or not set(group) <= _HEX or (index and len(group) > _GROUP):
            raise ValueError(text)
        # "1-2" may mean 12 or 00010002.
        if index and number and len(group) < _GROUP:
            raise ValueError(text)
        number = (number << 4 * (_GROUP if index else 0)) + int(group, 16)
    if number >> bits:
        raise ValueError(text)
    return number


def _groups(number: int, count: int) -> str:
    digits = f"{number:0{_GROUP * count}x}"
    return "-".join(
        digits[place : place + _GROUP] for place in range(0, _GROUP * count, _GROUP)
    )
