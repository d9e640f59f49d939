"""The capabilities that are known; others are listed in diagnostics (§3.2)."""

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


def strangers(devices: Iterable[Device]) -> list[dict[str, Any]]:
    """Return what is not known: types, capabilities and fields, but no names or values."""
    found = {
        (
            device.type,
            device.state_type,
            tuple(sorted(device.capabilities - KNOWN)),
            tuple(
                (field, type(value).__name__)
                for field, value in sorted(device.state.items())
            ),
        )
        for device in devices
        if device.capabilities - KNOWN
    }
    return [
        {
            "type": kind,
            "state_type": state_type,
            "capabilities": list(unknown),
            "fields": dict(fields),
        }
        for kind, state_type, unknown, fields in sorted(found)
    ]
