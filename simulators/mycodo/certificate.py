"""Certificate of Mycodo's installer: self-signed, X.509 version 1, without names."""

from datetime import UTC, datetime, timedelta
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from simulators.certificates import DeviceCertificate

# [0] EXPLICIT INTEGER 2, which marks a certificate of version 3.
_VERSION_3 = bytes.fromhex("a003020102")
_SHA256_WITH_RSA = bytes.fromhex("300d06092a864886f70d01010b0500")


def make_v1_certificate() -> DeviceCertificate:
    """Make a certificate, with RSA of 2048 bits instead of 4096 to save seconds."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name(
        [
            x509.NameAttribute(kind, "mycodo")
            for kind in (
                NameOID.ORGANIZATION_NAME,
                NameOID.ORGANIZATIONAL_UNIT_NAME,
                NameOID.COMMON_NAME,
            )
        ]
    )
    now = datetime.now(UTC)
    third = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3653))
        .sign(key, hashes.SHA256())
    )
    content = _content(third.tbs_certificate_bytes)
    assert content.startswith(_VERSION_3)
    first = _sequence(content.removeprefix(_VERSION_3))
    signature = key.sign(first, padding.PKCS1v15(), hashes.SHA256())
    der = _sequence(first + _SHA256_WITH_RSA + _element(0x03, b"\x00" + signature))
    return DeviceCertificate(
        ssl.DER_cert_to_PEM_cert(der).encode(),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


def _content(der: bytes) -> bytes:
    """Return the content of the DER element that begins here."""
    return der[2 + (der[1] & 0x7F if der[1] & 0x80 else 0) :]


def _element(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content


def _sequence(content: bytes) -> bytes:
    return _element(0x30, content)
