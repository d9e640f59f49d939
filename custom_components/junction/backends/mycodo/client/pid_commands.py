"""Commands to PID controllers: by the daemon's port, or by the web interface's routes."""

from collections.abc import Awaitable, Callable

from .daemon_functions import DaemonFunctions
from .errors import (
    ChannelDownError,
    ChannelMissingError,
    ChannelTimeoutError,
    NoRouteError,
    PidNotRunningError,
)
from .web import MycodoWeb


class PidCommands:
    """Steers PID controllers by the best way there is.

    The daemon's port takes everything, while a PID is active; the routes of the web
    interface take setpoint, hold, pause and resume, if there is a PID widget.
    """

    def __init__(self, web: MycodoWeb, daemon: DaemonFunctions | None = None) -> None:
        """Steer by the web interface, and by the daemon's port if it is switched on."""
        self._web = web
        self._daemon = daemon

    async def hold(self, pid: str) -> None:
        """Freeze the control value; outputs are still driven with it."""
        await self._by(
            lambda daemon: daemon.pid_hold(pid), lambda: self._web.hold_pid(pid)
        )

    async def pause(self, pid: str) -> None:
        """No longer drive the outputs."""
        await self._by(
            lambda daemon: daemon.pid_pause(pid), lambda: self._web.pause_pid(pid)
        )

    async def resume(self, pid: str) -> None:
        """End hold and pause."""
        await self._by(
            lambda daemon: daemon.pid_resume(pid), lambda: self._web.resume_pid(pid)
        )

    async def set_setpoint(self, pid: str, setpoint: float) -> None:
        """Set the setpoint, in the unit of what the PID controls."""
        await self._by(
            lambda daemon: daemon.pid_set(pid, "setpoint", setpoint),
            lambda: self._web.set_setpoint(pid, setpoint),
        )

    async def set_gain(self, pid: str, gain: str, value: float) -> None:
        """Set ``kp``, ``ki`` or ``kd``. Only by the daemon's port."""
        if self._daemon is None:
            raise ChannelMissingError
        await self._daemon.pid_set(pid, gain, value)

    async def _by(
        self,
        daemon: Callable[[DaemonFunctions], Awaitable[object]],
        web: Callable[[], Awaitable[object]],
    ) -> None:
        if self._daemon is None:
            await web()
            return
        try:
            await daemon(self._daemon)
        except ChannelTimeoutError:
            # It may be carried out; a second way would be a second command.
            raise
        except (ChannelDownError, PidNotRunningError) as err:
            try:
                await web()
            except NoRouteError:
                raise err from None
