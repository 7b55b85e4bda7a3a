"""Answers as Yahoo gives them: JSON with its headers, and refusals in the envelope of B.9. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from tickstream.http import Response
from tickstream.sources.yahoo import SIMULATOR

__all__ = ["Document", "Refused", "bad_request", "html", "json", "not_found", "redirect", "text"]

Document = dict[str, Any]
"""A JSON object."""

Headers = Iterable[tuple[str, str]]


class Refused(Exception):
    """What was asked for is not answered; `envelope` is the key that the error stands under."""

    def __init__(self, status: int, code: str, description: str, envelope: str = "finance") -> None:
        super().__init__(description)
        self.status, self.code, self.description, self.envelope = status, code, description, envelope

    def response(self) -> Response:
        """How that is said."""
        error = {"code": self.code, "description": self.description}
        document = {self.envelope: {"result": None, "error": error}}
        return json(document, status=self.status, cache="private, max-age=0")


def bad_request(description: str, envelope: str = "finance") -> Refused:
    """400: the caller's mistake."""
    return Refused(400, "Bad Request", description, envelope)


def not_found(description: str, envelope: str = "finance") -> Refused:
    """404: there is no such thing."""
    return Refused(404, "Not Found", description, envelope)


def json(document: object, *, status: int = 200, cache: str = "", headers: Headers = ()) -> Response:
    """`document` as JSON; `cache` is its cache-control."""
    body = msgspec.json.encode(document)
    return _response(status, "application/json;charset=utf-8", body, cache, headers)


def text(words: str, *, status: int = 200, cache: str = "", headers: Headers = ()) -> Response:
    """Plain text."""
    return _response(status, "text/plain;charset=utf-8", words.encode(), cache, headers)


def html(page: str, *, status: int = 200, headers: Headers = ()) -> Response:
    """A page."""
    return _response(status, "text/html; charset=utf-8", page.encode(), "no-store", headers)


def redirect(status: int, location: str, headers: Headers = ()) -> Response:
    """Somewhere else; without a body, as Yahoo's."""
    return _response(status, "text/html; charset=utf-8", b"", "no-store", [("location", location), *headers])


def _response(status: int, content_type: str, body: bytes, cache: str, headers: Headers) -> Response:
    said = [("server", SIMULATOR), ("content-type", content_type), ("vary", "Origin,Accept-Encoding")]
    if cache:
        said.append(("cache-control", cache))
    return Response(status, (*said, *headers), body)
