"""Points of days and money: today, yesterday, prices, contract."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import UnitOfEnergy, UnitOfTemperature, UnitOfVolume

from ....model import Detailed
from ..client.state import Group, ReaderState
from .description import (
    GAS_METER,
    SERVER,
    PointDescription,
    counts,
    is_known,
    with_reset,
)

_TODAY_ENERGY: Final = {
    "device_class": SensorDeviceClass.ENERGY,
    "state_class": SensorStateClass.TOTAL,
    "native_unit_of_measurement": UnitOfEnergy.KILO_WATT_HOUR,
}
_TODAY_GAS: Final = {
    "device_class": SensorDeviceClass.GAS,
    "state_class": SensorStateClass.TOTAL,
    "native_unit_of_measurement": UnitOfVolume.CUBIC_METERS,
}
_TODAY_MONEY: Final = {
    "device_class": SensorDeviceClass.MONETARY,
    "state_class": SensorStateClass.TOTAL,
    "native_unit_of_measurement": "EUR",
}


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    """Return a description without a state class, because yesterday was counted already."""
    return {key: value for key, value in facts.items() if key != "state_class"}


def _today(name: str) -> Callable[[ReaderState], float | None]:
    return lambda state: state.today_value(name)


def _price(name: str) -> Callable[[ReaderState], float | None]:
    return lambda state: state.today.values.get(name)


def _merged(first: str, second: str) -> Callable[[ReaderState], float | None]:
    def merged(state: ReaderState) -> float | None:
        one, two = state.today_value(first), state.today_value(second)
        return None if one is None or two is None else round(one + two, 3)

    return merged


def _has_today(state: ReaderState) -> bool:
    return state.counted_day is not None


def _has_prices(state: ReaderState) -> bool:
    values = state.today.values
    return any(
        values.get(name)
        for name in values
        if name.startswith("energy_supplier_price_") or name.endswith("_cost")
    )


def _today_descriptions() -> Iterator[PointDescription]:
    amounts: tuple[tuple[str, Callable[[ReaderState], float | None], bool], ...] = (
        ("import_1", _today("electricity1"), False),
        ("import_2", _today("electricity2"), False),
        ("import", _merged("electricity1", "electricity2"), True),
        ("export_1", _today("electricity1_returned"), False),
        ("export_2", _today("electricity2_returned"), False),
        ("export", _merged("electricity1_returned", "electricity2_returned"), True),
    )
    for name, value, on in amounts:
        yield PointDescription(
            key=f"today_{name}",
            group=Group.TODAY,
            value=with_reset(value),
            exists=_has_today,
            on=on,
            more=_TODAY_ENERGY,
        )
    yield PointDescription(
        key="today_gas",
        device=GAS_METER,
        group=Group.TODAY,
        value=with_reset(_today("gas")),
        exists=lambda state: _has_today(state) and state.gas is not None,
        more=_TODAY_GAS,
    )
    for name, field_name in (
        ("cost_1", "electricity1_cost"),
        ("cost_2", "electricity2_cost"),
        ("cost_gas", "gas_cost"),
        ("cost_fixed", "fixed_cost"),
        ("cost", "total_cost"),
    ):
        yield PointDescription(
            key=f"today_{name}",
            group=Group.TODAY,
            value=with_reset(_today(field_name)),
            exists=is_known(_price(field_name)),
            on=_has_prices if name == "cost" else False,
            more=_TODAY_MONEY,
        )


def _price_descriptions() -> Iterator[PointDescription]:
    for name, unit in (
        ("electricity_delivered_1", "EUR/kWh"),
        ("electricity_delivered_2", "EUR/kWh"),
        ("electricity_returned_1", "EUR/kWh"),
        ("electricity_returned_2", "EUR/kWh"),
        ("gas", "EUR/m³"),
        ("fixed_daily_cost", "EUR/d"),
    ):
        field_name = f"energy_supplier_price_{name}"

        value = _price(field_name)

        fixed = name == "fixed_daily_cost"
        yield PointDescription(
            key=f"price_{name.removeprefix('electricity_')}",
            group=Group.TODAY,
            value=value,
            exists=is_known(_price(field_name)),
            on=False if fixed else counts(value),
            more={
                "native_unit_of_measurement": unit,
                **({} if fixed else {"state_class": SensorStateClass.MEASUREMENT}),
            },
        )
    yield PointDescription(
        key="cost_per_hour",
        group=Group.COST,
        value=lambda state: state.live.cost,
        exists=lambda state: state.live.cost is not None,
        on=False,
        live=True,
        more={
            "native_unit_of_measurement": "EUR/h",
            "state_class": SensorStateClass.MEASUREMENT,
        },
    )
    yield PointDescription(
        key="contract",
        group=Group.STATIC,
        value=_contract,
        exists=lambda state: bool(state.contracts),
        on=False,
    )


def _contract(state: ReaderState) -> object:
    contract = state.contract
    if contract is None:
        return None
    # A state holds 255 characters, a description any number.
    return Detailed(
        contract.description[:255],
        {"start": contract.start.isoformat(), "end": contract.end.isoformat()},
    )


def _sum(*names: str) -> Callable[[ReaderState], float | None]:
    def total(state: ReaderState) -> float | None:
        values = state.day.values if state.day else {}
        found = [values[name] for name in names if name in values]
        return round(sum(found), 3) if found else None

    return total


def _yesterday_descriptions() -> Iterator[PointDescription]:
    rows: tuple[tuple[str, str, tuple[str, ...], dict[str, Any]], ...] = (
        ("import", SERVER, ("electricity1", "electricity2"), _TODAY_ENERGY),
        (
            "export",
            SERVER,
            ("electricity1_returned", "electricity2_returned"),
            _TODAY_ENERGY,
        ),
        ("gas", GAS_METER, ("gas",), _TODAY_GAS),
        ("cost", SERVER, ("total_cost",), _TODAY_MONEY),
        *(
            (
                f"temperature_{name}",
                SERVER,
                (f"{name}_temperature",),
                {
                    "device_class": SensorDeviceClass.TEMPERATURE,
                    "native_unit_of_measurement": UnitOfTemperature.CELSIUS,
                },
            )
            for name in ("lowest", "highest", "average")
        ),
    )
    for name, device, names, facts in rows:
        value = _sum(*names)

        def dated(
            state: ReaderState, value: Callable[[ReaderState], float | None] = value
        ) -> object:
            on = state.day.day.isoformat() if state.day else None
            return Detailed(value(state), {"day": on})

        yield PointDescription(
            key=f"last_day_{name}",
            device=device,
            group=Group.DAY,
            value=dated,
            exists=is_known(value),
            on=False,
            more=_plain(facts),
        )


DAY_DESCRIPTIONS: Final = (
    *_today_descriptions(),
    *_price_descriptions(),
    *_yesterday_descriptions(),
)
