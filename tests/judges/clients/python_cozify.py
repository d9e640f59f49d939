"""Call every function of python-cozify, as its users do. Only addresses are patched."""

import inspect
import json
from pathlib import Path
import sys
from typing import Any

from cozify import cloud, cloud_api, config, hub, hub_api, multisensor

from .recorder import Recorder

MODULES = (cloud, cloud_api, hub, hub_api, multisensor)


def patch_addresses(cloud_url: str, hub_port: int) -> None:
    """Let the package ask our servers: its addresses are defaults of these functions."""
    for function in (cloud_api.get, cloud_api.post, cloud_api.put):
        function.__defaults__ = tuple(
            cloud_url if value == cloud_api.cloudBase else value
            for value in function.__defaults__
        )
    hub_api._getBase.__defaults__ = (hub_port,)


def names() -> list[str]:
    """Return the public functions of the package."""
    return sorted(
        f"{module.__name__}.{name}"
        for module in MODULES
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_") and function.__module__ == module.__name__
    )


class Judge:
    """Calls functions by their name."""

    def __init__(self) -> None:
        """Have called nothing."""
        self.recorder = Recorder()

    def __call__(self, name: str, *args: Any, **options: Any) -> Any:
        """Call ``module.function``; the part after a colon distinguishes calls."""
        module, _, function = name.partition(":")[0].rpartition(".")
        target = getattr(sys.modules[f"cozify.{module}"], function)
        return self.recorder.call(name, target, *args, **options)


def cloud_calls(call: Judge, email: str, code: str) -> None:
    """Call the cloud directly."""
    call("cloud_api.requestlogin", email)
    token = call("cloud_api.emaillogin", email, code)
    headers = {"Authorization": token}
    keys = call("cloud_api.hubkeys", token)
    call("cloud_api.lan_ip")
    call("cloud_api.refreshsession", token)
    call("cloud_api.get", "/user/hubkeys", headers=headers)
    call("cloud_api.post", "/user/requestlogin", params={"email": email})
    remote = {**headers, "X-Hub-Key": next(iter(keys.values()))}
    call(
        "cloud_api.put",
        "/hub/remote/cc/1.14/devices/command",
        headers=remote,
        data="[]",
    )
    call.recorder.call(
        "cloud_api.remote",
        lambda: cloud_api.remote("/cc/1.14/hub/tz", headers=remote).json(),
    )


def account_calls(call: Judge, email: str) -> None:
    """Log in, with the code that is typed; look after the tokens."""
    call("cloud.authenticate")
    call("cloud.email")
    call("cloud.email:set", email)
    call("cloud.token")
    call("cloud.ping")
    call("cloud.refresh", force=True)
    call("cloud.update_hubs")
    call("cloud.authenticate:hub", trustHub=False)


def hub_calls(call: Judge) -> None:
    """Call the package's functions for hubs."""
    hub_id = call("hub.default")
    call("hub.getDefaultHub")
    name = call("hub.name", hub_id)
    call("hub.hub_id", name)
    call("hub.getHubId", name)
    call("hub.host", hub_id)
    call("hub.exists", hub_id)
    call("hub.token", hub_id)
    call("hub.remote", hub_id)
    call("hub.autoremote", hub_id)
    call("hub.tz")
    call("hub.tz:remote", remote=True)
    call("hub.ping")
    call("hub.ping:renew", hub_token="bad.hub.key")


def read_calls(call: Judge, lamp: str) -> None:
    """Read devices and scenes."""
    devices = call("hub.devices")
    call("hub.getDevices")
    temperature, humidity = hub.capability.TEMPERATURE, hub.capability.HUMIDITY
    call("hub.devices:one", capabilities=temperature)
    call("hub.devices:or", capabilities=[temperature, humidity])
    call("hub.devices:and", capabilities=[temperature, humidity], and_filter=True)
    call("hub.devices:remote", remote=True)
    call("hub.device", lamp)
    call("hub.device_exists", lamp)
    call("hub.device_exists:not", "nothing")
    call("hub.device_eligible", lamp, hub.capability.COLOR_TEMP)
    call("hub.device_eligible:not", lamp, hub.capability.MOTION)
    call("hub.device_reachable", lamp)
    call("hub.has_state", lamp, {"type": "STATE_LIGHT", "reachable": True})
    call("hub.scenes")
    call("hub.scenes:filter", filters={"isOn": True})
    call("multisensor.getMultisensorData", devices)


