"""Tokens of Cozify: signed JWTs in shape, validated by lookup."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
import json
from random import Random
from typing import Any

CLOUD_LIFE = 28 * 86_400 + 600
"""Seconds for which a cloud token is valid."""

ADMIN, USER, GUEST = 32, 8, 2


@dataclass(slots=True)
class Token:
    """A token that was issued."""

    text: str
    email: str
    expires: float
    hub_id: str | None = None
    role: int = USER
    revoked: bool = False


class Mint:
    """Issues and validates tokens."""

    def __init__(self, seed: int = 0) -> None:
        """Start without tokens."""
        self._random = Random(f"{seed}/mint")
        self.issued: dict[str, Token] = {}

    def issue(
        self, email: str, now: float, life: float, claims: dict[str, Any], **known: Any
    ) -> Token:
        """Issue a token that is valid for ``life`` seconds."""
        header = {"typ": "JWT", "alg": "HS512", "dom": "uk"}
        payload = {
            "kid": str(self._random.getrandbits(64)),
            "iat": int(now),
            "exp": int(now + life),
            **claims,
        }
        signature = _encode(self._random.randbytes(64))
        text = f"{_encode(_json(header))}.{_encode(_json(payload))}.{signature}"
        token = Token(text, email, now + life, **known)
        self.issued[text] = token
        return token

    def store(self) -> list[dict[str, Any]]:
        """Return all tokens in a form that JSON can store."""
        return [asdict(token) for token in self.issued.values()]

    def restore(self, stored: Iterable[Mapping[str, Any]]) -> None:
        """Restore tokens that were issued before, and continue from there."""
        for one in stored:
            token = Token(**one)
            self.issued[token.text] = token
        self._random.seed(f"{len(self.issued)}/restored")

    def find(self, text: str, now: float) -> Token | None:
        """Return a valid token, given bare or as a bearer token."""
        token = self.issued.get(text.removeprefix("Bearer ").strip())
        if token is None or token.revoked or token.expires <= now:
            return None
        return token


def _json(claims: dict[str, Any]) -> bytes:
    return json.dumps(claims, separators=(",", ":")).encode()


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
