"""Data frames: the points of a device or stream as a table.

See docs/protocols/iotile.md#data-frames.
"""

from collections.abc import Callable, Sequence
from random import Random
import statistics
from typing import Any, cast

from aiohttp import web

from .data import masked, selected, time_range
from .values import Json, shown
from .wire import WORLD, Refused, answer, user_of
from .world import World, iso

type Number = float | int | None

_STATS: tuple[tuple[str, Callable[[Sequence[float]], float]], ...] = (
    ("count", len),
    ("sum", sum),
    ("mean", statistics.fmean),
    ("std", lambda values: statistics.stdev(values) if len(values) > 1 else 0.0),
    ("min", min),
    ("median", statistics.median),
    ("max", max),
)


async def frame(request: web.Request) -> web.Response:
    """Return a data frame; its rows are not sorted."""
    query, world = request.query, request.app[WORLD]
    try:
        user_of(request)
    except Refused as err:
        words = cast("Json", err.body)["detail"]
        text = f"Error: {words}"
        return web.Response(
            status=401, text=text, content_type="text/csv", headers=err.headers
        )
    wanted = query.get("filter", "")
    # A frame of a whole device, or of a device with a record, has converted values.
    recorded = wanted[:3] in ("d--", "p--") or world.stream(wanted) is not None
    column = "value" if recorded else "int_value"
    names = ["row", column, "stream_slug"]
    if query.get("extended") == "1":
        names += ["device_timestamp", "streamer_local_id"]
    rows = _rows(request, world, column)
    if query.get("pivot") == "1":
        names = ["row", *sorted({row["stream_slug"] for row in rows})]
        rows = _pivoted(rows, column)
        if query.get("stats") == "1" and query.get("apply_mdo") == "1":
            rows = _described(rows, names[1:])
    else:
        Random(len(rows)).shuffle(rows)
    return _answer(request, rows, names)


def _rows(request: web.Request, world: World, column: str) -> list[Json]:
    query = request.query
    wanted = query.get("filter", "")
    start, end = time_range(request)
    slugs = [] if wanted[:3] in ("v--", "p--") else selected(request, world)
    if wanted.startswith("d--"):
        slugs = [slug for slug in slugs if world.stream(slug)]
    rows: list[Json] = []
    for slug in slugs:
        stream = world.stream(slug)
        variable = world.variable(stream["variable"]) if stream else None
        points = world.points[slug]
        if query.get("mask") == "1":
            points = masked(world, slug, points)
        for row in points:
            if not start <= row.time < end:
                continue
            value: Any = row.value if column == "value" else row.int_value
            if query.get("apply_mdo") == "1" and column == "value":
                value = shown(stream, row.value, variable) or 0.0
                if query.get("format") == "json":
                    value = round(value, 10)
            found = {"row": row.time, column: value, "stream_slug": slug}
            found["device_timestamp"] = row.device_time
            found["streamer_local_id"] = row.local_id
            rows.append(found)
    return rows


def _pivoted(rows: list[Json], column: str) -> list[Json]:
    """Return one row per moment, with a column for each stream."""
    found: dict[float, Json] = {}
    for row in sorted(rows, key=lambda r: r["row"]):
        line = found.setdefault(row["row"], {"row": row["row"]})
        line[row["stream_slug"]] = row[column]
    return list(found.values())


def _described(rows: list[Json], slugs: list[str]) -> list[Json]:
    values = {slug: [row[slug] for row in rows if slug in row] for slug in slugs}
    return [
        {"row": name, **{s: float(work(found)) for s, found in values.items() if found}}
        for name, work in _STATS
    ]


def _answer(request: web.Request, rows: list[Json], names: list[str]) -> web.Response:
    query = request.query

    def when(row: Json, text: Callable[[str], str]) -> str:
        at = row["row"]
        return at if isinstance(at, str) else text(iso(at))

    json_wanted = "application/json" in request.headers.get("Accept", "")
    if query.get("format") == "json" or (json_wanted and "format" not in query):
        return answer(
            [
                {
                    **{name: row.get(name) for name in names},
                    "row": when(row, lambda text: text.replace("Z", ".000Z")),
                }
                for row in rows
            ]
        )
    lines = [",".join(names)]
    if query.get("pivot") != "1":
        rows = sorted(rows, key=lambda r: (r["row"], r["stream_slug"]))
    for row in rows:
        at = when(row, lambda text: text.replace("T", " ").replace("Z", "+00:00"))
        cells = (row.get(name) for name in names[1:])
        lines.append(",".join([at, *("" if c is None else str(c) for c in cells)]))
    kind = "text/plain" if query.get("format") == "txt" else "text/csv"
    return web.Response(text="\n".join(lines) + "\n", content_type=kind)
