"""Verdicts on raw calls to a DSMR-reader.

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
    """Return a path with the version of the API, version 2 by default."""
    return path if path.startswith(("v1/", "v2/")) else f"v2/{path}"


def judge(
    method: str, path: str, body: object, now: datetime, zone: tzinfo
) -> Judgement:
    """Return the verdict on a request; ``path`` is below ``/api/`` with its version.

    The API cannot delete what was written, so all writes need confirmation. Raises
    CallerError for a reading in the future; ``zone`` is the server's.
    """
    if method != "GET" and path == _READINGS and isinstance(body, Mapping):
        said = body.get("timestamp")
        moment = read_moment(said, zone) if isinstance(said, str) else None
        if moment is not None and moment > now + AHEAD:
            raise CallerError(str(said), field="body")
    return judge_request((), method, path)
