"""Decode the payloads of HDLC frames with amshan, as its users do."""

from datetime import datetime
import json
from pathlib import Path
import sys
from typing import Any

from han.autodecoder import AutoDecoder


def plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    return value.isoformat() if isinstance(value, datetime) else value


def main(report: str, given: dict[str, Any]) -> None:
    """Write the result of each payload."""
    found: dict[str, Any] = {}
    for name, payload in given["payloads"].items():
        try:
            told = AutoDecoder().decode_message_payload(bytes.fromhex(payload))
        except KeyError as err:
            # It lets this one out for ids that it does not know
            found[name] = {"error": f"KeyError {err}"}
            continue
        found[name] = {key: plain(value) for key, value in (told or {}).items()}
    Path(report).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
