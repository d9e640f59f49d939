"""Read a server's certificate, to ask the user whether to trust it."""

import asyncio
import ssl

import aiohttp
from yarl import URL

from ...errors import ProtocolError
from .errors import ConnectionLostError, TlsFailedError
from .tls import Certificate, PinMismatchError, TlsPolicy, build_context, pinned_to
from .translate import EXCEPTIONS, translate


async def fetch_certificate(
    session: aiohttp.ClientSession, url: URL, *, timeout: float = 10.0
) -> Certificate:
    """Return the certificate of the HTTPS server of a URL, trusted or not.

    Only a TLS handshake is made: the request passed to the session, for its resolver,
    is never sent. If the server needs ``TlsPolicy.legacy``, the handshake is repeated
    with it. ``timeout`` is in seconds, for each of the two.

    Raises UnreachableError or a subclass.
    """
    url = url.with_scheme("https").origin()
    try:
        return await _fetch(session, url, timeout, legacy=False)
    except (TlsFailedError, ConnectionLostError) as first:
        try:
            return await _fetch(session, url, timeout, legacy=True)
        except TlsFailedError, ConnectionLostError:
            raise first from None


async def _fetch(
    session: aiohttp.ClientSession, url: URL, timeout: float, *, legacy: bool
) -> Certificate:
    context = await asyncio.to_thread(_unverified_context, legacy=legacy)
    try:
        async with session.get(
            url, ssl=context, timeout=aiohttp.ClientTimeout(total=timeout)
        ):
            raise ProtocolError  # pragma: no cover - all certificates are refused
    except aiohttp.ClientConnectorError as err:
        if isinstance(err.os_error, PinMismatchError):
            return Certificate.from_der(err.os_error.der, legacy=legacy)
        raise translate(err, timeout) from None
    except EXCEPTIONS as err:
        raise translate(err, timeout) from None


def _unverified_context(*, legacy: bool) -> ssl.SSLContext:
    context = build_context(TlsPolicy(verify=False, legacy=legacy))
    context.sslobject_class = pinned_to("")
    return context
