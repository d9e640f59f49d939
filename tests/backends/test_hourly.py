"""Values by the hour."""

from datetime import UTC, datetime, timedelta, timezone

from custom_components.junction.backends.hourly import by_hour, measured

BEGIN = datetime(2026, 11, 20, 13, tzinfo=UTC)
KOLKATA = timezone(timedelta(hours=5, minutes=30))


def test_hours_are_summed_up() -> None:
    later = BEGIN + timedelta(hours=1)
    values = [
        (BEGIN, 10.0),
        # The hours are those of UTC, wherever a value comes from.
        ((BEGIN + timedelta(minutes=59)).astimezone(KOLKATA), 30.0),
        (later, 50.0),
    ]
    assert [*by_hour(values)] == [(BEGIN, [10.0, 30.0]), (later, [50.0])]
    assert [*measured(values)] == [(BEGIN, 20.0, 10.0, 30.0), (later, 50.0, 50.0, 50.0)]
    assert [*measured([])] == []
