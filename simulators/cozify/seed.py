"""A house with a device of every known kind (docs/protocols/cozify.md#types).

The first five devices are real, from a capture of 2018.
"""

from copy import deepcopy
from functools import cache
import json
from pathlib import Path
from typing import Any, Final

from simulators.clock import VirtualClock

from .state import Driver, HubState, Item

OWNER: Final = "owner+koti@example.com"
HUB_ID: Final = "b40a33b4-23b4-14e5-925a-78c90baba039"

LAMP_CT: Final = "d0bd9e1e-9857-4f57-ad53-bc9cbe667c35"
LAMP_GONE: Final = "a371469c-ae3e-11e5-ab7a-68c90bba878f"
LAMP_RGBW: Final = "4bec213d-8319-4d02-ac2d-6cf34d80ae73"
LAMP_TW: Final = "720b5285-06a3-4069-81e1-519d5b45048d"
TWILIGHT: Final = "cd9bd0da-f1d5-11e5-8834-68c90bba878f"
LIVING: Final = "87658ab7-bc4f-4d03-85a2-eb32ee1d4539"
STAIRS: Final = "be69e1df-b552-42cb-b9fb-eecf8c7087c7"


def uid(number: int) -> str:
    """Return the id of the device, group, or other object with this number."""
    return f"00000000-0000-4000-8000-{number:012}"


(
    LAMP_PLAIN,
    LAMP_DIM,
    PLUG,
    DIMMER,
    CLIMATE_SENSOR,
    MOTION,
    CONTACT,
    SMOKE,
    MOISTURE,
    CO,
    CO2,
    PHONE,
    REMOTE,
    DOORBELL,
    THERMOSTAT,
    HEAT_PUMP,
    VENTILATION,
    BLIND,
    SHUTTER,
    VALVE,
    FLOW,
    SIREN,
    SPEAKER,
    CAMERA,
    ODD_LAMP,
    STRANGE,
    CEILING_FAN,
    FROST,
    RULE,
    RULE_SCENE,
    SCENE_HOME,
    SCENE_AWAY,
    SCENE_MOVIE,
    GROUP,
    ALARM,
) = (uid(number) for number in range(1, 36))


DRIVERS: Final = {
    DIMMER: Driver(min_brightness=0.1),
    THERMOSTAT: Driver(high=40.0, step=0.5),
    HEAT_PUMP: Driver(low=16.0, high=31.0, step=1.0),
}
"""Devices that clamp and round, and do not report their limits."""


@cache
def _real() -> dict[str, Item]:
    file = Path(__file__).with_name("devices.json")
    found: dict[str, Item] = json.loads(file.read_text(encoding="utf-8"))
    return found


def device(
    key: str,
    kind: str,
    name: str,
    capabilities: str,
    state_type: str,
    manufacturer: str | None = None,
    model: str | None = None,
    room: object = None,
    **state: Any,
) -> Item:
    """Return a device in the JSON of the hub."""
    extra = state.pop("extra", {})
    seen = {} if state.pop("never_seen", False) else {"lastSeen": 1515949335273}
    return {
        "capabilities": {
            "type": "SET",
            "values": [*capabilities.split(), "DEVICE"],
        },
        "groups": [],
        "id": key,
        "manufacturer": manufacturer,
        "model": model,
        "name": name,
        "room": [LIVING] if room is None else room,
        "rwx": 509,
        "state": {**seen, "reachable": True, **state, "type": state_type},
        "timestamp": 0,
        "type": kind,
        "zones": [],
        **extra,
    }


def seeded_hub(clock: VirtualClock) -> HubState:
    """Return a hub with all devices."""
    hub = HubState(clock, HUB_ID)
    for item in [*deepcopy(_real()).values(), *_devices()]:
        hub.put("devices", item)
    for item in _others():
        hub.put(item.pop("kind"), item)
    hub.drivers |= DRIVERS
    return hub


def _light(key: str, name: str, capabilities: str, **state: Any) -> Item:
    return device(
        key,
        "LIGHT",
        name,
        f"ON_OFF CONTROL_LIGHT IDENTIFY {capabilities}",
        "STATE_LIGHT",
        "Philips",
        isOn=False,
        **state,
    )


