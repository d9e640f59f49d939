"""Sections of a form are open where something was entered."""

from homeassistant.data_entry_flow import section
import probatio as vol
import pytest

from custom_components.junction.backends.sections import unfold

SCHEMA = vol.Schema(
    {
        vol.Required("url"): str,
        vol.Required("proxy"): section(
            vol.Schema({vol.Optional("username"): str}), {"collapsed": True}
        ),
    }
)


@pytest.mark.parametrize(
    ("filled", "collapsed"),
    [
        (None, True),
        ({"url": "http://reader", "proxy": {}}, True),
        ({"url": "http://reader", "proxy": {"username": "me"}}, False),
    ],
)
def test_unfold(filled: dict[str, object] | None, collapsed: bool) -> None:
    found = unfold(SCHEMA, filled).schema
    assert found["url"] is str
    assert found["proxy"].options["collapsed"] is collapsed
    # What other forms show is as it was.
    assert SCHEMA.schema["proxy"].options["collapsed"] is True
