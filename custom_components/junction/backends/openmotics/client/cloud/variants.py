"""Requests that differ between versions of the cloud."""

from collections.abc import Awaitable, Callable, Sequence

from .....errors import BackendError


class Variants:
    """Try forms of a request, the newest first, and remember which one worked.

    ``unknown`` are errors that mean that the cloud does not know a form, and did
    nothing; ``final`` are exceptions to them. Any other error ends the attempt, because
    the command may have been carried out.
    """

    def __init__(
        self, *unknown: type[BackendError], final: tuple[type[BackendError], ...] = ()
    ) -> None:
        """Initialize without known forms."""
        self._unknown = unknown
        self._final = final
        self.works: dict[str, int] = {}
        """By subject: index of the form that worked last."""

    async def send[ResultT](
        self, subject: str, forms: Sequence[Callable[[], Awaitable[ResultT]]]
    ) -> ResultT:
        """Send the form that worked for a subject, or else the first one that works.

        Raises the error of the first form if none works.
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
