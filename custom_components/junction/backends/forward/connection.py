"""Connection to a DSMR-reader server: entered data, and the client made from it."""

from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from yarl import URL

from ...cleaning import plain_words
from ...errors import BackendError
from ..http import NotFoundError, RedirectedError, find_in_parents
from ..trust import tls_policy
from .client.api import ReaderApi, reader_url
from .client.errors import NotReaderError, ProxyAuthError
from .settings import (
    CONF_API_KEY,
    CONF_DAYS,
    CONF_PASSWORD,
    CONF_PROXY,
    CONF_QUEUE,
    CONF_SIZE,
    CONF_URL,
    CONF_USERNAME,
)

NAME: Final = "DSMR-reader"


def make_api(hass: HomeAssistant, data: Mapping[str, Any]) -> ReaderApi:
    """Return the client for the entered data."""
    return ReaderApi(
        async_get_clientsession(hass),
        URL(data[CONF_URL]),
        data[CONF_API_KEY],
        user=data.get(CONF_USERNAME),
        password=data.get(CONF_PASSWORD),
        tls=tls_policy(data),
    )


def flat(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input without sections and surrounding whitespace.

    Raises InvalidAddressError or IngressError for an impossible address.
    """
    data: dict[str, Any] = {}
    for key, value in user_input.items():
        data |= value if isinstance(value, Mapping) else {key: value}
    data = {
        key: value.strip() if isinstance(value, str) else value
        for key, value in data.items()
    }
    if not data.get(CONF_USERNAME):
        # Without a proxy its password is removed as well.
        data = without_proxy(data)
    return {**data, CONF_URL: str(reader_url(data[CONF_URL]))}


def without_proxy(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data without the proxy's credentials."""
    return {k: v for k, v in data.items() if k not in (CONF_USERNAME, CONF_PASSWORD)}


def sections(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data in the sections of the form."""
    grouped = {
        CONF_PROXY: (CONF_USERNAME, CONF_PASSWORD),
        CONF_QUEUE: (CONF_SIZE, CONF_DAYS),
    }
    inside = {key for keys in grouped.values() for key in keys}
    form: dict[str, Any] = {k: v for k, v in data.items() if k not in inside}
    for name, keys in grouped.items():
        form[name] = {key: data[key] for key in keys if key in data}
    return form


def wrong_section(error: BackendError | None) -> str:
    """Return the section of a form that an error is about, "" for none."""
    return CONF_PROXY if isinstance(error, ProxyAuthError) else ""


def free_title(taken: Iterable[str]) -> str:
    """Return an unused name for a further server. It has no address, because that may change."""
    names = set(taken)
    return next(
        name
        for number in count(1)
        if (name := NAME if number == 1 else f"{NAME} {number}") not in names
    )


def has_address(title: str, data: Mapping[str, Any]) -> bool:
    """Return whether a title is the one that 0.1.0 created from the address."""
    url = reader_url(data[CONF_URL])
    port = url.explicit_port
    made = f"{NAME} {url.host}{f':{port}' if port else ''}{url.path.rstrip('/')}"
    return title in (made, plain_words(made))


async def async_probe(
    hass: HomeAssistant, data: dict[str, Any]
) -> tuple[ReaderApi, str | None]:
    """Return a working client, and the server's version. Raises BackendError.

    ``data`` gets the address of DSMR-reader itself if the user copied that of a page.
    """

    async def try_url(url: URL) -> tuple[ReaderApi, str | None]:
        api = make_api(hass, {**data, CONF_URL: str(url)})
        version = await api.version()
        data[CONF_URL] = str(url)
        return api, version

    wrong = (NotReaderError, NotFoundError, RedirectedError)
    return await find_in_parents(URL(data[CONF_URL]), try_url, wrong)
