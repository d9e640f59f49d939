"""TLS: trusted certificates, and their contents.

Creating an SSL context may read files, so it is never done in the event loop.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
import hashlib
import re
import ssl
from typing import Final, override

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsPolicy:
    """How to verify a server.

    The default verifies the certificate and the host name, with the SSL contexts of the
    injected session (in Home Assistant, those of its helpers). ``pin`` is the SHA-256
    of the only accepted certificate, regardless of its issuer, names, and dates.
    ``verify=False`` without a pin accepts every certificate, as a last resort.
    ``legacy`` adds what servers of around 2012 need: TLS 1.0 and 1.1, old ciphers, and
    short keys; it is only as secure as those.

    Raises ValueError if ``pin`` is not a SHA-256 in hex; colons and spaces are allowed.
    """

    verify: bool = True
    pin: str | None = None
    legacy: bool = False

    def __post_init__(self) -> None:
        """Normalize the pin."""
        if self.pin is None:
            return
        pin = re.sub(r"[\s:]", "", self.pin).lower()
        if not _SHA256.fullmatch(pin):
            msg = "a pin is a SHA-256: 64 hexadecimal digits"
            raise ValueError(msg)
        object.__setattr__(self, "pin", pin)

    @property
    def needs_context(self) -> bool:
        """Return whether a context of its own is needed, in place of the session's."""
        return self.legacy or self.pin is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A server's certificate. Only ``sha256`` is certain; the rest is its own claim.

    ``subject`` and ``issuer`` are names by RFC 4514; they and ``not_after`` are None if
    the certificate cannot be parsed. ``legacy``: the server showed it only with
    ``TlsPolicy.legacy``.
    """

    sha256: str
    subject: str | None = None
    issuer: str | None = None
    not_after: datetime | None = None
    self_signed: bool = False
    legacy: bool = False

    @classmethod
    def from_der(cls, der: bytes, *, legacy: bool = False) -> Certificate:
        """Parse a DER certificate. Never raises."""
        sha256 = hashlib.sha256(der).hexdigest()
        try:
            parsed = x509.load_der_x509_certificate(der)
            return cls(
                sha256=sha256,
                subject=parsed.subject.rfc4514_string(),
                issuer=parsed.issuer.rfc4514_string(),
                not_after=parsed.not_valid_after_utc,
                self_signed=_is_self_signed(parsed),
                legacy=legacy,
            )
        except ValueError, TypeError, x509.InvalidVersion:
            return cls(sha256=sha256, legacy=legacy)


class PinMismatchError(ssl.SSLError):
    """Another certificate than the pinned one, detected before anything was sent."""

    def __init__(self, pin: str, der: bytes) -> None:
        """Store both."""
        super().__init__("certificate does not match the pin")
        self.pin = pin
        self.der = der


type ContextFactory = Callable[[TlsPolicy], ssl.SSLContext]
"""Creates the context for a policy that needs one. Runs in a thread; may block."""


def build_context(policy: TlsPolicy) -> ssl.SSLContext:
    """Create an SSL context for a policy. Blocks: it may load the system's certificates."""
    if policy.verify and policy.pin is None:
        context = ssl.create_default_context()
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if policy.legacy:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.options |= ssl.OP_LEGACY_SERVER_CONNECT
    if policy.pin is not None:
        context.sslobject_class = pinned_to(policy.pin)
    return context


def pinned_to(pin: str) -> type[ssl.SSLObject]:
    """Return an SSLObject class whose handshake fails for all but the pinned certificate.

    The handshake then raises PinMismatchError. aiohttp.Fingerprint checks after the
    handshake, but replaces the context, so it cannot be combined with ``legacy``, and
    it does not provide the refused certificate. A pin of "" refuses all certificates.
    """

    class PinnedObject(ssl.SSLObject):
        @override
        def do_handshake(self) -> None:
            super().do_handshake()
            der = self.getpeercert(binary_form=True) or b""
            if hashlib.sha256(der).hexdigest() != pin:
                raise PinMismatchError(pin, der)

    return PinnedObject


def _is_self_signed(certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(certificate)
    except ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm:
        return False
    return True
