"""Fields of request bodies in API v2, with the product's error messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
import re
from typing import Any, Final
from zoneinfo import ZoneInfo

_REQUIRED = {"en": "This field is required.", "nl": "Dit veld is vereist."}
_DATETIME = (
    "Datetime has wrong format. Use one of these formats instead:"
    " YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
)
_DATE = "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."
_SHORT_OFFSET = re.compile(r"([+-]\d\d)$")


class WrongError(ValueError):
    """A value is invalid; the text is the error message."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column. ``kind``: decimal, integer, datetime, date or text."""

    kind: str = "decimal"
    required: bool = False
    digits: int = 9
    places: int = 3
    low: int = 0
    high: int = 999
    default: Any = None

    def parse(self, value: Any, zone: ZoneInfo) -> Any:  # noqa: ANN401 - JSON in, a column out
        """Return the stored form of a value. Raises WrongError."""
        if value is None or value == "":
            return None
        match self.kind:
            case "decimal":
                return self._decimal(value)
            case "integer":
                return self._integer(value)
            case "datetime":
                return _moment(str(value), zone)
            case "date":
                try:
                    return date.fromisoformat(str(value))
                except ValueError:
                    raise WrongError(_DATE) from None
            case _:
                if len(str(value)) > self.digits:
                    msg = (
                        f"Ensure this field has no more than {self.digits} characters."
                    )
                    raise WrongError(msg)
                return str(value)

    def _decimal(self, value: Any) -> Decimal:  # noqa: ANN401 - JSON
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            raise WrongError("A valid number is required.") from None
        _, digits, exponent = number.as_tuple()
        if not isinstance(exponent, int):
            raise WrongError("A valid number is required.")
        places = max(0, -exponent)
        whole = max(0, len(digits) - places) if exponent < 0 else len(digits) + exponent
        if places > self.places:
            msg = f"Ensure that there are no more than {self.places} decimal places."
            raise WrongError(msg)
        if whole > self.digits - self.places:
            msg = (
                f"Ensure that there are no more than {self.digits - self.places} digits"
                " before the decimal point."
            )
            raise WrongError(msg)
        return number

    def _integer(self, value: Any) -> int:  # noqa: ANN401 - JSON
        try:
            number = int(str(value))
        except ValueError:
            raise WrongError("A valid integer is required.") from None
        if number > self.high:
            msg = f"Ensure this value is less than or equal to {self.high}."
            raise WrongError(msg)
        if number < self.low:
            msg = f"Ensure this value is greater than or equal to {self.low}."
            raise WrongError(msg)
        return number

    def show(self, value: Any, zone: ZoneInfo | None) -> Any:  # noqa: ANN401 - a column in, JSON out
        """Return a stored value as the API prints it."""
        if value is None:
            return None
        if self.kind == "decimal":
            return f"{value:.{self.places}f}"
        if self.kind == "datetime":
            return show_moment(value, zone)
        return value.isoformat() if self.kind == "date" else value


def show_moment(moment: datetime, zone: ZoneInfo | None) -> str:
    """Return a time with the server's offset, or as UTC with Z (old versions)."""
    if zone is None:
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return moment.astimezone(zone).isoformat()


def _moment(text: str, zone: ZoneInfo) -> datetime:
    text = _SHORT_OFFSET.sub(r"\1:00", text) if "T" in text else text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise WrongError(_DATETIME) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def exists(naive: datetime, zone: ZoneInfo) -> bool:
    """Return whether a local time is valid and unambiguous."""
    moments = {naive.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)}
    return len(moments) == 1


def filter_moment(text: str, zone: ZoneInfo, *, only_naive: bool) -> datetime:
    """Return the moment of a filter. Raises WrongError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise WrongError("Enter a valid date/time.") from None
    if only_naive and (moment.tzinfo is not None or "T" in text):
        raise WrongError("Enter a valid date/time.")
    if moment.tzinfo is None:
        if not exists(moment, zone):
            msg = (
                f"{moment:%Y-%m-%d %H:%M:%S} couldn’t be interpreted in time zone"
                f" {zone.key}; it may be ambiguous or it may not exist."
            )
            raise WrongError(msg)
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def validate(
    body: Mapping[str, Any],
    fields: Mapping[str, Field],
    zone: ZoneInfo,
    language: str,
    *,
    partial: bool = False,
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return the values of a body, and the errors by field."""
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, field in fields.items():
        if name not in body or (body[name] == "" and field.required):
            if field.required and not partial:
                errors[name] = [_REQUIRED[language]]
            elif not partial:
                values[name] = field.default
            continue
        try:
            values[name] = field.parse(body[name], zone)
        except WrongError as err:
            errors[name] = [str(err)]
    return values, errors


