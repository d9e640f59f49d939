"""Permissions of actions, and errors in calls."""

from typing import Any

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import config_validation as cv, entity_registry as er
import probatio as vol
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.junction.backends import BACKENDS, load
from custom_components.junction.backends.base import Access, Action, WrongValueError
from custom_components.junction.const import CONF_BACKEND, DOMAIN
from custom_components.junction.schemas import check_fields, checked
from custom_components.junction.services import async_register_actions

from .fake_backend import House

RELAY = "switch.room_relay"
OWN = "switch.own"
FOREIGN = "switch.foreign"
TWIN = "switch.twin"
NOW = "2026-11-28T12:00:00+00:00"

READINGS = {
    f"electricity_{what}": 1
    for what in (
        "delivered_1",
        "delivered_2",
        "returned_1",
        "returned_2",
        "currently_delivered",
        "currently_returned",
    )
}
AMOUNTS = {
    "day": "2026-11-27",
    **{f"electricity{n}": 1 for n in (1, 2)},
    **{f"electricity{n}_returned": 1 for n in (1, 2)},
    **dict.fromkeys(("electricity1_cost", "electricity2_cost", "total_cost"), 1),
}
FIELDS: dict[tuple[str, str], dict[str, Any]] = {
    ("mycodo", "dispense"): {"entity": OWN, "volume": 1},
    ("mycodo", "set_duty_cycle"): {"entity": OWN, "duty_cycle": 50},
    ("mycodo", "set_value"): {"entity": OWN, "value": 1},
    ("mycodo", "send_measurement"): {"device": "a", "unit": "C", "value": 1},
    ("mycodo", "import_history"): {"entities": [OWN]},
    ("mycodo", "create_note"): {"name": "a", "note": "b", "tags": ["c"]},
    ("mycodo", "mycodo_daemon"): {"function": "refresh_daemon_misc_settings"},
    ("iotile", "accumulate"): {"sources": ["d--0001"], "start": NOW},
    ("iotile", "post_data"): {"stream": "s--1", "value": 1},
    ("iotile", "upload_event"): {"stream": "s--1"},
    ("iotile", "upload_report"): {"content": "AA=="},
    ("iotile", "create_note"): {"target": "d--1", "note": "b"},
    ("iotile", "get_stream_data"): {"stream": OWN},
    ("iotile", "get_stream_events"): {"stream": OWN},
    ("iotile", "get_notes"): {"target": "d--1"},
    ("iotile", "get_locations"): {"target": "d--1"},
    ("iotile", "import_history"): {"entities": [OWN]},
    ("iotile", "set_property"): {"target": "d--1", "name": "a", "value": 1},
    ("iotile", "set_location"): {"target": "d--1", "latitude": 1, "longitude": 1},
    ("cozify", "call_api"): {"path": "devices"},
    ("mycodo", "call_api"): {"path": "outputs"},
    ("openmotics", "get_thermostat_schedules"): {},
    ("openmotics", "call_api"): {"function": "get_version"},
    ("iotile", "call_api"): {"path": "device"},
    ("dsmr", "call_api"): {},
    ("dsmr_reader", "call_api"): {"path": "statistics/day"},
    ("dsmr_reader", "import_history"): {},
    ("dsmr_reader", "dsmr_reader_send_reading"): READINGS,
    ("dsmr_reader", "dsmr_reader_create_day_statistics"): AMOUNTS,
    ("dsmr_reader", "dsmr_reader_get_statistics"): {"start": "2026-11-27"},
    ("dsmr_reader", "dsmr_reader_get_readings"): {"start": "2026-11-27 00:00:00"},
}
ALL = [(name, action) for name in BACKENDS for action in load(name).actions]


def ids(value: object) -> str | None:
    return value.name if isinstance(value, Action) else None


@pytest.fixture
def entries(hass: HomeAssistant, entity_registry: er.EntityRegistry) -> dict[str, str]:
    """Entries of all backends that are not loaded, with an entity each."""
    found = {}
    for name in BACKENDS:
        entry = MockConfigEntry(domain=DOMAIN, data={CONF_BACKEND: name}, title=name)
        entry.add_to_hass(hass)
        async_register_actions(hass, load(name))
        found[name] = entry.entry_id
    return found


@pytest.fixture
def reader(hass: HomeAssistant) -> User:
    """Return a user who may see everything, and do nothing."""
    user: User = MockUser(is_owner=False).add_to_hass(hass)
    user.mock_policy({"entities": {"all": {"read": True}}})  # type: ignore[attr-defined]
    return user


def own(hass: HomeAssistant, entry_id: str) -> None:
    """Give an entry the entity that the calls name."""
    entry = hass.config_entries.async_get_entry(entry_id)
    er.async_get(hass).async_get_or_create(
        "switch",
        DOMAIN,
        f"{entry_id}/own",
        suggested_object_id="own",
        config_entry=entry,
    )


