"""Check JSON files: valid, without a key given twice, and ending in a newline.

Arguments are file names. Exits with 1 and one line per file that is wrong.
"""

import json
from pathlib import Path
import sys


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Build an object, and refuse a key that would silently replace another."""
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        raise ValueError(f"key given twice: {', '.join(twice)}")
    return result


def problem(path: Path) -> str | None:
    """Return what is wrong with a file, or None."""
    try:
        text = path.read_text(encoding="utf-8")
        json.loads(text, object_pairs_hook=_unique)
    except (OSError, ValueError) as err:
        return str(err)
    return None if text.endswith("\n") else "no newline at the end"


def main(names: list[str]) -> int:
    """Check the named files and report."""
    wrong = 0
    for name in names:
        if (what := problem(Path(name))) is not None:
            print(f"{name}: {what}")
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