_PHASES = (1, 2, 3)
_MOMENT = Field("datetime")
READING: Final[Mapping[str, Field]] = {
    "timestamp": Field("datetime", required=True),
    "electricity_delivered_1": Field(required=True),
    "electricity_returned_1": Field(required=True),
    "electricity_delivered_2": Field(required=True),
    "electricity_returned_2": Field(required=True),
    "electricity_currently_delivered": Field(required=True),
    "electricity_currently_returned": Field(required=True),
    **{f"phase_currently_delivered_l{n}": Field() for n in _PHASES},
    "extra_device_timestamp": _MOMENT,
    "extra_device_delivered": Field(),
    **{f"phase_currently_returned_l{n}": Field() for n in _PHASES},
    **{f"phase_voltage_l{n}": Field(digits=4, places=1) for n in _PHASES},
    **{f"phase_power_current_l{n}": Field("integer") for n in _PHASES},
}
_OLD = (
    "electricity",
    "extra_device",
    "phase_currently_delivered",
    "timestamp",
)
OLD_READING: Final[Mapping[str, Field]] = {
    name: field for name, field in READING.items() if name.startswith(_OLD)
}
"""Before 2.5."""

METER: Final[Mapping[str, Field]] = {
    "timestamp": _MOMENT,
    "dsmr_version": Field("text", digits=2),
    "electricity_tariff": Field("integer"),
    "power_failure_count": Field("integer", high=99999),
    "long_power_failure_count": Field("integer", high=99999),
    **{f"voltage_sag_count_l{n}": Field("integer", high=99999) for n in _PHASES},
    **{f"voltage_swell_count_l{n}": Field("integer", high=99999) for n in _PHASES},
    "rejected_telegrams": Field("integer", high=10**9),
    "latest_telegram": Field("text", digits=10**6),
}

_CONSUMED = ("delivered_1", "returned_1", "delivered_2", "returned_2")
ELECTRICITY: Final[Mapping[str, Field]] = {
    "read_at": _MOMENT,
    **{name: Field() for name in _CONSUMED},
    "currently_delivered": Field(),
    "currently_returned": Field(),
    **{name: field for name, field in READING.items() if name.startswith("phase_")},
}
GAS: Final[Mapping[str, Field]] = {
    "read_at": _MOMENT,
    "delivered": Field(),
    "currently_delivered": Field(),
}
PEAK: Final[Mapping[str, Field]] = {
    "read_at_start": _MOMENT,
    "read_at_end": _MOMENT,
    "average_delivered": Field(),
}
HOUR: Final[Mapping[str, Field]] = {
    "hour_start": _MOMENT,
    "electricity1": Field(),
    "electricity2": Field(),
    "electricity1_returned": Field(),
    "electricity2_returned": Field(),
    "gas": Field(),
}
_EUROS = Field(places=2)
DAY: Final[Mapping[str, Field]] = {
    "day": Field("date", required=True),
    "electricity1": Field(required=True),
    "electricity2": Field(required=True),
    "electricity1_returned": Field(required=True),
    "electricity2_returned": Field(required=True),
    "electricity1_cost": Field(places=2, required=True),
    "electricity2_cost": Field(places=2, required=True),
    "gas": Field(),
    "gas_cost": _EUROS,
    "lowest_temperature": Field(places=1),
    "highest_temperature": Field(places=1),
    "average_temperature": Field(places=1),
    "fixed_cost": Field(places=2, default=Decimal(0)),
    "total_cost": Field(places=2, required=True),
    "electricity_reading_timestamp": _MOMENT,
    "electricity1_reading": Field(),
    "electricity2_reading": Field(),
    "electricity1_returned_reading": Field(),
    "electricity2_returned_reading": Field(),
    "gas_reading_timestamp": _MOMENT,
    "gas_reading": Field(),
}
OLD_DAY: Final[Mapping[str, Field]] = {
    name: field
    for name, field in DAY.items()
    if "reading" not in name and name != "fixed_cost"
}
"""Before 4.3 and 4.13."""

PRICE: Final[Mapping[str, Field]] = {
    "start": Field("date"),
    "end": Field("date"),
    "description": Field("text", digits=10**6),
    "electricity_delivered_1_price": Field(places=6),
    "electricity_delivered_2_price": Field(places=6),
    "gas_price": Field(places=6),
    "electricity_returned_1_price": Field(places=6),
    "electricity_returned_2_price": Field(places=6),
    "fixed_daily_cost": Field(places=6),
}
