"""Responses with the headers and the pages of the product."""

from collections.abc import Mapping
import json

from aiohttp import web

_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
_NOT_FOUND = """
<!doctype html>
<html lang="en">
<head>
  <title>Not Found</title>
</head>
<body>
  <h1>Not Found</h1><p>The requested resource was not found on this server.</p>
</body>
</html>
"""
_SERVER_ERROR = """<!DOCTYPE html>
<html>
    <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Server Error | DSMR-reader</title>
    </head>
    <body><h1>Server Error</h1></body>
</html>
"""
_TEXT = "text/html; charset=utf-8"
_SCHEMA = "openapi: 3.0.2\ninfo:\n  title: DSMR-reader API\n  version: v5.11\n"


def _headers(content_type: str) -> dict[str, str]:
    return {"Content-Type": content_type, "Vary": "Accept-Language", **_SECURITY}


def json_answer(
    status: int, body: object, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return JSON."""
    return web.Response(
        status=status,
        body=json.dumps(body, ensure_ascii=False).encode(),
        headers={**_headers("application/json"), **(headers or {})},
    )


def text_answer(
    status: int, body: str, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return a text response, which is always labeled as HTML."""
    return web.Response(
        status=status,
        body=body.encode(),
        headers={**_headers(_TEXT), **(headers or {})},
    )


def schema_answer(request: web.Request) -> web.Response:
    """Return the OpenAPI document, which requires no key."""
    accept = request.headers.get("Accept", "*/*")
    allow = {"Allow": "GET, HEAD, OPTIONS"}
    if request.query.get("format") == "openapi-json":
        info = {"title": "DSMR-reader API", "version": "v5.11"}
        kind = "application/vnd.oai.openapi+json"
        return web.Response(
            body=json.dumps({"openapi": "3.0.2", "info": info}).encode(),
            headers={**_headers(kind), **allow},
        )
    if "*/*" not in accept:
        detail = "Could not satisfy the request Accept header."
        return json_answer(406, {"detail": detail}, allow)
    return web.Response(
        body=_SCHEMA.encode(),
        headers={**_headers("application/vnd.oai.openapi"), **allow},
    )


def not_found() -> web.Response:
    """Return the page for paths that do not exist."""
    return web.Response(
        status=404, body=_NOT_FOUND.encode(), headers=_headers("text/html")
    )


def server_error() -> web.Response:
    """Return the page of an internal server error."""
    return text_answer(500, _SERVER_ERROR)
