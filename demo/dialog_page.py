"""Write docs/dialogs.md, with pictures of every dialog."""

from collections.abc import Sequence
from dataclasses import dataclass
import html
from itertools import groupby
from pathlib import Path
import re
from typing import Final

from PIL import Image

SECTIONS: Final = {
    "dsmr": "Smart meter",
    "dlms": "Smart meter that sends DLMS lists",
    "mycodo": "Mycodo",
    "openmotics": "OpenMotics",
    "dsmr_reader": "DSMR-reader",
    "cozify": "Cozify",
    "iotile": "IOTile Cloud",
    "actions": "Actions",
}
"""Headings of the page, by system, in order."""
FLOWS: Final = {
    "set-up": "Adding it",
    "again": "Adding it again",
    "moved": "Adding it on another port",
    "terms": "An account that has not accepted the terms",
    "cloud": "Adding it through the cloud",
    "legacy-cloud": "Adding it through the legacy cloud",
    "unseen-hub": "A hub that is not found",
    "several-hubs": "An account with several hubs",
    "options": "Options",
    "forward": "Forwarding to a DSMR-reader",
    "forward-https": "Forwarding over HTTPS",
    "forward-again": "Forwarding to the same DSMR-reader",
    "forward-change": "Reconfigure the forwarding",
    "reconfigure": "Reconfigure",
    "other-meter": "Reconfigure, with another meter on the port",
    "log-in": "Logging in again",
    "repair": "Repair",
    "no-aidon": "Norway: Aidon",
    "at-kaifa-enc": "Austria: Kaifa, encrypted",
    "ch-landis": "Switzerland: Landis+Gyr",
    "action": "Under Developer tools > Actions",
}
"""Headings of a section, by kind of flow, in order."""
ENDS: Final = ("done", "end")
"""Last step of a flow, with and without a new device."""
_HEAD: Final = """\
# Every dialog in pictures

Each dialog of each system, with the mistakes that are made most often and what is reported under
Repairs, on a computer and on a phone, and the form of each action. The systems are simulated, and
so are all names and numbers. `scripts/screenshots --dialogs` takes the pictures and writes this
page.
"""
_COLOURS: Final = 48
_HEADING: Final = re.compile(r"^## (.*)\n", re.MULTILINE)


def picture_name(system: str, flow: str, step: str, error: str = "") -> str:
    """Return the name of a picture, without that of a phone at its end.

    The step of a repair is the key of what is reported.
    """
    short = step.removeprefix(system).removeprefix("_") or "form"
    return "-".join(filter(None, (system, flow, short, error))).replace("_", "-")


@dataclass(frozen=True, slots=True)
class Picture:
    """A step of a dialog, on a desktop and on a phone."""

    flow: str
    step: str
    error: str
    """The key of the error that is shown: empty without one."""
    caption: str
    desktop: Path
    phone: Path | None
    """None for what is only taken on a desktop."""


def section(pictures: Sequence[Picture], page: Path) -> str:
    """Return the section with these pictures: a table for each kind of flow."""
    flows, steps = list(FLOWS), list(dict.fromkeys(one.step for one in pictures))
    # A form is followed by its errors.
    ordered = sorted(
        pictures,
        key=lambda one: (
            flows.index(one.flow),
            one.step in ENDS,
            steps.index(one.step),
            one.error != "",
        ),
    )
    parts = []
    for flow, group in groupby(ordered, key=lambda one: one.flow):
        shown = list(group)
        has_phones = any(one.phone for one in shown)
        rows = "\n".join(_row(one, page) for one in shown)
        heads = "| | On a computer | On a phone |\n|---|---|---|"
        if not has_phones:
            heads = "| | On a computer |\n|---|---|"
        parts.append(f"### {FLOWS[flow]}\n\n{heads}\n{rows}\n")
    return "\n".join(parts)


def _row(picture: Picture, page: Path) -> str:
    words = html.escape(" ".join(picture.caption.split()), quote=False)
    words = words.replace("|", "&#124;")
    alt = words.replace('"', "&quot;")
    images = (
        f'<img src="{file.relative_to(page.parent).as_posix()}" alt="{alt}{where}"'
        f' width="{width}">'
        for file, where, width in (
            (picture.desktop, "", 380),
            (picture.phone, ", on a phone", 190),
        )
        if file is not None
    )
    return f"| {' | '.join((words, *images))} |"


def shrink(picture: Path) -> None:
    """Save a picture of a dialog with a reduced palette."""
    with Image.open(picture) as image:
        small = image.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    small.save(picture, optimize=True)


def write(page: Path, system: str, pictures: Sequence[Picture]) -> None:
    """Replace the pictures of a system on the page."""
    text = page.read_text() if page.exists() else ""
    _, *parts = _HEADING.split(text)
    there = dict(zip(parts[::2], parts[1::2], strict=True))
    there[SECTIONS[system]] = f"\n{section(pictures, page)}"
    bodies = (
        f"## {heading}\n{there[heading].rstrip()}\n"
        for heading in SECTIONS.values()
        if heading in there
    )
    page.write_text("\n".join((_HEAD, *bodies)))


def forget_others(page: Path, folder: Path) -> None:
    """Delete pictures in the folder that are no longer on the page."""
    shown = page.read_text()
    for picture in folder.iterdir():
        if picture.name not in shown:
            picture.unlink()
