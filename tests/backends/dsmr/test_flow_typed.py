"""Addresses as users type them, and the dialog's response."""

from pathlib import Path

from homeassistant.core import HomeAssistant
import pytest

from custom_components.junction.backends.dsmr import flow as flow_module
from custom_components.junction.backends.dsmr.client.errors import HttpError

from .flows import FORM, begin, fields, listen, read
from .lines import free_port

pytestmark = pytest.mark.usefixtures("socket_enabled")

REFUSED = "doesn't accept connections"
UNCLEAR = "is neither a device nor the address of a reader"
SCHEME = "An address of a meter can't start with"
MISSING = "was not found. Check that the cable is plugged in"
NO_PORT = "isn't a serial port or a valid address"
EXAMPLE = "192.168.1.5:23"

# Where it is understood, what listens there is asked: nothing does, on a free {port}.
SAID = {
    "127.0.0.1:{port}": REFUSED,
    "  127.0.0.1:{port}  ": REFUSED,
    "127.0.0.1 : {port}": REFUSED,
    "127.0.0.1 {port}": REFUSED,
    "127.0.0.1,{port}": REFUSED,
    "127.0.0.1:{port}/": REFUSED,
    "'127.0.0.1:{port}'": REFUSED,
    "127.0.0.1\uff1a{port}": REFUSED,
    "localhost:{port}": REFUSED,
    "LOCALHOST:{port}": REFUSED,
    "tcp://127.0.0.1:{port}": REFUSED,
    "TCP://127.0.0.1:{port}": REFUSED,
    "tcp:127.0.0.1:{port}": REFUSED,
    "telnet://127.0.0.1:{port}": REFUSED,
    "socket://127.0.0.1:{port}": REFUSED,
    "socket:// 127.0.0.1 : {port} ": REFUSED,
    "socket//127.0.0.1:{port}": REFUSED,
    "rfc2217://127.0.0.1:{port}": REFUSED,
    "127.0.0.1:99999": NO_PORT,
    "": "Select a port, or enter the address of a reader",
    "   ": "Select a port, or enter the address of a reader",
    "/dev/ttyUSB77": MISSING,
    "ttyUSB77": MISSING,
    "dev/ttyUSB77": MISSING,
    "/dev/serial/by-id/usb-P1-if00": MISSING,
    "by-id/usb-P1-if00": MISSING,
    "/dev": NO_PORT,
    "/dev/null": NO_PORT,
    "COM3": UNCLEAR,
    r"\\.\COM3": UNCLEAR,
    "my smart meter": UNCLEAR,
    "www.example.com/p1": UNCLEAR,
    "192.168.1.5/23": UNCLEAR,
    "192.168.1.5:p1": UNCLEAR,
    ":23": UNCLEAR,
    "socket://": UNCLEAR,
    "rfc2217://127.0.0.1": UNCLEAR,
    "http://192.168.1.5": SCHEME,
    "https://reader.local/api/v1/telegram": SCHEME,
    "http:192.168.1.5": SCHEME,
    "mqtt://broker:1883": SCHEME,
    "udp://192.168.1.5:23": SCHEME,
    "ftp://192.168.1.5": SCHEME,
}


# Where the docs tell both, with this port in place of a free one.
DOCS = Path(__file__).parents[3] / "docs" / "protocols" / "dsmr.md"
HEAD = "| Typed | What the dialog says |"
PORT = 2001


def documented() -> list[str]:
    """Return the rows of the table in the docs."""
    _, _, rest = DOCS.read_text(encoding="utf-8").partition(f"{HEAD}\n|---|---|\n")
    return rest.partition("\n\n")[0].splitlines()


def row(typed: str, said: str) -> str:
    """Return the row of the table for an input; one blank tells of several."""
    shown = f"`{typed}`" if typed.strip() else "blanks" if typed else "nothing"
    return f"| {shown} | {said} |"


async def test_what_the_dialog_says(hass: HomeAssistant) -> None:
    """An error says what is wrong, gives an example, and keeps the input.

    The docs have the same messages, word for word.
    """
    rows = []
    for template, said in SAID.items():
        port = free_port()
        typed = template.format(port=port)
        result = await listen(hass, await begin(hass), typed)
        assert (result["type"], result["step_id"]) == (FORM, "dsmr"), typed
        text = await read(hass, result)
        assert said in text, typed
        if said in {UNCLEAR, SCHEME, NO_PORT}:
            assert EXAMPLE in text
            if said != NO_PORT:
                # A port is shown as it was understood
                assert fields(result)["port"] == typed.strip()
        rows.append(row(template.format(port=PORT), text.replace(str(port), str(PORT))))
    assert documented() == rows + [
        row(typed, f"listens at `{meant}`") for typed, meant in MEANT.items()
    ]


MEANT = {
    "slimmelezer": "socket://slimmelezer:23",
    "slimmelezer.local": "socket://slimmelezer.local:23",
    "slimmelezer.local:": "socket://slimmelezer.local:23",
    "slimmelezer.local:8088": "socket://slimmelezer.local:8088",
    "192.168.1.5": "socket://192.168.1.5:23",
    "tcp://reader.lan": "socket://reader.lan:23",
    "[::1]:2001": "socket://[::1]:2001",
    "fe80::1%eth0": "socket://[fe80::1%eth0]:23",
    "2001:db8::5": "socket://[2001:db8::5]:23",
}


async def test_names_that_only_a_network_knows(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names that only a network resolves lead to the intended address."""
    asked: list[str] = []

    async def nobody(url: str, **_: object) -> None:
        asked.append(url)
        raise HttpError

    monkeypatch.setattr(flow_module, "probe", nobody)
    for typed in MEANT:
        result = await listen(hass, await begin(hass), typed)
        assert (result["type"], result["step_id"]) == (FORM, "dsmr")
        assert "A web server answers at this address" in await read(hass, result)
    assert asked == list(MEANT.values())
