"""DLMS frames: telegrams under AES-128-GCM, as in Luxembourg and parts of Austria.

Layout (general-glo-ciphering, security suite 0): 0xDB, length and system title, 0x82 and a
two-byte length, security control 0x30, frame counter, cipher text, the tag's first 12 bytes.
Source: Luxmetering E-Meter P1 specification 1.1.3, DLMS Green Book 8.
"""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .dialect import Encrypted

HEADER_BYTES = 18
TAG_BYTES = 12
_SECURITY_CONTROL = 0x30
_KEY_BYTES = 16


class FrameMaker:
    """Encrypts telegrams into frames; the counter increases by one with each."""

    def __init__(self, settings: Encrypted) -> None:
        """Start with the key and the counter of a new meter."""
        self.system_title = settings.system_title
        self.authentication_key = settings.authentication_key
        self.key = settings.key
        self.counter = settings.counter

    def change_key(self, key: bytes, authentication_key: bytes | None = None) -> None:
        """Change the key from now on; the counter restarts at 0.

        Raises ValueError for a key that does not have 16 bytes.
        """
        for each in (key, authentication_key or self.authentication_key):
            if len(each) != _KEY_BYTES:
                msg = f"a key has {_KEY_BYTES} bytes, not {len(each)}"
                raise ValueError(msg)
        self.key = key
        self.authentication_key = authentication_key or self.authentication_key
        self.counter = 0

    def next_counter(self) -> int:
        """Return the counter for the next frame, and increment it."""
        counter = self.counter
        self.counter = (counter + 1) % (1 << 32)
        return counter

    def frame(self, plain: bytes, number: int, *, break_tag: bool = False) -> bytes:
        """Return the frame for a telegram under a counter."""
        counter = number.to_bytes(4)
        encryptor = Cipher(
            algorithms.AES(self.key),
            modes.GCM(self.system_title + counter, min_tag_length=TAG_BYTES),
        ).encryptor()
        encryptor.authenticate_additional_data(
            bytes([_SECURITY_CONTROL]) + self.authentication_key
        )
        text = encryptor.update(plain) + encryptor.finalize()
        tag = encryptor.tag[:TAG_BYTES]
        if break_tag:
            tag = bytes(byte ^ 0xFF for byte in tag)
        length = 1 + len(counter) + len(text) + TAG_BYTES
        return b"".join(
            (
                b"\xdb",
                bytes([len(self.system_title)]),
                self.system_title,
                b"\x82",
                length.to_bytes(2),
                bytes([_SECURITY_CONTROL]),
                counter,
                text,
                tag,
            )
        )
