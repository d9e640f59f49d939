"""Pictures of the forms of actions, under Developer tools > Actions."""

from pathlib import Path
from typing import Final

from .browser import Visitor
from .client import DOMAIN, Client
from .dialog import texts
from .dialog_page import Picture, picture_name, shrink
from .house import DemoHouse

ACTIONS: Final = "actions"
"""The name of what ``picture_actions`` takes, among those of the systems."""


async def picture_actions(
    visitor: Visitor, client: Client, house: DemoHouse, folder: Path
) -> list[Picture]:
    """Take the form of each action, as it is before anything is entered.

    Actions are there while a system is that has them, so all are added anew.
    """
    for entry in await client.entries():
        await client.remove(str(entry["entry_id"]))
    for system in house.systems:
        added = await client.add(system.answers())
        await client.wait_until_loaded(added.entry_id)
    taken = []
    for action, words in texts("services").items():
        name = picture_name(ACTIONS, "action", action)
        await visitor.action_picture(f"{DOMAIN}.{action}", words["name"], name)
        file = folder / f"{name}.png"
        shrink(file)
        taken.append(Picture("action", action, "", words["name"], file, None))
    for entry in await client.entries():
        await client.remove(str(entry["entry_id"]))
    return taken
