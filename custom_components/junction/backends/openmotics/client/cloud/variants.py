"""Requests that differ between generations of the cloud."""

from collections.abc import Awaitable, Callable, Sequence

from .....errors import BackendError


class Variants:
    """Tries forms of a request, the newest first, and remembers which one worked.

    ``unknown`` are the errors that say that the cloud does not know a form, and did
    nothing; ``final`` are those among them that do not. Any other error ends the
    attempt, for the command may have begun.
    """

    def __init__(
        self, *unknown: type[BackendError], final: tuple[type[BackendError], ...] = ()
    ) -> None:
        """Know of nothing yet."""
        self._unknown = unknown
        self._final = final
        self.works: dict[str, int] = {}
        """By subject: which form the cloud took last."""

    async def send[ResultT](
        self, subject: str, forms: Sequence[Callable[[], Awaitable[ResultT]]]
    ) -> ResultT:
        """Send the form that worked for a subject, or else the first one that does.

        Raises the error of the form that was tried first when none is known.
        """
        best = self.works.get(subject, 0)
        first: BackendError | None = None
        for number in [best, *(n for n in range(len(forms)) if n != best)]:
            try:
                result = await forms[number]()
            except self._unknown as err:
                if isinstance(err, self._final):
                    raise
                first = first or err
                continue
            self.works[subject] = number
            return result
        assert first is not None  # there is at least one form
        raise first
