"""Table of the steps of a check, with their outcome and duration."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
import textwrap
import time
import traceback
from typing import Final

_WIDTH: Final = 46


class StepFailed(Exception):
    """A step found something wrong; the text says what."""


class CheckStopped(Exception):
    """A step failed without which the following make no sense."""


@dataclass(slots=True)
class Step:
    """One line of the table."""

    name: str
    result: str = ""
    failed: bool = False
    seconds: float = 0.0

    def say(self, result: str) -> None:
        """Tell in a few words what was found."""
        self.result = result


@dataclass(slots=True)
class Table:
    """Prints its lines as they come."""

    steps: list[Step] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    @contextmanager
    def step(self, name: str, *, vital: bool = False) -> Iterator[Step]:
        """Do one step. Whatever it raises fails it, and ends the check if it is ``vital``."""
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
        """Print the closing line, and return whether all went well."""
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
    """Return an exception, and where it was raised if it is not one of waiting."""
    words = f"{type(error).__name__}: {error}"
    if isinstance(error, TimeoutError):
        return words
    return words + "".join(
        f"\n{frame.filename}:{frame.lineno} {frame.line}"
        for frame in traceback.extract_tb(error.__traceback__)[-3:]
    )
