"""Routes of Mycodo's web interface that accept the API key (docs/protocols/mycodo.md#web-routes).

They are not part of the API, and are used only where the API lacks something. Their
texts are checked, because they have status 200 even if they fail. Some are GET requests
that change something; those are sent once.
"""

from http import HTTPStatus
import re
from typing import Final

from ....errors import BackendError, RejectedError
from ...http import Answer, NotFoundError, json_fields as j
from .api import MycodoClient
from .errors import NoRouteError, ReadOnlyKeyError, check_web
from .models import OutputStates, Reading, output_states
from .requests import COMMAND_TIMEOUT

_VERSION: Final = re.compile(r'content="Mycodo ([0-9][0-9A-Za-z.+-]{0,30})"')
_LONGEST_NAME: Final = 100
_NO_PERMISSION: Final = "Insufficient user permissions"


class MycodoWeb:
    """Web interface of one Mycodo, over the transport of its client."""

    def __init__(self, client: MycodoClient) -> None:
        """Share the client's connection, limits, and key."""
        self._transport = client.transport

    async def host_name(self) -> str | None:
        """Return the name on the login page, None without one; needs no key."""
        title = _title(await self._page("/login_password"))
        name = title.removesuffix("Mycodo Login").rstrip(" -")
        return name[:_LONGEST_NAME] or None

    async def version(self) -> str | None:
        """Return the version, None if the key may not see it."""
        found = _VERSION.search(await self._page("/info"))
        return found[1] if found else None

    async def output_states(self) -> OutputStates:
        """Return the states of all outputs; allowed for every role."""
        answer = await self._get("/outputstate")
        return output_states(answer.json())

    async def daemon_alive(self) -> bool:
        """Return whether the daemon is running; allowed for every role."""
        return (await self._get("/daemonactive")).text.strip() == "alive"

    async def last(
        self, device: str, kind: str, measurement: str, seconds: int
    ) -> Reading | None:
        """Return the last value of a measurement id, in its stored unit.

        ``kind`` is input, function, output, or pid; ``seconds`` 0 = of any age.
        """
        answer = await self._get(f"/last/{device}/{kind}/{measurement}/{seconds}")
        if answer.status == HTTPStatus.NO_CONTENT:
            return None
        found = answer.json()
        time, value = j.number(found, 0), j.number(found, 1)
        return None if time is None or value is None else Reading(time, value)

    async def set_value(self, output: str, channel: int, value: float) -> str:
        """Set a value output, which only this route can do. Returns Mycodo's message.

        Raises RejectedError and ReadOnlyKeyError.

        See docs/protocols/mycodo.md#volume-and-value.
        """
        words = await self._change(f"/output_mod/{output}/{channel}/on/value/{value}")
        if not words.startswith("SUCCESS"):
            raise RejectedError(words.removeprefix("ERROR:").strip()[:200])
        return words.removeprefix("SUCCESS:").strip()

    async def has_pid_routes(self, pid: str) -> bool:
        """Return whether PIDs can be controlled, which needs a PID widget.

        The request changes nothing.

        See docs/protocols/mycodo.md#web-routes.
        """
        try:
            await self._get(f"/last_pid/{pid}/60")
        except NotFoundError:
            return False
        return True

    async def hold_pid(self, pid: str) -> None:
        """Freeze the control value; outputs continue to be driven with it."""
        await self._pid(pid, "hold_pid")

    async def pause_pid(self, pid: str) -> None:
        """Stop driving the outputs."""
        await self._pid(pid, "pause_pid")

    async def resume_pid(self, pid: str) -> None:
        """End hold and pause."""
        await self._pid(pid, "resume_pid")

    async def set_setpoint(self, pid: str, setpoint: float) -> None:
        """Set the setpoint, in the unit of the controlled measurement."""
        await self._pid(pid, f"set_setpoint_pid|{setpoint}")

    async def _pid(self, pid: str, verb: str) -> None:
        try:
            await self._change(f"/pid_mod_unique_id/{pid}/{verb}")
        except NotFoundError as err:
            raise NoRouteError from err

    async def _change(self, path: str) -> str:
        answer = await self._transport.request(
            "GET", path, idempotent=False, timeout=COMMAND_TIMEOUT, check=check_web
        )
        words = answer.text.strip()
        if words.startswith((_NO_PERMISSION, "You are not logged in")):
            raise ReadOnlyKeyError(words)
        return words

    async def _get(self, path: str) -> Answer:
        return await self._transport.request("GET", path, check=check_web)

    async def _page(self, path: str) -> str:
        """Return an optional page, "" if it cannot be loaded."""
        try:
            return (await self._get(path)).text
        except BackendError:
            return ""


def _title(page: str) -> str:
    """Return the title of a web page, "" without one."""
    _, found, rest = page.partition("<title>")
    title, closed, _ = rest.partition("</title>")
    return title.strip() if found and closed else ""
