"""Systems of the simulated house that take commands, for ``bench.commands``."""

from contextlib import AsyncExitStack
import time
from typing import Final

from yarl import URL

from custom_components.junction.backends.cozify import (
    adapter as cozify_adapter,
    flow as cozify_flow,
)
from simulators.certificates import make_certificate
from simulators.clock import VirtualClock
from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld
from simulators.mycodo.certificate import make_v1_certificate
from simulators.mycodo.plan import greenhouse
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import uid
from simulators.openmotics.plan import ADMIN, house
from simulators.openmotics.server import GatewayServer

from .command_kinds import (
    Kind,
    Put,
    System,
    climate,
    fan,
    light,
    moving,
    number,
    select,
    switched,
)


async def openmotics(stack: AsyncExitStack) -> System:
    """Run a gateway in the local network, which pushes changes."""
    certificate = make_certificate("bench")
    state = house(time.time)
    state.shutters[10] |= {"timer_up": 5, "timer_down": 5}
    gateway = await stack.enter_async_context(GatewayServer(state, certificate))
    engine = gateway.engine

    def dim(number: int) -> Put:
        return lambda percent: engine.put_output(number, True, percent)

    def stand(percent: int) -> None:
        run = state.runs[10]
        run.state, run.position = "stopped", round((100 - percent) / 5)
        run.desired = run.position
        engine.tell_shutter(10)

    return System(
        name="OpenMotics",
        unique_id="openmotics:001122aabbcc",
        data={
            "backend": "openmotics",
            "transport": "local",
            "url": gateway.url,
            "username": ADMIN.name,
            "password": ADMIN.password,
            "pin": certificate.sha256,
        },
        server=gateway.server,
        paths=("/set_*", "/do_*"),
        method="*",
        accepted={"success": True, "status": "OK"},
        refused=(200, {"success": False, "msg": "Object not found"}),
        kinds=(
            light(
                point="output_8/output_8",
                start=50,
                put=dim(8),
                cases={
                    "": (51, None),
                    "clamped": (250, 80),
                    "rounded": (70, None),
                    "already so": (128, None),
                    "moved elsewhere": (51, 80),
                },
            ),
            number(
                point="output_10/output_10_level",
                start=50,
                put=dim(10),
                cases={
                    "": (70, None),
                    "clamped": (100, 80),
                    "rounded": (33.4, None),
                    "already so": (50, None),
                    "moved elsewhere": (70, 20),
                },
            ),
            switched(
                "switch",
                point="output_1/output_1",
                put=lambda on: engine.put_output(1, on),
            ),
            fan(
                point="ventilation_1/ventilation_1",
                start=2,
                put=lambda level: engine.ventilate(1, level),
                cases={
                    "": (75, None),
                    "clamped": (100, 3),
                    "rounded": (60, None),
                    "already so": (50, None),
                    "moved elsewhere": (75, 1),
                },
            ),
            climate(
                point="thermostat_0/thermostat_0",
                start=20.0,
                put=lambda target: engine.set_setpoint(0, target),
                cases={
                    "": (22, None),
                    "clamped": (30, 25.0),
                    "rounded": (21.3, None),
                    "already so": (20, None),
                    "moved elsewhere": (22, 18.0),
                },
            ),
            moving("cover", point="shutter_10/shutter_10", put=stand),
            select(
                "heating",
                "cooling",
                point="thermostat_group_0/thermostat_group_0_mode",
                put=lambda mode: engine.set_group(0, mode, None),
            ),
        ),
    )


