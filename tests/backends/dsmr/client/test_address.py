"""Addresses as people type them."""

import pytest

from custom_components.junction.backends.dsmr.client.address import read_address
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