async def call(
    hass: HomeAssistant, action: str, user: User | str | None, /, **fields: Any
) -> Any:
    user_id = user.id if isinstance(user, User) else user
    return await hass.services.async_call(
        DOMAIN,
        action,
        fields,
        blocking=True,
        return_response=True,
        context=Context(user_id=user_id),
    )


@pytest.mark.parametrize(("backend", "action"), ALL, ids=ids)
async def test_every_action_checks_its_caller(
    hass: HomeAssistant,
    entries: dict[str, str],
    reader: User,
    hass_admin_user: User,
    backend: str,
    action: Action,
) -> None:
    entry = entries[backend]
    own(hass, entry)
    fields = {"entry": entry, **FIELDS[backend, action.name]}
    for allowed in (hass_admin_user, None):
        with pytest.raises(ServiceValidationError) as caught:
            await call(hass, action.name, allowed, **fields)
        # It went past the check.
        assert caught.value.translation_key == "entry_not_loaded"
    expected = ServiceValidationError if action.access is Access.READ else Unauthorized
    with pytest.raises(expected):
        await call(hass, action.name, reader, **fields)
    nobody: User = MockUser(is_owner=False).add_to_hass(hass)
    nobody.mock_policy({})  # type: ignore[attr-defined]
    with pytest.raises(Unauthorized):
        await call(hass, action.name, nobody, **fields)
    with pytest.raises(UnknownUser):
        await call(hass, action.name, "nobody", **fields)


async def test_an_entity_that_one_may_control(
    hass: HomeAssistant, entries: dict[str, str]
) -> None:
    own(hass, entries["mycodo"])
    user: User = MockUser(is_owner=False).add_to_hass(hass)
    user.mock_policy({"entities": {"entity_ids": {OWN: True}}})  # type: ignore[attr-defined]
    with pytest.raises(ServiceValidationError):
        await call(
            hass, "set_value", user, entry=entries["mycodo"], entity=OWN, value=1
        )
    with pytest.raises(Unauthorized):
        await call(
            hass, "import_history", user, entry=entries["mycodo"], entities=[OWN]
        )


@pytest.mark.parametrize(("backend", "action"), ALL, ids=ids)
async def test_the_entity_tells_the_installation(
    hass: HomeAssistant, entries: dict[str, str], backend: str, action: Action
) -> None:
    """An entity determines the installation; giving both is still accepted."""
    entry = entries[backend]
    own(hass, entry)
    fields = FIELDS[backend, action.name]
    given = [fields.get(name) for name in action.entities]
    named = OWN in given or [OWN] in given
    for more, key in (
        ({"entry": entry}, "entry_not_loaded"),
        ({}, "entry_not_loaded" if named else "field_missing"),
    ):
        with pytest.raises(ServiceValidationError) as caught:
            await call(hass, action.name, None, **fields, **more)
        assert caught.value.translation_key == key
        if key == "field_missing":
            assert caught.value.translation_placeholders == {"field": "entry"}


@pytest.mark.parametrize(
    ("action", "fields", "key", "field"),
    [
        # The message names the missing field that the user sees: entity or installation.
        ("set_value", {"value": 1}, "field_missing", "entity"),
        ("get_stream_data", {}, "field_missing", "stream"),
        ("get_stream_data", {"stream": "s--1"}, "field_missing", "entry"),
        # An unknown one, one of another integration, and two entries.
        ("set_value", {"entity": "switch.no", "value": 1}, "foreign_entity", "entity"),
        ("set_value", {"entity": FOREIGN, "value": 1}, "foreign_entity", "entity"),
        ("import_history", {"entities": [OWN, TWIN]}, "foreign_entity", "entities"),
        (
            "import_history",
            {"entities": f"{OWN}, {TWIN}"},
            "foreign_entity",
            "entities",
        ),
        # Of an installation that cannot do it.
        ("set_value", {"entity": TWIN, "value": 1}, "wrong_entry", None),
        # As people may write it.
        ("import_history", {"entities": f"{OWN.upper()} "}, "entry_not_loaded", None),
    ],
)
async def test_entities_that_tell_no_installation(
    hass: HomeAssistant,
    entries: dict[str, str],
    entity_registry: er.EntityRegistry,
    action: str,
    fields: dict[str, Any],
    key: str,
    field: str | None,
) -> None:
    own(hass, entries["mycodo"])
    entity_registry.async_get_or_create(
        "switch",
        DOMAIN,
        "twin",
        suggested_object_id="twin",
        config_entry=hass.config_entries.async_get_entry(entries["iotile"]),
    )
    entity_registry.async_get_or_create(
        "switch", "demo", "foreign", suggested_object_id="foreign"
    )
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, action, None, **fields)
    assert caught.value.translation_key == key
    assert (caught.value.translation_placeholders or {}).get("field") == field


async def test_turn_on_for_checks_its_caller(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, reader: User
) -> None:
    with pytest.raises(Unauthorized):
        await call(hass, "turn_on_for", reader, entity_id=RELAY, duration=5)
    assert not house.told


def test_an_action_that_says_nothing_is_for_administrators() -> None:
    async def handler(backend: Any, fields: Any) -> None:
        return

    assert Action(name="new", schema={}, handler=handler).access is Access.ADMIN


