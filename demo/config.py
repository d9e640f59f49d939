"""Configuration folder of the demo's Home Assistant."""

from collections.abc import Sequence
from datetime import UTC, datetime
import json
from pathlib import Path
import shutil
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent

_CONFIGURATION: Final = """\
# Written by scripts/demo at every start. Junction itself is set up in the user interface.
homeassistant:
  name: Junction House
  latitude: 52.09
  longitude: 5.12
  elevation: 5
  unit_system: metric
  currency: EUR
  country: NL
  language: en
  time_zone: Europe/Amsterdam
  internal_url: "{url}"
frontend:
api:
config:
automation: !include automations.yaml
sun:
recorder:
  commit_interval: 1
history:
logbook:
energy:
system_health:
logger:
  default: warning
  logs:
    custom_components.junction: info
    homeassistant.bootstrap: info
"""


def _http(port: int) -> dict[str, object]:
    """Return Home Assistant's stored settings of its web server.

    Settings in configuration.yaml are only adopted on trial: Home Assistant shows a question on
    every page, and reverts them after five minutes.
    """
    return {
        "version": 2,
        "minor_version": 2,
        "key": "http",
        "data": {
            "stable": {
                "server_port": port,
                "server_host": ["127.0.0.1"],
                "cors_allowed_origins": [],
                "login_attempts_threshold": -1,
                "ip_ban_enabled": True,
                "ssl_profile": "modern",
                "use_x_frame_options": True,
                "created_at": datetime.now(UTC).isoformat(),
                "error": None,
                "error_message": None,
            },
            "pending": None,
            "yaml_migration_done": True,
        },
    }


# Everything but the owner's account. Completing the step `core_config` would set up integrations
# that need the internet.
_ONBOARDING: Final[dict[str, object]] = {
    "version": 4,
    "minor_version": 1,
    "key": "onboarding",
    "data": {"done": ["core_config", "analytics", "integration"]},
}


def prepare(folder: Path, port: int, packages: Sequence[Path]) -> None:
    """Create the folder, or update an existing one.

    Everything that Home Assistant stored in it stays, except the port. ``packages`` are custom
    integrations to load besides Junction, which is installed but not set up.
    """
    storage = folder / ".storage"
    storage.mkdir(parents=True, exist_ok=True)
    extra = "".join(f"{package.name}:\n" for package in packages)
    (folder / "configuration.yaml").write_text(
        _CONFIGURATION.format(url=f"http://127.0.0.1:{port}") + extra
    )
    (storage / "http").write_text(json.dumps(_http(port)))
    onboarding = storage / "onboarding"
    if not onboarding.exists():
        onboarding.write_text(json.dumps(_ONBOARDING))
    (folder / "automations.yaml").touch()
    blueprints = folder / "blueprints"
    shutil.rmtree(blueprints, ignore_errors=True)
    shutil.copytree(ROOT / "blueprints", blueprints)
    components = folder / "custom_components"
    components.mkdir(exist_ok=True)
    for package in (ROOT / "custom_components" / "junction", *packages):
        place = components / package.name
        if place.is_symlink():
            place.unlink()
        place.symlink_to(package, target_is_directory=True)
