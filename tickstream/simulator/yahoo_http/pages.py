"""The page of a quote, and the consent form that stands before it in the EU (C.2), all on our own port.

307 to /consent, 302 to /v2/collectConsent, the form, its POST, 302 to
/copyConsent, 302 back to the page, whose 301 nobody needs any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from urllib.parse import parse_qs, quote, urlsplit
from uuid import UUID

from tickstream.http import Request, Response
from tickstream.simulator.yahoo_http import answers
from tickstream.simulator.yahoo_http.cookies import Cookies, header_of, jar_of, of_a_page

__all__ = ["Pages"]

_MOST_SESSIONS = 200
_PAGE = "<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>\n"
_FORM = """<form method="post" class="consent-form" action="">
<input type="hidden" name="csrfToken" value="{token}">
<input type="hidden" name="sessionId" value="{session}">
<input type="hidden" name="originalDoneUrl" value="{done}">
<input type="hidden" name="namespace" value="yahoo">
<button type="submit" class="btn secondary accept-all " name="agree" value="agree">Accept all</button>
<button type="submit" class="btn secondary reject-all" name="reject" value="reject">Reject all</button>
</form>"""


@dataclass(slots=True)
class _Visit:
    """A consent that is being given."""

    token: str
    done: str
    answered: bool = False


class Pages:
    """Pages, and who has agreed."""

    def __init__(self, cookies: Cookies) -> None:
        self._cookies = cookies
        self._visits: dict[str, _Visit] = {}
        self._tokens = 0

    def page(self, request: Request, *, in_the_eu: bool) -> Response:
        """GET /quote/{symbol}; cookies only for who takes HTML."""
        if "guccounter" in request.query:
            return answers.redirect(301, f"{_root(request)}{request.path.rstrip('/')}/")
        if in_the_eu:
            return self._sent_to_consent(request)
        shows = "text/html" in (request.header("accept") or "")
        headers = of_a_page(self._cookies.shown_by(request) or self._cookies.issue()) if shows else []
        symbol = request.path.rstrip("/").rpartition("/")[2]
        title = f"{escape(symbol)} (simulated)"
        return answers.html(_PAGE.format(title=title, body="<p>No price here is real.</p>"), headers=headers)

    @staticmethod
    def has_agreed(request: Request) -> bool:
        """Whether the form was answered before."""
        return "GUC" in jar_of(request)

    def consent(self, request: Request) -> Response:
        """The steps after the first."""
        step = {
            ("GET", "/consent"): self._begin,
            ("GET", "/v2/collectConsent"): self._form,
            ("POST", "/v2/collectConsent"): self._take,
            ("GET", "/copyConsent"): self._finish,
        }.get((request.method, request.path))
        if step is None:
            raise answers.Refused(405, "Method Not Allowed", f"No such step: {request.method} {request.path}")
        return step(request)

    def _sent_to_consent(self, request: Request) -> Response:
        self._tokens += 1
        token = sha256(f"{self._tokens}:gcrumb".encode()).hexdigest()[:7]
        done = quote(f"{_root(request)}{request.path}", safe="")
        location = f"{_root(request)}/consent?brandType=nonEu&gcrumb={token}&done={done}"
        return answers.redirect(
            307, location, [header_of("GUCS", f"AV78X-{token}", age=1800, http_only=False)]
        )

    def _begin(self, request: Request) -> Response:
        token, done = request.query.get("gcrumb", ""), request.query.get("done", "")
        if not token or jar_of(request).get("GUCS") != f"AV78X-{token}":
            return _refused("The session has ended.")
        if urlsplit(done).netloc != request.header("host"):
            return _refused("That is not one of our pages.")
        digest = sha256(f"{token}:{len(self._visits)}:session".encode()).digest()
        session = f"3_cc-session_{UUID(bytes=digest[:16], version=4)}"
        if len(self._visits) >= _MOST_SESSIONS:
            del self._visits[next(iter(self._visits))]
        self._visits[session] = _Visit(token, f"{done}?guccounter=1")
        return answers.redirect(302, f"{_root(request)}/v2/collectConsent?sessionId={session}")

    def _form(self, request: Request) -> Response:
        session, visit = self._visit(request.query)
        if visit is None:
            return _refused("The session has ended.")
        # Yahoo writes = as an entity in here, which a client has to undo.
        done = escape(visit.done).replace("=", "&#x3D;")
        form = _FORM.format(token=visit.token, session=session, done=done)
        return answers.html(_PAGE.format(title="Yahoo is part of the Yahoo family of brands", body=form))

    def _take(self, request: Request) -> Response:
        session, visit = self._visit(request.query)
        form = parse_qs(request.body.decode("utf-8", "replace"))
        said = {name: values[-1] for name, values in form.items()}
        if visit is None or said.get("sessionId") != session:
            return _refused("The session has ended.")
        fields = ("csrfToken", visit.token), ("originalDoneUrl", visit.done), ("namespace", "yahoo")
        if any(said.get(name) != value for name, value in fields) or not {"agree", "reject"} & said.keys():
            return _refused("The form was not filled in by us.")
        visit.answered = True
        location = f"{_root(request)}/copyConsent?sessionId={session}&lang=en-GB"
        return answers.redirect(302, location, [header_of("CFC", "AQABCA", http_only=False)])

    def _finish(self, request: Request) -> Response:
        session, visit = self._visit(request.query)
        if visit is None or not visit.answered:
            return _refused("The form has not been answered.")
        del self._visits[session]
        headers = [
            header_of("GUC", "AQABCA", http_only=False),
            *of_a_page(self._cookies.issue()),
            header_of("EuConsent", "CQM66k", age=86_400, http_only=False),
        ]
        return answers.redirect(302, visit.done, headers)

    def _visit(self, query: Mapping[str, str]) -> tuple[str, _Visit | None]:
        session = query.get("sessionId", "")
        return session, self._visits.get(session)


def _root(request: Request) -> str:
    """Where this simulator is, as its client sees it."""
    return f"http://{request.header('host') or ''}"


def _refused(reason: str) -> Response:
    return answers.html(_PAGE.format(title="Something went wrong", body=f"<p>{reason}</p>"), status=400)
