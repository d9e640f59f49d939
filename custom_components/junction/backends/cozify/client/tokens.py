"""Read the claims of tokens (docs/protocols/cozify.md#tokens)."""

from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import orjson

from ....moments import moment_at
from ...http import json_fields as j
from .errors import BadTokenError

_SHORTEST = 10


@dataclass(frozen=True, slots=True)
class Claims:
    """Useful claims of a token; None if it lacks them."""

    issued: datetime | None = None
    expires: datetime | None = None
    hub_id: str | None = None
    hub_name: str | None = None


def parse_token(text: str) -> str:
    """Return the token in an answer, bare or quoted, regardless of the content type.

    Raises BadTokenError.
    """
    token = text.strip().removeprefix('"').removesuffix('"').strip()
    if token.count(".") != 2 or len(token) <= _SHORTEST or not token.isascii():
        raise BadTokenError
    if any(character.isspace() for character in token):
        raise BadTokenError
    return token


def claims(token: str) -> Claims:
    """Return the claims of a token. Never raises, because they are optional."""
    header, body = (_part(token, index) for index in (0, 1))
    # The vendor's app looks for the expiry in the header first.
    expires = j.number(header, "exp") or j.number(body, "exp")
    return Claims(
        issued=moment_at(j.number(body, "iat")),
        expires=moment_at(expires),
        hub_id=j.text(body, "hubId") or j.text(body, "hub_id"),
        hub_name=j.text(body, "hubName") or j.text(body, "hub_name"),
    )


def _part(token: str, index: int) -> object:
    parts = token.split(".")
    if index >= len(parts):
        return None
    try:
        padded = parts[index] + "=" * (-len(parts[index]) % 4)
        return cast("object", orjson.loads(urlsafe_b64decode(padded)))
    except ValueError, Base64Error:
        return None