async def cozify(stack: AsyncExitStack) -> System:
    """Run a hub in the local network, with long polling."""
    world = await stack.enter_async_context(CozifyWorld(VirtualClock(time.time())))
    for module in (cozify_adapter, cozify_flow):
        vars(module)["CLOUDS"] = (URL(world.cloud_url),)
    state = world.hub.state

    def put(device: str, field: str) -> Put:
        return lambda value: state.set(device, **{field: value})

    def glow(level: float) -> None:
        state.set(
            LAMP,
            isOn=True,
            brightness=level,
            temperature=1e6 / 333,
            colorMode="ct",
            hue=-1,
            saturation=-1,
        )

    def play(volume: int) -> None:
        sound = state.items["devices"][_cozy(23)]["state"]["rcData"]
        state.set(_cozy(23), rcData={**sound, "volume": volume})

    return System(
        name="Cozify",
        unique_id=f"cozify:{seed.HUB_ID}",
        data={
            "backend": "cozify",
            "email": seed.OWNER,
            "cloud": None,
            "cloud_token": world.cloud.cloud_token(seed.OWNER).text,
            "hub_key": world.cloud.key(seed.OWNER, seed.HUB_ID).text,
            "hub_id": seed.HUB_ID,
            "host": world.hub.url,
        },
        options={"remote": "off"},
        server=world.hub.server,
        paths=("*/command",),
        method="PUT",
        accepted=None,
        refused=(403, {"message": "Forbidden for this role"}),
        kinds=(
            Kind(
                name="light",
                platform="light",
                point=f"{LAMP}/light",
                start=128 / 255,
                put=glow,
                ask=lambda asked: ("light.turn_on", asked),
                shows=lambda a: (
                    f"{a.get('color_temp_kelvin')} K, {a.get('brightness')}"
                ),
                cases={
                    "": ({"brightness": 51}, None),
                    "clamped": ({"color_temp_kelvin": 9000}, None),
                    "rounded": ({"color_temp_kelvin": 3500}, None),
                    "already so": ({"brightness": 128}, None),
                    "moved elsewhere": ({"brightness": 51}, 0.8),
                },
            ),
            climate(
                point=f"{_cozy(15)}/climate",
                start=20.0,
                put=put(_cozy(15), "targetTemp"),
                cases={
                    "": (22, None),
                    "clamped": (30, 25.0),
                    "rounded": (21.3, None),
                    "already so": (20, None),
                    "moved elsewhere": (22, 18.0),
                },
            ),
            moving("cover", point=f"{_cozy(19)}/cover", put=put(_cozy(19), "liftPct")),
            moving("valve", point=f"{_cozy(20)}/valve", put=put(_cozy(20), "openPct")),
            fan(
                point=f"{_cozy(17)}/fan",
                start=2,
                put=put(_cozy(17), "mode"),
                cases={
                    "": (75, None),
                    "clamped": (100, 3),
                    "rounded": (60, None),
                    "already so": (50, None),
                    "moved elsewhere": (75, 1),
                },
            ),
            Kind(
                name="media player",
                platform="media_player",
                point=f"{_cozy(23)}/player",
                start=50,
                put=play,
                ask=lambda to: ("media_player.volume_set", {"volume_level": to}),
                shows=lambda a: f"{a.get('volume_level'):.2f}",
                cases={
                    "": (0.7, None),
                    "clamped": (1.0, 80),
                    "rounded": (0.333, None),
                    "already so": (0.5, None),
                    "moved elsewhere": (0.7, 20),
                },
            ),
            switched("switch", point=f"{_cozy(3)}/switch", put=put(_cozy(3), "isOn")),
            switched(
                "siren", point=f"{_cozy(22)}/siren", put=put(_cozy(22), "sirenOn")
            ),
        ),
    )


LAMP: Final = "4bec213d-8319-4d02-ac2d-6cf34d80ae73"


def _cozy(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


async def mycodo(stack: AsyncExitStack) -> System:
    """Run a Mycodo, which is polled."""
    certificate = make_v1_certificate()
    state = greenhouse(VirtualClock(time.time()))
    server = await stack.enter_async_context(MycodoServer(state, certificate))
    server.database.measure()
    admin = next(user for user in state.users if user.name == "admin")
    engine = server.engine

    def glow(duty: float) -> None:
        engine.command(uid(3), 0, "on", "pwm", duty)

    def switch(on: bool) -> None:
        lamp = state.output(uid(1))
        assert lamp is not None
        if bool(lamp.channels[0].state) is not on:
            engine.command(uid(1), 0, "on" if on else "off", "sec", 0.0)

    return System(
        name="Mycodo",
        unique_id=f"mycodo:{uid(900)}",
        data={
            "backend": "mycodo",
            "url": server.url,
            "api_key": admin.key,
            "verify_ssl": True,
            "pin": certificate.sha256,
            "webhook_id": "a-webhook-of-the-bench",
        },
        server=server.server,
        paths=("/api/outputs/*",),
        method="POST",
        accepted={"message": "Success: done"},
        refused=(460, {"message": "Fail: Output is locked"}),
        kinds=(
            light(
                point=f"{uid(3)}/0_light",
                start=50,
                put=glow,
                cases={
                    "": (51, None),
                    "clamped": (250, 80),
                    "rounded": (70, 27),
                    "already so": (128, None),
                    "moved elsewhere": (51, 80),
                },
            ),
            switched("switch", point=f"{uid(1)}/0_switch", put=switch),
        ),
    )