def _devices() -> list[Item]:
    # Without a color mode, and with a room that is not a list: clients should tolerate both.
    odd = _light(
        ODD_LAMP, "Yölamppu", "COLOR_HS COLOR_TEMP BRIGHTNESS", room=STAIRS,
        brightness=0.5, hue=-1, saturation=-1, temperature=3003.003003003003,
        minTemperature=2000.0, maxTemperature=6535.9477124183,
    )  # fmt: skip
    return [
        _light(LAMP_PLAIN, "Sauna", "", model="Plug lamp"),
        _light(LAMP_DIM, "Keittiö", "BRIGHTNESS TRANSITION", brightness=1.0),
        odd,
        device(
            PLUG, "POWER_SOCKET", "Kahvinkeitin",
            "ON_OFF CONTROL_POWER MEASURE_POWER RSSI UPGRADE", "STATE_SOCKET",
            "Develco", "SPLZB-132", isOn=False, lastChange=1515949335273,
            activePower=0.0, totalPower=123.456, powerToday=0.75, rssi=-61,
        ),
        device(
            DIMMER, "POWER_SOCKET", "Himmennin", "ON_OFF CONTROL_POWER BRIGHTNESS",
            "STATE_SOCKET", "Nexa", isOn=True, brightness=0.4, never_seen=True,
        ),
        device(
            CLIMATE_SENSOR, "MULTI_SENSOR", "Makuuhuone",
            "TEMPERATURE HUMIDITY LUX PRESSURE VOC BATTERY_U BATTERY_C RSSI",
            "STATE_MULTI_SENSOR", "Aqara", "WSDCGQ11LM", temperature=21.3,
            humidity=41.5, lux=120, pressure=101325, vocPpm=3, batteryV=2.9,
            batteryLow=False, battery=87, rssi=-70,
        ),
        device(
            MOTION, "MOTION", "Eteinen", "MOTION TEMPERATURE LUX SELF_MOTION BATTERY_U",
            "STATE_MOTION", "IKEA of Sweden", motion=False, lastMotion=0,
            temperature=19.8, lux=15, selfMotion=False, batteryV=2.7,
            batteryLow=True,
        ),
        device(
            CONTACT, "CONTACT", "Ulko-ovi", "CONTACT", "STATE_CONTACT", "Nexa",
            open=False, lastChange=1515949335273, never_seen=True,
        ),
        device(
            SMOKE, "SMOKE_ALARM", "Palovaroitin", "SMOKE BATTERY_U",
            "STATE_SMOKE_ALARM", "Develco", alert=False, alertAt=0, alertStartAt=0,
            batteryV=3.0, batteryLow=False,
        ),
        device(
            MOISTURE, "MOISTURE", "Pesukone", "MOISTURE", "STATE_MOISTURE",
            moisture=False, moistureAt=None,
        ),
        device(
            CO, "CO", "Häkä", "CO", "STATE_CO_SENSOR", coDetected=False, coAt=0,
            coStartAt=0,
        ),
        device(CO2, "CO2_SENSOR", "Työhuone", "CO2", "STATE_CO2_SENSOR", co2Ppm=612),
        device(
            PHONE, "UI_DEVICE", "Puhelin", "USER_PRESENCE PUSH_NOTIFICATION",
            "STATE_UI_DEVICE", room=[], session=False, user=uid(900),
            extra={"awayThreshold": 1_800_000, "uuid": uid(901)},
        ),
        device(
            REMOTE, "REMOTE_CONTROL", "Kaukosäädin", "REMOTE_CONTROL IKEA_RC BATTERY_U",
            "STATE_RC", "IKEA of Sweden", "TRADFRI remote control", button=2,
            modifiers=[], batteryV=2.8, batteryLow=False,
            extra={
                "buttons": [
                    {"type": "RC_BUTTON", "id": 1, "label": "Päälle"},
                    {"type": "RC_BUTTON", "id": 2, "label": "Pois"},
                ]
            },
        ),
        device(
            DOORBELL, "DOORBELL", "Ovikello", "ALERT", "STATE_DOORBELL", "Nexa",
            alert=False,
        ),
        device(
            THERMOSTAT, "THERMOSTAT", "Lattialämmitys",
            "THERMOSTAT CONTROL_TEMPERATURE TEMPERATURE ON_OFF", "STATE_THERMOSTAT",
            "Heatit", isOn=True, temperature=22.4, targetTemp=23.0, heatingDemand=0.6,
        ),
        device(
            HEAT_PUMP, "THERMOSTAT", "Ilmalämpöpumppu",
            "HVAC CONTROL_MODE CONTROL_TEMPERATURE FAN_MODE CONTROL_PRESET TEMPERATURE",
            "STATE_HVAC", "Mitsubishi", mode=2, temperature=20.5,
            targetTemperature=21.0, fanMode=5, preset=0,
        ),
        device(
            VENTILATION, "VENTILATION", "Ilmanvaihto", "VU VU_FN_FIREPLACE",
            "STATE_VU", "Vallox", mode=2, freshTemperature=-4.0,
            supplyTemperature=16.5, extractTemperature=21.0, fn_fireplace=False,
        ),
        device(
            BLIND, "BLINDS", "Sälekaihdin", "BLINDS TILT", "STATE_BLINDS", "Somfy",
            position=0.25, tiltPct=50,
        ),
        device(
            SHUTTER, "SHUTTER", "Markiisi", "LIFT", "STATE_BLINDS", liftPct=100,
        ),
        device(VALVE, "VALVE", "Vesiventtiili", "VALVE", "STATE_VALVE", openPct=100),
        device(
            FLOW, "FLOW_SENSOR", "Vesimittari", "FLOW FLOW_VOLUME FLOW_TEMPERATURE",
            "STATE_FLOW", flow=120.5, volume=123456.0, flowTemp=7.5,
        ),
        device(
            SIREN, "ALARM_DEVICE", "Sireeni", "ON_OFF GENERATE_ALERT", "STATE_ALARM",
            "Develco", isOn=False, sirenOn=False,
        ),
        device(
            SPEAKER, "MEDIA_RENDERER", "Kaiutin",
            "ON_OFF VOLUME MUTE BASS TREBLE LOUDNESS PLAY PAUSE STOP",
            "STATE_MEDIA_RENDERER", "Sonos", "Play:1", isOn=True,
            avtData={"type": "MR_AVT_DATA", "state": "PLAYING", "playMode": "NORMAL"},
            rcData={
                "type": "MR_RC_DATA", "volume": 25, "mute": False, "bass": 0,
                "treble": 0, "loudness": True,
            },
        ),
        device(
            CAMERA, "CAMERA", "Piha", "ON_OFF LIVE_FEED RECORD_VIDEO ONVIF_API",
            "STATE_CAMERA", "Foscam", "FI9800P", isOn=True, media="profile_1",
            recording=False, viewerCount=0,
            extra={
                "cameraId": "cam", "ssid": "WifiOfTheHouse", "username": "camera-user",
                "wifiConnected": True, "credentialStatus": "OK",
            },
        ),
        device(STRANGE, "ROBOT", "Robotti", "VACUUM TELEPORT", "STATE_ROBOT", warp=9),
        device(
            CEILING_FAN, "FAN", "Tuuletin", "ON_OFF FAN_MODE", "STATE_FAN",
            isOn=True, fanMode=1,
        ),
        device(
            FROST, "MULTI_SENSOR", "Kellari", "LOW_TEMP HIGH_TEMP GENERATE_ALERT",
            "STATE_MULTI_SENSOR", lowTemp=False, highTemp=False, sirenOn=False,
        ),
    ]  # fmt: skip


