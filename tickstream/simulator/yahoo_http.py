"""Yahoo's HTTP, simulated: nothing of it yet, so each path is one that Yahoo does not have."""

from __future__ import annotations

import msgspec

from tickstream.http import Request, Response

__all__ = ["answer"]


async def answer(request: Request) -> Response:
    """What Yahoo's gateway says when there is nothing at a path."""
    error = {"code": "Not Found", "description": f"No such path: {request.path}"}
    body = msgspec.json.encode({"finance": {"result": None, "error": error}})
    return Response(404, (("content-type", "application/json;charset=utf-8"),), body)
