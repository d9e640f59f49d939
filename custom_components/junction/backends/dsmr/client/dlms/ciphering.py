"""Decrypt general-glo-ciphering in DLMS frames (``docs/protocols/dlms.md#encryption``)."""

from typing import Final, NamedTuple

from ..encryption import AUTHENTICATED, Keys, decipher
from .axdr import AxdrError, read_length

TAG: Final = 0xDB
_TITLE_SIZE: Final = 8
_COMPRESSED: Final = 0x80
_ENCRYPTED: Final = 0x20
_COUNTER_SIZE: Final = 4
_GCM_TAG_SIZE: Final = 12


class Ciphered(NamedTuple):
    """An encrypted APDU; ``rest`` is the part after its length."""

    title: bytes
    rest: bytes

    @property
    def security(self) -> int:
        """Return the security control byte."""
        return self.rest[0]

    @property
    def counter(self) -> int:
        """Return the frame counter."""
        return int.from_bytes(self.rest[1 : 1 + _COUNTER_SIZE])

    @property
    def has_tag(self) -> bool:
        """Return whether it has an authentication tag."""
        return bool(self.security & AUTHENTICATED)


def read_ciphered(apdu: bytes) -> Ciphered:
    """Parse an encrypted APDU. Raises AxdrError if its format is not supported."""
    if apdu[:2] != bytes((TAG, _TITLE_SIZE)):
        raise AxdrError("no encrypted APDU")
    start = 2 + _TITLE_SIZE
    size, at = read_length(apdu, start)
    rest = apdu[at:]
    shortest = 1 + _COUNTER_SIZE
    if len(rest) != size or size < shortest + _GCM_TAG_SIZE:
        raise AxdrError("length")
    ciphered = Ciphered(apdu[2:start], rest)
    if not ciphered.security & _ENCRYPTED or ciphered.security & _COMPRESSED:
        raise AxdrError("security")
    return ciphered


def opened(ciphered: Ciphered, keys: Keys) -> tuple[bytes, bool]:
    """Return the decrypted data, and whether its tag was verified.

    A wrong key returns noise, which only parsing reveals.
    """
    return decipher(keys, ciphered.title, ciphered.rest)
