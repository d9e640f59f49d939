"""Record the results of a reference client's calls."""

from collections.abc import Callable
import json
from pathlib import Path
from typing import Any


class Recorder:
    """Calls functions, and records the result or exception of each."""

    def __init__(self) -> None:
        """Have called nothing."""
        self._calls: list[dict[str, Any]] = []

    def call(
        self, name: str, function: Callable[..., Any], *args: Any, **options: Any
    ) -> Any:
        """Call a function, and return its result; None if it fails."""
        try:
            value = function(*args, **options)
        except Exception as err:  # noqa: BLE001 - the test judges them
            self._calls.append({"name": name, "error": f"{type(err).__name__}: {err}"})
            return None
        self._calls.append({"name": name, "value": value})
        return value

    def write(self, file: Path, **more: Any) -> None:
        """Write all of it as JSON; what JSON cannot hold becomes text."""
        report = {"calls": self._calls, **more}
        file.write_text(json.dumps(report, default=str), encoding="utf-8")
