"""Table of the steps of a check, with result and duration."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
import textwrap
import time
import traceback
from typing import Final

_WIDTH: Final = 46


class StepFailed(Exception):
    """A step found a fault; the text describes it."""


class CheckStopped(Exception):
    """A step failed that the following ones depend on."""


@dataclass(slots=True)
class Step:
    """One line of the table."""

    name: str
    result: str = ""
    failed: bool = False
    seconds: float = 0.0

    def say(self, result: str) -> None:
        """Note the result in a few words."""
        self.result = result


@dataclass(slots=True)
class Table:
    """Prints its lines as the steps end."""

    steps: list[Step] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    @contextmanager
    def step(self, name: str, *, vital: bool = False) -> Iterator[Step]:
        """Run one step. Any exception fails it, and ends the check if it is ``vital``."""
        step = Step(name)
        begin = time.monotonic()
        try:
            yield step
        except Exception as err:  # noqa: BLE001 - a check reports everything
            step.failed = True
            step.result = str(err) if isinstance(err, StepFailed) else _told(err)
        step.seconds = time.monotonic() - begin
        self.steps.append(step)
        self._print(step)
        if step.failed and vital:
            raise CheckStopped(name)

    @property
    def failed(self) -> list[Step]:
        """The steps that failed."""
        return [step for step in self.steps if step.failed]

    def close(self) -> bool:
        """Print the closing line, and return whether all steps passed."""
        seconds = time.monotonic() - self.started
        if failed := self.failed:
            print(
                f"demo: FAILED after {seconds:.0f} s: {len(failed)} of {len(self.steps)} steps"
            )
        else:
            print(f"demo: all {len(self.steps)} steps ok in {seconds:.0f} s")
        return not failed

    def _print(self, step: Step) -> None:
        mark = "FAILED" if step.failed else "ok"
        first, *more = step.result.splitlines() or [""]
        print(
            f"{mark:6} {step.seconds:6.1f} s  {step.name:{_WIDTH}} {first}".rstrip(),
            flush=True,
        )
        if more:
            print(textwrap.indent("\n".join(more), " " * 18), flush=True)


def _told(error: Exception) -> str:
    """Return an exception as text, with its place in the code unless it is a time-out."""
    words = f"{type(error).__name__}: {error}"
    if isinstance(error, TimeoutError):
        return words
    return words + "".join(
        f"\n{frame.filename}:{frame.lineno} {frame.line}"
        for frame in traceback.extract_tb(error.__traceback__)[-3:]
    )
