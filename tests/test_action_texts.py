"""Texts and icons of actions, and of the sections that their fields are in."""

import re

from custom_components.junction.backends import BACKENDS, load

from .action_page import CARRIED_OUT, examples
from .selectors import ACTIONS, WRITTEN
from .texts import icons, missing, texts

SYSTEMS = ("Cozify", "DSMR-reader", "IOTile Cloud", "Mycodo", "OpenMotics")


def test_actions_have_texts_and_icons() -> None:
    declared = {"turn_on_for"}
    for name in BACKENDS:
        info = load(name)
        declared |= {action.name for action in info.actions}
    assert set(ACTIONS) == declared
    assert {
        key.split(".")[1] for key in texts() if key.startswith("services.")
    } == declared
    for action, about in ACTIONS.items():
        path = f"services.{action}"
        assert missing(f"{path}.name") == []
        assert missing(f"{path}.description") == []
        assert f"{path}.service" in icons()
        for field in about["fields"]:
            assert missing(f"{path}.fields.{field}.name") == []
            assert missing(f"{path}.fields.{field}.description") == []
        sections = {
            n for n, one in WRITTEN[action]["fields"].items() if "fields" in one
        }
        for section in sections:
            assert missing(f"{path}.sections.{section}.name") == []
        # There are no texts of removed actions.
        named = {
            key.removeprefix(f"{path}.") for key in texts() if key.startswith(path)
        }
        assert {key.split(".")[1] for key in named if key.startswith("fields.")} == {
            *about["fields"]
        }
        assert {
            key.split(".")[1] for key in named if key.startswith("sections.")
        } == sections


def words(text: str) -> set[str]:
    """Return the words that say something."""
    return set(re.findall(r"\w+", text.lower())) - {"the", "a", "an", "of"}


def test_no_description_says_what_the_name_says() -> None:
    """A description must not just repeat its label."""
    for key, text in texts().items():
        if key.startswith("services.") and key.endswith(".description"):
            name = texts()[f"{key.removesuffix('description')}name"]
            assert words(text) - words(name), key
            assert text.endswith("."), key


def test_actions_of_one_system_name_it() -> None:
    """A search for an action lists all of Junction's, so each must name its system."""
    for action in ACTIONS:
        titles = {
            load(name).title
            for name in BACKENDS
            if action in {offer.name for offer in load(name).actions}
        }
        said = texts()[f"services.{action}.description"]
        if len(titles) == 1:
            assert titles & {one for one in SYSTEMS if one in said}, action


def test_every_action_has_an_example_that_a_test_carries_out() -> None:
    """Those of ``call_api`` are on a page of their own."""
    carried_out = {action for actions in CARRIED_OUT.values() for action in actions}
    assert set(examples()) == carried_out == set(ACTIONS) - {"call_api"}
