"""Turn an address as people type it into a URL."""

from collections.abc import Awaitable, Callable
from typing import Final

from yarl import URL

from ...errors import BackendError
from .errors import InvalidAddressError

# Parts of a path that may belong to a page rather than to a proxy before the server.
_DEEPEST: Final = 8


def base_url(typed: str, *, scheme: str = "https", port: int | None = None) -> URL:
    """Return the URL of a server from a host, ``host:port`` or a URL with a prefix.

    ``scheme``, and ``port`` where it is not the scheme's own, are taken only where a
    bare host was typed: who types a scheme has seen the address in a browser. A query
    and a fragment are dropped, as is the slash at the end.

    Raises InvalidAddressError. User names belong into fields of their own.
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
        # Its text may repeat what was typed, passwords included.
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
    """Return what ``look`` finds at an address, or above it, up to the root.

    People copy the address of whatever page they see. ``wrong`` are the errors that
    mean that something else is there. Raises the error of the address itself when
    nothing is found above it, either, and every other error at once.
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
    assert first is not None  # at least the address itself was tried
    raise first
