"""Texts and icons of actions, and of the sections that their fields are in."""

from custom_components.junction.backends import BACKENDS, load

from .selectors import ACTIONS, WRITTEN
from .texts import icons, missing, texts


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
        # And no text of what is not there any more.
        named = {
            key.removeprefix(f"{path}.") for key in texts() if key.startswith(path)
        }
        assert {key.split(".")[1] for key in named if key.startswith("fields.")} == {
            *about["fields"]
        }
        assert {
            key.split(".")[1] for key in named if key.startswith("sections.")
        } == sections
