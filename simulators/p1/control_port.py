"""Control of a running meter, line by line over a loopback port.

A line holds a command of ``MeterControl`` and its arguments, positional or as ``name=value``;
quote arguments with spaces. The response is one line of JSON: ``{"ok": true, "result": ...}`` or
``{"ok": false, "error": "..."}``. ``help`` lists the commands.
"""

import asyncio
from collections.abc import Callable
import inspect
import json
import shlex
from typing import Any, get_args

from .control import MeterControl
from .transport import HOST


def _commands() -> dict[str, Callable[..., Any]]:
    return {
        name: method
        for name, method in vars(MeterControl).items()
        if inspect.isfunction(method) and not name.startswith("_")
    }


COMMANDS = _commands()


def _convert(name: str, text: str, annotation: object) -> object:
    """Return an argument in the type of the parameter."""
    types = get_args(annotation) or (annotation,)
    if type(None) in types and text.lower() in ("none", "auto"):
        return None
    for kind in (int, float):
        if kind not in types:
            continue
        try:
            return kind(text)
        except ValueError:
            if str in types:
                continue
            msg = f"{name} is a number, not {text!r}"
            raise ValueError(msg) from None
    return text


def _parse(line: str) -> tuple[str, list[object], dict[str, object]]:
    words = shlex.split(line)
    if not words:
        msg = "no command"
        raise ValueError(msg)
    name, *rest = words
    if name not in COMMANDS:
        msg = f"no command {name!r}; there are help, {', '.join(COMMANDS)}"
        raise ValueError(msg)
    parameters = dict(list(inspect.signature(COMMANDS[name]).parameters.items())[1:])
    extra = next((p for p in parameters.values() if p.kind is p.VAR_KEYWORD), None)
    places = [p for p in parameters.values() if p is not extra]
    args: list[object] = []
    named: dict[str, object] = {}
    for word in rest:
        key, equals, value = word.partition("=")
        if equals and key in parameters and parameters[key] is not extra:
            named[key] = _convert(key, value, parameters[key].annotation)
        elif equals and extra is not None:
            named[key] = _convert(key, value, extra.annotation)
        elif len(args) < len(places):
            place = places[len(args)]
            args.append(_convert(place.name, word, place.annotation))
        else:
            msg = f"{name} does not take {word!r}"
            raise ValueError(msg)
    return name, args, named


class ControlServer:
    """The line protocol on a loopback port."""

    def __init__(self, control: MeterControl, port: int = 0) -> None:
        """Prepare it; ``port`` 0 means any free port."""
        self.port = port
        self._control = control
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen. Raises OSError when the port is in use."""
        self._server = await asyncio.start_server(self._serve, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and all connections."""
        if self._server is None:
            return
        self._server.close()
        for writer in tuple(self._writers):
            writer.close()
        await self._server.wait_closed()
        self._server = None

    async def execute(self, line: str) -> dict[str, Any]:
        """Run one line and return the response."""
        if line.strip() == "help":
            return {
                "ok": True,
                "result": {
                    name: inspect.getdoc(method) for name, method in COMMANDS.items()
                },
            }
        try:
            name, args, named = _parse(line)
            result = COMMANDS[name](self._control, *args, **named)
            if inspect.isawaitable(result):
                result = await result
        except (ValueError, KeyError, TypeError, OSError) as error:
            return {"ok": False, "error": str(error)}
        return {"ok": True, "result": result}

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._writers.add(writer)
        try:
            while line := await reader.readline():
                answer = await self.execute(line.decode("utf-8", "replace"))
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
        except ConnectionError, ValueError:
            # Disconnected, or a line beyond the reader's limit: either ends this connection.
            pass
        finally:
            self._writers.discard(writer)
            writer.close()
