"""Our readings of DLMS pushes against amshan's: Aidon, Kaifa and Kamstrup."""

from typing import Any, Final

import pytest

from custom_components.junction.backends.dsmr.client.dlms.decoder import DlmsDecoder
from custom_components.junction.backends.dsmr.client.dlms.frames import FrameFinder
from custom_components.junction.backends.dsmr.client.dlms.models import Push
from tests.backends.dsmr.client.dlms.captures import wire

from .conftest import Judge

CAPTURES: Final = (
    "no_aidon_list3",
    "se_aidon_27",
    "no_kaifa_list1_list2",
    "se_kaifa_list3",
    "se_kaifa_obis36",
    "no_kamstrup_list2_list1",
    "se_kamstrup_hourly",
    "dk_kamstrup_ct_65",
)

KNOWN_ERRORS: Final = {
    # Swedish meters count Wh, not 10 Wh (toreamun/amshan-homeassistant#43)
    ("se_kamstrup_hourly:0", "energy"): 10,
    # It does not know the number of the meter in this list
    ("dk_kamstrup_ct_65:0", "error"): "KeyError '0.0.1'",
}
"""What amshan 2.1.1 gets wrong."""

_POWERS: Final = {
    f"{kind}_power_{way}{suffix}": f"{c + first}.{d}.0"
    for kind, group in (("active", 1), ("reactive", 3))
    for c, way in ((group, "import"), (group + 1, "export"))
    for first, d, suffix in (
        (0, 7, ""),
        (0, 8, "_total"),
        (20, 7, "_l1"),
        (40, 7, "_l2"),
        (60, 7, "_l3"),
    )
}
FIELDS: Final = {
    **_POWERS,
    **{f"current_l{n}": f"{20 * n + 11}.7.0" for n in (1, 2, 3)},
    **{f"voltage_l{n}": f"{20 * n + 12}.7.0" for n in (1, 2, 3)},
}


def frames_of(name: str) -> dict[str, tuple[bytes, Push]]:
    """Return the content of each frame of a capture, and Junction's reading of it."""
    parts = FrameFinder().feed(wire(name), 0.0)
    pushes = DlmsDecoder().feed(wire(name), 0.0)
    return {
        f"{name}:{number}": (part.data, push)
        for number, (part, push) in enumerate(zip(parts, pushes, strict=True))
        if isinstance(push, Push)
    }


async def test_readings(judge: Judge) -> None:
    ours = {key: one for name in CAPTURES for key, one in frames_of(name).items()}
    report = await judge(
        "amshan_lists", payloads={key: data.hex() for key, (data, _) in ours.items()}
    )
    compared = 0
    for key, (_, push) in ours.items():
        told: dict[str, Any] = report[key]
        assert told.get("error") == KNOWN_ERRORS.get((key, "error"))
        if "error" in told:
            continue
        mine = {
            one.obis.partition(":")[2]: one.value
            for one in push.list.readings
            if one.obis is not None
        }
        assert told.get("meter_id") == push.list.number
        for field, obis in FIELDS.items():
            if field not in told:
                assert obis not in mine, (key, field)
                continue
            factor = KNOWN_ERRORS.get((key, "energy"), 1) if "_total" in field else 1
            assert isinstance(factor, int)
            value = mine[obis]
            assert isinstance(value, int | float)
            assert value * factor == pytest.approx(told[field]), (key, field)
            compared += 1
    assert compared > 100
