"""Addresses as people type them."""

from hypothesis import example, given, strategies as st
import pytest

from custom_components.junction.backends.dsmr.client.address import (
    read_address,
    show_address,
)
from custom_components.junction.backends.dsmr.client.errors import (
    UnclearAddressError,
    WrongSchemeError,
)

MEANT = {
    "192.168.1.5:23": "socket://192.168.1.5:23",
    " 192.168.1.5:23 ": "socket://192.168.1.5:23",
    "192.168.1.5 : 2001": "socket://192.168.1.5:2001",
    "192.168.1.5 2001": "socket://192.168.1.5:2001",
    "192.168.1.5": "socket://192.168.1.5:23",
    "slimmelezer.local": "socket://slimmelezer.local:23",
    "slimmelezer.local:23": "socket://slimmelezer.local:23",
    "slimmelezer": "socket://slimmelezer:23",
    "p1-reader.lan:8088/": "socket://p1-reader.lan:8088",
    "tcp://192.168.1.5:23": "socket://192.168.1.5:23",
    "TCP://192.168.1.5:23": "socket://192.168.1.5:23",
    "tcp://reader.local": "socket://reader.local:23",
    "telnet://reader.local": "socket://reader.local:23",
    "socket://192.168.1.5:23": "socket://192.168.1.5:23",
    "socket:// 192.168.1.5 : 23": "socket://192.168.1.5:23",
    "[fe80::1]:23": "socket://[fe80::1]:23",
    "rfc2217://192.168.1.5:2217": "rfc2217://192.168.1.5:2217",
    "esphome://reader.local:6053/?port_name=P1": "esphome://reader.local:6053/?port_name=P1",
    "/dev/ttyUSB0": "/dev/ttyUSB0",
    " /dev/serial/by-id/usb-FTDI ": "/dev/serial/by-id/usb-FTDI",
    '"/dev/ttyUSB0"': "/dev/ttyUSB0",
    "ttyUSB0": "/dev/ttyUSB0",
    "serial:///dev/ttyUSB0": "/dev/ttyUSB0",
    "serial/by-id/usb-FTDI": "/dev/serial/by-id/usb-FTDI",
    "dev/ttyUSB0": "/dev/ttyUSB0",
    "by-id/usb-FTDI": "/dev/serial/by-id/usb-FTDI",
    "::1": "socket://[::1]:23",
    "[fe80::1%eth0]:2001": "socket://[fe80::1%eth0]:2001",
    "socket:192.168.1.5:23": "socket://192.168.1.5:23",
    "tcp:/192.168.1.5": "socket://192.168.1.5:23",
    "192.168.1.5:": "socket://192.168.1.5:23",
    "192.168.1.5\t23": "socket://192.168.1.5:23",
    "192.168.1.5\uff1a23": "socket://192.168.1.5:23",
    "serial://dev/ttyUSB0": "/dev/ttyUSB0",
}


@pytest.mark.parametrize(("typed", "meant"), MEANT.items())
def test_what_is_meant(typed: str, meant: str) -> None:
    assert read_address(typed) == meant
    # The stored form gives the same address
    assert read_address(meant) == meant


@pytest.mark.parametrize(
    "scheme", ["http", "https", "ws", "mqtt", "ftp", "udp", "file", "ssh", "gopher"]
)
def test_wrong_schemes_are_named(scheme: str) -> None:
    with pytest.raises(WrongSchemeError) as error:
        read_address(f"{scheme}://192.168.1.5:80")
    assert error.value.placeholders["scheme"].startswith(scheme)


@pytest.mark.parametrize("scheme", ["http:", "http:/", "https//", "MQTT:"])
def test_wrong_schemes_without_their_slashes(scheme: str) -> None:
    with pytest.raises(WrongSchemeError):
        read_address(f"{scheme}192.168.1.5")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "COM3",
        "COM12:",
        "my meter",
        "www.example.com/p1",
        "192.168.1.5:p1",
        "user:secret@192.168.1.5:23",
        "socket://",
        "socket://fe80::1",
        "socket://http://192.168.1.5",
        "rfc2217://192.168.1.5",
        "esphome-hass://",
    ],
)
def test_what_is_neither_a_device_nor_an_address(typed: str) -> None:
    with pytest.raises(UnclearAddressError):
        read_address(typed)


# Addresses as they are shown


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("socket://192.168.1.5:23", "192.168.1.5:23"),
        ("tcp://192.168.1.5:23", "192.168.1.5:23"),
        ("socket://slimmelezer.local:8088", "slimmelezer.local:8088"),
        ("socket://[::1]:2001", "[::1]:2001"),
        ("socket://[fe80::1%eth0]:23", "[fe80::1%eth0]:23"),
        # Their scheme says how to connect.
        ("rfc2217://192.168.1.5:23", "rfc2217://192.168.1.5:23"),
        ("esphome://reader.local:6053/?port_name=P1",) * 2,
        ("esphome-hass://esphome/1?port_name=P1",) * 2,
        ("/dev/ttyUSB0", "/dev/ttyUSB0"),
        # Without it, these would be something else.
        ("socket://tty:23", "socket://tty:23"),
        ("socket://com:23", "socket://com:23"),
        ("socket://http:80", "socket://http:80"),
        ("socket://reader.local", "socket://reader.local"),
        ("socket://", "socket://"),
        ("http://192.168.1.5", "http://192.168.1.5"),
    ],
)
def test_what_is_shown(stored: str, shown: str) -> None:
    assert show_address(stored) == shown
    assert show_address(shown) == shown


@pytest.mark.parametrize("stored", sorted({*MEANT.values()}))
def test_what_is_shown_is_understood(stored: str) -> None:
    assert read_address(show_address(stored)) == stored


_WORD = st.from_regex(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,12}[A-Za-z0-9])?", fullmatch=True)
_PLACES = st.builds(
    "{}:{}".format,
    st.lists(_WORD, min_size=1, max_size=4).map(".".join)
    | st.ip_addresses(v=4).map(str)
    | st.ip_addresses(v=6).map("[{}]".format)
    | st.builds("[fe80::{:x}%{}]".format, st.integers(1, 0xFFFF), _WORD),
    st.integers(0, 70000),
)


@given(_PLACES)
@example("raw:23")
@example("serial:23")
@example("ttyUSB0:23")
@example("COM3:23")
@example("esphome:6053")
def test_any_address_is_understood_as_it_is_shown(place: str) -> None:
    stored = f"socket://{place}"
    try:
        understood = read_address(stored)
    except UnclearAddressError:
        assert show_address(stored) == stored
        return
    assert understood == stored
    assert read_address(show_address(stored)) == stored
    assert show_address(f"tcp://{place}") in {place, f"tcp://{place}"}
    assert read_address(show_address(f"tcp://{place}")) == stored
