"""Turn an address as typed by a user into a URL."""

from collections.abc import Awaitable, Callable
from typing import Final

from yarl import URL

from ...errors import BackendError
from .errors import InvalidAddressError

# Maximum number of path segments that may belong to a page, not to a proxy's prefix.
_DEEPEST: Final = 8


def base_url(typed: str, *, scheme: str = "https", port: int | None = None) -> URL:
    """Return the URL of a server from a host, ``host:port``, or a URL with a prefix.

    ``scheme``, and ``port`` if it is not the scheme's own, apply only to a bare host: a
    user who types a scheme copied the address from a browser. The query, the fragment,
    and the final slash are dropped.

    Raises InvalidAddressError, also if the address contains a user name.
    """
    text = typed.strip()
    explicit = "://" in text
    if not explicit:
        if text.count(":") > 1 and "[" not in text:
            text = f"[{text}]"
        text = f"{scheme}://{text}"
    if any(character.isspace() for character in text):
        raise InvalidAddressError
    try:
        url = URL(text)
        host, typed_port = url.host, url.explicit_port
    except ValueError:
        # The original message may repeat the input, including a password.
        raise InvalidAddressError from None
    if url.scheme not in ("http", "https") or not host or url.user or url.password:
        raise InvalidAddressError
    if not explicit and typed_port is None and port is not None:
        url = url.with_port(port)
    return url.with_path(url.raw_path.rstrip("/"), encoded=True)


async def climb[T](
    url: URL,
    look: Callable[[URL], Awaitable[T]],
    wrong: tuple[type[BackendError], ...],
) -> T:
    """Return what ``look`` finds at a URL, or at a parent path up to the root.

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
            return await look(url.with_path(path, encoded=True))
        except wrong as err:
            first = first or err
    assert first is not None  # the URL itself was tried
    raise first
