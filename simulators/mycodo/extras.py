"""Less important endpoints: notes, logs, cameras, stopping the daemon."""

from collections.abc import Callable
from typing import Final

from .pipeline import Abort, Call, Pipeline, Reply, failure

_LOGS: Final = (
    "login",
    "http_access",
    "http_error",
    "daemon",
    "dependency",
    "import",
    "keepup",
    "backup",
    "restore",
    "upgrade",
)


class Extras:
    """Handlers of the less important endpoints."""

    def __init__(self, pipeline: Pipeline) -> None:
        """Store the state."""
        self._state = pipeline.state

    async def note(self, call: Call) -> Reply:
        """Create a note; tags are given by id, unlike in the documentation."""
        body = call.body if isinstance(call.body, dict) else {}
        if not body.get("tags"):
            raise failure("TypeError: 'NoneType' object is not iterable")
        if not set(body["tags"].split(",")) <= set(self._state.tags):
            raise failure("werkzeug.exceptions.InternalServerError: 500")
        self._state.notes.append({key: str(body.get(key)) for key in ("name", "note")})
        return 200, {"message": "Success"}

    async def log(self, call: Call) -> Reply:
        """Return the end of a log."""
        if call.at["log"] not in _LOGS:
            raise Abort(404, {"message": "Unknown log type"})
        if call.at["log"] != "daemon":
            raise Abort(404, {"message": "Log not found"})
        return 200, {"message": "2026-11-20 08:27:36,554 - INFO - mycodo - Started"}

    async def camera(self, call: Call) -> Reply:
        """Refuse: there is no camera."""
        raise Abort(422, {"custom": "No camera with ID found"})

    async def terminate(self, call: Call) -> Reply:
        """Stop the daemon for good."""
        self._state.daemon_running = False
        return 200, {"message": "Daemon instructed to terminate"}


def add_extra_routes(add: Callable[..., None], pipeline: Pipeline) -> None:
    """Add the endpoints."""
    extras, features = Extras(pipeline), pipeline.state.features
    if features.notes:
        add(
            "POST",
            "/notes/create",
            extras.note,
            permission="controllers",
            null={},
            body=True,
        )
    if features.multi:
        add("GET", "/log/tail/{log}/{lines}", extras.log, permission="controllers")
    for path in (
        "/cameras/last_image/{id}/{kind}",
        "/cameras/capture_image/{id}",
    ):
        add("GET", path, extras.camera, permission="camera")
    add("POST", "/daemon/terminate", extras.terminate, permission="controllers")