def _others() -> list[Item]:
    def room(key: str, name: str, order: int) -> Item:
        return {
            "kind": "rooms", "id": key, "name": name, "order": order, "timestamp": 0,
            "type": "ROOM", "status": "OK",
        }  # fmt: skip

    def scene(key: str, name: str, icon: str | None, **more: Any) -> Item:
        return {
            "kind": "scenes", "type": "SCENE", "id": key, "name": name,
            "category": "FACTORY" if icon else "USER", "icon": icon,
            "isOn": icon == "HOME", "excludedIds": [], "presets": {},
            "sceneTimes": [], "timestamp": 0, **more,
        }  # fmt: skip

    def rule(key: str, name: str, **scenes: bool) -> Item:
        return {
            "kind": "rules", "type": "RULE", "id": key, "is_on": True,
            "config": {
                "type": "CONFIG", "id": key, "name": name, "configType": "motion_light",
                "inputs": {"motion": [MOTION]}, "outputs": {"lights": [LAMP_DIM]},
                "extras": {},
            },
            "scenes": scenes, "timers": [], "timestamp": 0,
        }  # fmt: skip

    dim = {"type": "STATE_LIGHT", "isOn": True, "brightness": 0.1}
    return [
        room(LIVING, "Olohuone", 1),
        room(STAIRS, "Portaikko", 2),
        scene(SCENE_HOME, "Kotona", "HOME"),
        scene(SCENE_AWAY, "Poissa", "AWAY"),
        scene(
            SCENE_MOVIE,
            "Elokuva",
            None,
            presets={
                "1": {
                    "type": "PRESET",
                    "id": "1",
                    "state": dim,
                    "targetIds": [LAMP_DIM, LAMP_RGBW],
                }
            },
            excludedIds=[LAMP_RGBW],
        ),
        rule(RULE, "Liikevalo"),
        rule(RULE_SCENE, "Murtovahti", **{SCENE_AWAY: True, SCENE_HOME: False}),
        {
            "kind": "groups",
            "type": "GROUP",
            "id": GROUP,
            "name": "Kaikki valot",
            "room": [LIVING],
            "members": [LAMP_PLAIN, LAMP_DIM],
            "group_address": 1,
            "minCapabilities": {
                "type": "SET",
                "values": ["ON_OFF", "CONTROL_LIGHT", "DEVICE"],
            },
            "maxCapabilities": {
                "type": "SET",
                "values": ["ON_OFF", "CONTROL_LIGHT", "BRIGHTNESS", "DEVICE"],
            },
            "state": {
                "type": "STATE_LIGHT",
                "isOn": False,
                "reachable": True,
                "lastSeen": 0,
            },
            "timestamp": 0,
        },
        {
            "kind": "alarms",
            "type": "USER_ALARM",
            "id": ALARM,
            "name": "LT Security Alarm",
            "title": "Murtohälytys",
            "level": "err",
            "message": "",
            "sourceId": CONTACT,
            "closed": True,
            "createdAtMs": 1573477740542,
            "timestamp": 0,
        },
    ]
