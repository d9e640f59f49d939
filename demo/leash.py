"""Run a command that cannot outlive the process that started it.

``python leash.py COMMAND...`` runs the command until it exits or standard input is closed, which
happens however the other side of the pipe dies. The command then gets SIGTERM, and SIGKILL after
``PATIENCE`` seconds. Exits with the command's own code.
"""

import os
import subprocess
import sys
import threading
from typing import Final

PATIENCE: Final = 140.0


def _follow(child: subprocess.Popen[bytes]) -> None:
    """Stop the command once the other end of standard input is closed."""
    # Not through sys.stdin, whose lock this thread would hold while the interpreter exits.
    while os.read(0, 1024):
        pass
    child.terminate()
    try:
        child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()


def main(command: list[str]) -> int:
    """Run a command on the leash."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - our caller's words
    threading.Thread(target=_follow, args=(child,), daemon=True).start()
    code = child.wait()
    # Same convention as a shell: 128 + signal.
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
