"""What people type as the address of their meter, and what the dialog says to it."""

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
    "127.0.0.1:99999": "isn't a valid port",
    "": "Select a port, or enter the address of a reader",
    "   ": "Select a port, or enter the address of a reader",
    "/dev/ttyUSB77": MISSING,
    "ttyUSB77": MISSING,
    "dev/ttyUSB77": MISSING,
    "/dev/serial/by-id/usb-P1-if00": MISSING,
    "by-id/usb-P1-if00": MISSING,
    "/dev": "isn't a valid port",
    "/dev/null": "isn't a valid port",
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


async def test_what_the_dialog_says(hass: HomeAssistant) -> None:
    """It says what is wrong, gives an example, and keeps what was typed."""
    for template, said in SAID.items():
        typed = template.format(port=free_port())
        result = await listen(hass, await begin(hass), typed)
        assert (result["type"], result["step_id"]) == (FORM, "dsmr"), typed
        text = await read(hass, result)
        assert said in text, typed
        if said in {UNCLEAR, SCHEME}:
            assert EXAMPLE in text
            assert fields(result)["port"] == typed.strip()


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
    """The dialog listens at the address that was meant."""
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
