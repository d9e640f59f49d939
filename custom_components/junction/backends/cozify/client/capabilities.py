"""Known capabilities and fields; diagnostics list all others.

See docs/protocols/cozify.md#capabilities.
"""

from collections.abc import Iterable
from typing import Any, Final

from .models import Device

KNOWN: Final = frozenset(
    """
    ACTIVE_POWER AIRCON ALERT BASS BATTERY_C BATTERY_U BLINDS BRIGHTNESS CO CO2
    COLOR_HS COLOR_LOOP COLOR_TEMP CONFIGURABLE CONTACT CONTROL_LIGHT CONTROL_MODE
    CONTROL_POWER CONTROL_PRESET CONTROL_TEMPERATURE DEVICE DIMMER_CONTROL FAN_MODE FLOW
    FLOW_TEMPERATURE FLOW_VOLUME FOSCAM_API GENERATE_ALERT HIGH_TEMP HUE_SWITCH HUMIDITY
    HVAC IDENTIFY IKEA_RC LIFT LIVE_FEED LOUDNESS LOW_TEMP LUX MEASURE_POWER MOISTURE
    MOTION MUTE NEXT ONVIF_API ON_OFF PAUSE PLAY POWER_METER PRESSURE PREVIOUS
    PUSH_NOTIFICATION RECORD_AUDIO RECORD_VIDEO REMOTE_CONTROL RSSI SEEK SELF_MOTION
    SHUTTER SIGNAL SMOKE STOP TEMPERATURE THERMOSTAT TILT TRANSITION TREBLE TWILIGHT
    UPGRADE USER_PRESENCE VALVE VOC VOLUME VU VU_FN_FIREPLACE
    """.split()
)
_PLAYERS: Final = frozenset("NEXT PAUSE PLAY PREVIOUS SEEK STOP".split())
"""Known for media players; their effect on other devices (stop a cover?) is unknown."""
FIELDS: Final = frozenset(
    """
    activePower alert alertAt alertStartAt avtData battery batteryLow batteryV
    brightness button co2Ppm coAt coDetected colorMode coStartAt extractTemperature
    fanMode flow flowTemp fn_fireplace freshTemperature heatingDemand highTemp hue
    humidity isOn lastChange lastMotion lastSeen liftPct lowTemp lux maxTargetTemp
    maxTargetTemperature maxTemperature media minTargetTemp minTargetTemperature
    minTemperature mode modifiers moisture moistureAt motion open openPct position
    power powerToday preset pressure rcData reachable recording rssi saturation
    selfMotion session sirenOn supplyTemperature targetTemp targetTemperature
    temperature tiltPct totalPower transitionMsec twilight twilightStart
    twilightStop type upgradeStatus usePir user viewerCount vocPpm volume
    """.split()
)
"""Fields of a state that are documented or read."""


def unknown_features(devices: Iterable[Device]) -> list[dict[str, Any]]:
    """Return unknown types, capabilities, and fields, without names or values.

    A device with an unknown capability is listed with all its fields, others with their
    unknown fields only.
    """
    found = set()
    for device in devices:
        unknown = device.capabilities - KNOWN
        if device.type != "MEDIA_RENDERER":
            unknown |= device.capabilities & _PLAYERS
        fields = tuple(
            (field, type(value).__name__)
            for field, value in sorted(device.state.items())
            if unknown or field not in FIELDS
        )
        if unknown or fields:
            found.add((device.type, device.state_type, tuple(sorted(unknown)), fields))
    return [
        {
            "type": kind,
            "state_type": state_type,
            "capabilities": list(unknown),
            "fields": dict(fields),
        }
        for kind, state_type, unknown, fields in sorted(found)
    ]
