"""Sections of a form are open where something was entered."""

from homeassistant.data_entry_flow import section
import probatio as vol
import pytest

from custom_components.junction.backends.sections import expand_sections

SCHEMA = vol.Schema(
    {
        vol.Required("url"): str,
        vol.Required("proxy"): section(
            vol.Schema({vol.Optional("username"): str}), {"collapsed": True}
        ),
        vol.Required("queue"): section(
            vol.Schema({vol.Required("days", default=7): int}), {"collapsed": True}
        ),
    }
)


@pytest.mark.parametrize(
    ("filled", "wrong", "opened"),
    [
        (None, "", set()),
        ({"url": "http://reader", "proxy": {}}, "", set()),
        ({"url": "http://reader", "proxy": {"username": ""}}, "", set()),
        ({"url": "http://reader", "proxy": {"username": "me"}}, "", {"proxy"}),
        # The suggested values were not entered by the user.
        ({"url": "http://reader", "queue": {"days": 7}}, "", set()),
        ({"url": "http://reader", "queue": {"days": 8}}, "", {"queue"}),
        ({"url": "http://reader", "proxy": {}}, "proxy", {"proxy"}),
        (None, "proxy", {"proxy"}),
    ],
)
def test_unfold(filled: dict[str, object] | None, wrong: str, opened: set[str]) -> None:
    found = expand_sections(SCHEMA, filled, wrong).schema
    assert found["url"] is str
    assert {
        name for name in ("proxy", "queue") if not found[name].options["collapsed"]
    } == opened
    # The content of other forms is unchanged.
    assert SCHEMA.schema["proxy"].options["collapsed"] is True