# Errors in a call.


@pytest.mark.parametrize(
    ("backend", "action", "changed", "key", "field"),
    [
        ("mycodo", "create_note", {"tags": None}, "field_missing", "tags"),
        ("mycodo", "set_value", {"value": float("nan")}, "field_invalid", "value"),
        ("mycodo", "set_value", {"value": "inf"}, "field_invalid", "value"),
        ("mycodo", "set_value", {"nonsense": 1}, "field_unknown", "nonsense"),
        ("mycodo", "set_value", {"entity": FOREIGN}, "foreign_entity", "entity"),
        (
            "mycodo",
            "send_measurement",
            {"timestamp": "0001-01-01 00:00:00"},
            "field_invalid",
            "timestamp",
        ),
        ("mycodo", "send_measurement", {"channel": 2**64}, "field_invalid", "channel"),
        ("iotile", "post_data", {"value": "nan"}, "field_invalid", "value"),
        ("iotile", "post_data", {"value": None}, "fields_one_of", None),
        ("iotile", "post_data", {"int_value": 1}, "fields_one_of", None),
        (
            "iotile",
            "post_data",
            {"value": None, "int_value": 2**63},
            "field_invalid",
            "int_value",
        ),
        ("iotile", "post_data", {"int_value": "1e999"}, "field_invalid", "int_value"),
        (
            "iotile",
            "accumulate",
            {"start": "9999-12-31T23:59:59-23:59"},
            "field_invalid",
            "start",
        ),
        (
            "iotile",
            "upload_event",
            {"extra_data": {"a": [float("inf")]}},
            "field_invalid",
            "extra_data",
        ),
        ("iotile", "set_location", {"latitude": "nan"}, "field_invalid", "latitude"),
        ("iotile", "get_stream_data", {"stream": FOREIGN}, "foreign_entity", "stream"),
        (
            "dsmr_reader",
            "dsmr_reader_get_statistics",
            {"start": "9999-12-31"},
            "field_invalid",
            "start",
        ),
        ("dsmr_reader", "import_history", {"entry": None}, "field_missing", "entry"),
    ],
)
async def test_what_is_wrong_is_said(
    hass: HomeAssistant,
    entries: dict[str, str],
    backend: str,
    action: str,
    changed: dict[str, Any],
    key: str,
    field: str | None,
) -> None:
    own(hass, entries[backend])
    fields = {"entry": entries[backend], **FIELDS[backend, action], **changed}
    given = {name: value for name, value in fields.items() if value is not None}
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, action, None, **given)
    assert caught.value.translation_domain == DOMAIN
    assert caught.value.translation_key == key
    assert (caught.value.translation_placeholders or {}).get("field") == field
    # Its text in the language of the caller is there, with all that it needs.
    assert "{" not in str(caught.value)


async def test_a_wrong_value_is_shown_in_no_language(hass: HomeAssistant) -> None:
    """Messages are translated, so their placeholders must not be English."""
    validate = checked(
        vol.Schema(
            {
                "low": vol.Range(min=1),
                "high": vol.All(vol.Coerce(float), vol.Range(max=5)),
                "more": vol.Range(min=0, min_included=False),
                "less": vol.Range(max=9, max_included=False),
                "one": vol.In(["a", "b"]),
                "many": [vol.All(int, vol.Range(min=3))],
                "number": vol.Coerce(int),
                "time": cv.datetime,
                "own": _nothing_odd,
            }
        )
    )
    for field, value, detail in (
        ("low", 0, "0 (≥ 1)"),
        ("high", "7", "7 (≤ 5)"),
        ("more", 0, "0 (> 0)"),
        ("less", 9, "9 (< 9)"),
        ("one", "c", "c (a | b)"),
        ("many", [3, 2], "2 (≥ 3)"),
        ("number", "x", "x"),
        ("number", "9" * 5000, "9" * 60),
        ("time", "yesterday", "yesterday"),
        ("own", "a//b", "a//b (//)"),
    ):
        with pytest.raises(ServiceValidationError) as caught:
            validate({field: value})
        assert caught.value.translation_placeholders == {
            "field": field,
            "detail": detail,
        }


def _nothing_odd(value: str) -> str:
    raise WrongValueError("//")


@pytest.mark.parametrize(
    "duration", [1e300, {"days": 1e12}, {"days": 400}, "nan", float("inf"), None, -1]
)
async def test_a_time_that_never_ends(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, duration: Any
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "turn_on_for", None, entity_id=RELAY, duration=duration)
    assert caught.value.translation_key == "field_invalid"
    assert (caught.value.translation_placeholders or {})["field"] == "duration"
    assert not house.told


def test_one_of_a_group() -> None:
    async def handler(backend: Any, fields: Any) -> None:
        return

    action = Action(name="new", schema={}, handler=handler, one_of=(("a", "b"),))
    check_fields(action, {"a": 1})
    for fields in ({}, {"a": 1, "b": 2}):
        with pytest.raises(ServiceValidationError):
            check_fields(action, fields)
