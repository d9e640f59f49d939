"""Which requests by people are sent to a DSMR-reader.

See ``docs/protocols/dsmr_reader.md#endpoints``.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Final

from ....errors import CallerError
from ....moments import read_moment
from ...verdict import Judgement, judge_request

AHEAD: Final = timedelta(hours=1)
"""A reading further ahead would hide all others until then."""
_READINGS: Final = "v2/datalogger/dsmrreading"


def full_path(path: str) -> str:
    """Return a path with the version of the API in front: the second, if none is said."""
    return path if path.startswith(("v1/", "v2/")) else f"v2/{path}"


def judge(
    method: str, path: str, body: object, now: datetime, zone: tzinfo
) -> Judgement:
    """Return what becomes of a request, ``path`` below ``/api/`` with its version.

    What was written cannot be deleted by the API, so all of it needs confirmation. Raises
    CallerError for a reading of the future; ``zone`` is the server's.
    """
    if method != "GET" and path == _READINGS and isinstance(body, Mapping):
        said = body.get("timestamp")
        moment = read_moment(said, zone) if isinstance(said, str) else None
        if moment is not None and moment > now + AHEAD:
            raise CallerError(str(said), field="body")
    return judge_request((), method, path)
