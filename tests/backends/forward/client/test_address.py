"""Addresses as people copy them from a browser."""

import pytest

from custom_components.junction.backends.forward.client.api import reader_url
from custom_components.junction.backends.forward.client.errors import IngressError


@pytest.mark.parametrize(
    ("typed", "base"),
    [
        ("192.168.1.5:7777", "http://192.168.1.5:7777"),
        ("http://reader:7777/admin/login/?next=/admin/", "http://reader:7777"),
        ("http://reader:7777/dashboard", "http://reader:7777"),
        ("http://reader:7777/api/v2/", "http://reader:7777"),
        ("https://home.test/meter/archive/#day", "https://home.test/meter"),
        ("https://home.test/meter/", "https://home.test/meter"),
    ],
)
def test_what_follows_the_base_is_cut_off(typed: str, base: str) -> None:
    assert str(reader_url(typed)).rstrip("/") == base


@pytest.mark.parametrize("port", [8123, 443, 9000])
def test_ingress_is_found_out_on_any_port(port: int) -> None:
    with pytest.raises(IngressError):
        reader_url(f"http://ha.test:{port}/api/hassio_ingress/abc/dashboard")
