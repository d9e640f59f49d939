"""Print the exact versions that the installed Home Assistant requires.

Its own version, its package constraints and the requirements of its integrations, as
lines for ``uv pip install --overrides``. Needs the package's files only: it runs before
what Home Assistant itself needs is installed.
"""

from importlib.metadata import version
from importlib.util import find_spec
import json
from pathlib import Path
import re

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;#]+)$")


def main() -> None:
    """Print one line per package; constraints take precedence over integrations."""
    spec = find_spec("homeassistant")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    lines = [f"homeassistant=={version('homeassistant')}"]
    lines += (package / "package_constraints.txt").read_text().splitlines()
    for manifest in sorted(package.glob("components/*/manifest.json")):
        lines += json.loads(manifest.read_text()).get("requirements", [])
    found: dict[str, str] = {}
    for line in lines:
        if (pin := _PIN.match(line)) and "[" not in line:
            found.setdefault(re.sub(r"[-_.]+", "-", pin[1]).lower(), pin[2])
    for name, wanted in found.items():
        print(f"{name}=={wanted}")


if __name__ == "__main__":
    main()