def light_calls(call: Judge, lamp: str) -> None:
    """Control a light, and wait for the hub to report it."""
    before = dict(hub.device(lamp)["state"])

    def becomes(name: str, **state: Any) -> None:
        call(f"hub.await_state:{name}", lamp, state)

    call("hub.device_off", lamp)
    becomes("off", isOn=False)
    call("hub.device_on", lamp)
    becomes("on", isOn=True)
    call("hub.device_toggle", lamp)
    becomes("toggled", isOn=False)
    call("hub.device_on:again", lamp)
    becomes("on again", isOn=True)
    call("hub.light_brightness", lamp, 0.25)
    becomes("brightness", brightness=0.25)
    call("hub.light_color", lamp, 1.5, 0.5)
    becomes("color", colorMode="hs", hue=1.5, saturation=0.5, temperature=-1)
    call("hub.light_temperature", lamp, 4000)
    becomes("temperature", colorMode="ct", temperature=4000.0, hue=-1)
    call("hub.light_temperature:outside", lamp, 9000)
    call("hub.device_state_replace", lamp, before)
    becomes("replaced", brightness=before["brightness"], colorMode=before["colorMode"])


def scene_calls(call: Judge, scene: str) -> None:
    """Switch a scene."""
    call("hub.scene", scene)
    call("hub.scene_on", scene)
    call("hub.scene:on", scene)
    call("hub.scene_off", scene)
    call("hub.scene_toggle", scene)
    call("hub.scene:toggled", scene)


def raw_calls(call: Judge, lamp: str, scene: str) -> None:
    """Call the hub directly, by both ways."""
    hub_id = hub.default()
    ways: dict[str, dict[str, Any]] = {
        "": {"host": hub.host(hub_id), "remote": False},
        ":remote": {"remote": True},
    }
    for way, options in ways.items():
        options |= {"hub_token": hub.token(hub_id), "cloud_token": cloud.token()}
        state = {"type": "STATE_LIGHT", "isOn": True}
        generic = {"device_id": lamp, "request_type": "CMD_IDENTIFY"}
        switched = {"scene_id": scene, "request_type": "CMD_SCENE_ON"}
        call(f"hub_api.hub{way}", **options)
        call(f"hub_api.tz{way}", **options)
        call(f"hub_api.get{way}", "/rooms", **options)
        call(f"hub_api.put{way}", "/devices/command", [], **options)
        call(f"hub_api.devices{way}", **options)
        call(f"hub_api.devices_command{way}", [], **options)
        call(f"hub_api.devices_command_generic{way}", **generic, **options)
        call(
            f"hub_api.devices_command_state{way}",
            device_id=lamp,
            state=state,
            **options,
        )
        call(f"hub_api.devices_command_on{way}", lamp, **options)
        call(f"hub_api.devices_command_off{way}", lamp, **options)
        call(f"hub_api.scenes{way}", **options)
        call(f"hub_api.scenes_command_state{way}", **switched, **options)
        call(f"hub_api.scenes_command_on{way}", scene, **options)
        call(f"hub_api.scenes_command_off{way}", scene, **options)


def main(report: Path, arguments: dict[str, Any]) -> None:
    """Call all of it, in the order in which a program would."""
    patch_addresses(arguments["cloud_url"], arguments["hub_port"])
    call, lamp, scene = Judge(), arguments["lamp"], arguments["scene"]
    cloud_calls(call, arguments["email"], arguments["code"])
    account_calls(call, arguments["email"])
    hub_calls(call)
    read_calls(call, lamp)
    light_calls(call, lamp)
    scene_calls(call, scene)
    raw_calls(call, lamp, scene)
    call("cloud.resetState")
    call.recorder.write(
        report,
        names=names(),
        state={section: dict(config.state[section]) for section in config.state},
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
