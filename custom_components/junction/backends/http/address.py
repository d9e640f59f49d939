"""Turn an address as people type it into a URL."""

from yarl import URL

from .errors import InvalidAddressError


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
