"""Self-signed certificates, as devices create them at the factory or on first start."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import hashlib
from ipaddress import ip_address
from pathlib import Path
import ssl
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class DeviceCertificate:
    """A self-signed certificate and its key, in PEM."""

    certificate: bytes
    key: bytes

    @property
    def sha256(self) -> str:
        """SHA-256 fingerprint of the certificate: 64 hexadecimal digits."""
        pem = self.certificate.decode()
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()

    def server_context(self, *, legacy: bool = False) -> ssl.SSLContext:
        """Return the server's TLS context. Blocks: OpenSSL loads keys from files only.

        ``legacy`` (for RSA keys) imitates a gateway of 2012: TLS 1.1 at most, with the single
        cipher AES256-SHA. Python warns that this is deprecated.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if legacy:
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            context.maximum_version = ssl.TLSVersion.TLSv1_1
            context.set_ciphers("AES256-SHA:@SECLEVEL=0")
        with TemporaryDirectory() as folder:
            certificate, key = Path(folder, "certificate"), Path(folder, "key")
            certificate.write_bytes(self.certificate)
            key.write_bytes(self.key)
            context.load_cert_chain(certificate, key)
        return context


def make_certificate(
    name: str = "device",
    *,
    addresses: tuple[str, ...] = (),
    days: float = 3650,
    old_key: bool = False,
) -> DeviceCertificate:
    """Make a self-signed certificate.

    ``addresses`` are its IP addresses; without any it has no subject alternative name, like the
    certificates of many devices. ``days`` of validity may be negative, for an expired certificate.
    ``old_key`` uses RSA with 2048 bits, which old ciphers need.
    """
    key = (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        if old_key
        else ec.generate_private_key(ec.SECP256R1())
    )
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    end = datetime.now(UTC) + timedelta(days=days)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=3660))
        .not_valid_after(end)
    )
    if addresses:
        names = [x509.IPAddress(ip_address(address)) for address in addresses]
        builder = (
            builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
                critical=False,
            )
        )
    certificate = builder.sign(key, hashes.SHA256())
    return DeviceCertificate(
        certificate.public_bytes(Encoding.PEM),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )
