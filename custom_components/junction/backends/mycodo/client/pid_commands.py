"""Commands to PID controllers, over the daemon's port or the web interface."""

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
    """Control PID controllers over the best available interface.

    The daemon's port accepts all commands while a PID is active. The web interface
    accepts setpoint, hold, pause, and resume, if there is a PID widget.
    """

    def __init__(self, web: MycodoWeb, daemon: DaemonFunctions | None = None) -> None:
        """Use the web interface, and the daemon's port if it is enabled."""
        self._web = web
        self._daemon = daemon

    async def hold(self, pid: str) -> None:
        """Freeze the control value; outputs continue to be driven with it."""
        await self._by(
            lambda daemon: daemon.pid_hold(pid), lambda: self._web.hold_pid(pid)
        )

    async def pause(self, pid: str) -> None:
        """Stop driving the outputs."""
        await self._by(
            lambda daemon: daemon.pid_pause(pid), lambda: self._web.pause_pid(pid)
        )

    async def resume(self, pid: str) -> None:
        """End hold and pause."""
        await self._by(
            lambda daemon: daemon.pid_resume(pid), lambda: self._web.resume_pid(pid)
        )

    async def set_setpoint(self, pid: str, setpoint: float) -> None:
        """Set the setpoint, in the unit of the controlled measurement."""
        await self._by(
            lambda daemon: daemon.pid_set(pid, "setpoint", setpoint),
            lambda: self._web.set_setpoint(pid, setpoint),
        )

    async def set_gain(self, pid: str, gain: str, value: float) -> None:
        """Set ``kp``, ``ki``, or ``kd``. Only possible over the daemon's port.

        Raises ChannelMissingError without it.
        """
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
            # The command may be carried out later; using the other interface would send
            # it twice.
            raise
        except (ChannelDownError, PidNotRunningError) as err:
            try:
                await web()
            except NoRouteError:
                raise err from None
