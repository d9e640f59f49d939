"""Turn an address as typed by a user into a URL."""

from collections.abc import Awaitable, Callable
from ipaddress import IPv6Address
import re
from typing import Final
from unicodedata import category, normalize

from yarl import URL

from ...errors import BackendError
from .errors import InvalidAddressError

# Maximum number of path segments that may belong to a page, not to a proxy's prefix.
_DEEPEST: Final = 8

_QUOTES: Final = "\"'<>`"
_SCHEME: Final = re.compile(r"(https?)\s*(?::[\s/]*|//+\s*)", re.IGNORECASE)
_OTHER_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_QUERY: Final = re.compile("[?#]")
_PORT: Final = re.compile(r"(?:\s*:\s*|(?<=[^\s:\]])\s+)(\d*)$")
_LONGEST: Final = 253
_NAME: Final = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63})*", re.ASCII)


def base_url(typed: str, *, scheme: str = "https", port: int | None = None) -> URL:
    """Return the URL of a server from a host, ``host:port``, or a URL with a prefix.

    ``scheme``, and ``port`` if it is not the scheme's own, apply only to a bare host: a
    user who types a scheme copied the address from a browser. The query, the fragment,
    and the final slash are dropped. Quotes, missing slashes (``http:host``), backslashes,
    and spaces around the port are accepted.

    Raises InvalidAddressError, also if the address contains a user name.
    """
    text = "".join(sign for sign in typed if category(sign) != "Cf")
    text = text.strip().strip(_QUOTES).strip().replace("\\", "/")
    explicit = False
    # There are two if a user pastes an address after "http://".
    while (found := _SCHEME.match(text)) is not None:
        explicit, scheme, text = True, found[1].lower(), text[found.end() :]
    if _OTHER_SCHEME.match(text):
        raise InvalidAddressError
    page, *_ = _QUERY.split(text.lstrip("/"), maxsplit=1)
    place, slash, path = page.partition("/")
    place, path = _authority(place), f"{slash}{path}"
    if any(character.isspace() for character in place + path):
        raise InvalidAddressError
    try:
        url = URL(f"{scheme}://{place}{path}")
        host, typed_port = url.raw_host, url.explicit_port
    except ValueError:
        # The original message may repeat the input, including a password.
        raise InvalidAddressError from None
    if not host or not _is_host(host) or typed_port == 0 or "@" in place:
        raise InvalidAddressError
    if not explicit and typed_port is None and port is not None:
        url = url.with_port(port)
    return url.with_path(url.raw_path.rstrip("/"), encoded=True)


def _authority(typed: str) -> str:
    """Return host and port as they stand in a URL."""
    # Colons and digits of other keyboard layouts.
    place = _PORT.sub(r":\1", normalize("NFKC", typed).strip())
    try:
        IPv6Address(place)
    except ValueError:
        return place
    return f"[{place}]"


def _is_host(host: str) -> bool:
    """Return whether a name can be resolved, or is an IP address.

    Python raises UnicodeError, not OSError, for names with empty or too long labels.
    """
    if ":" in host:
        return True
    name = host.removesuffix(".")
    return len(name) <= _LONGEST and _NAME.fullmatch(name) is not None


async def find_in_parents[T](
    url: URL,
    try_url: Callable[[URL], Awaitable[T]],
    wrong: tuple[type[BackendError], ...],
) -> T:
    """Return what ``try_url`` finds at a URL, or at a parent path up to the root.

    Users copy the address of any page that they see. ``wrong`` are the errors that mean
    that something else is there. If no parent path works, raises the error of the URL
    itself. Raises all other errors at once.
    """
    paths = [url.raw_path.rstrip("/")]
    while paths[-1] and len(paths) < _DEEPEST:
        paths.append(paths[-1].rpartition("/")[0])
    if paths[-1]:
        paths.append("")
    first: BackendError | None = None
    for path in paths:
        try:
            return await try_url(url.with_path(path, encoded=True))
        except wrong as err:
            first = first or err
    assert first is not None  # the URL itself was tried
    raise first
