"""What the server says, as values: success, refusal (200 with "error") and problem (4xx, 5xx).

A handler returns an Answer, or raises RefusedError with one.  The three shapes are those of
crates/http/src/management/mod.rs, v0.15.5: `{"data": …}`, `{"error": …}` with status 200, and
RFC 9457 problem documents for authentication, routes, unreadable JSON and limits.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

JSON: Final = "application/json; charset=utf-8"
PROBLEM: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, content type and body of one response; names of further headers in lower case."""

    status: int
    type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class RefusedError(Exception):
    """Ends the handling of a request; `answer` is what the client gets."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self.answer = answer


def encoded(value: object) -> bytes:
    """Return the value as compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def quoted(text: str) -> str:
    """Return the text as the server shows it within an error."""
    return json.dumps(text, ensure_ascii=False)


def data(value: object) -> Answer:
    """Return the answer of a success; None says that there is nothing to tell."""
    return Answer(200, JSON, encoded({"data": value}))


def problem(status: int, title: str | None, detail: str, *headers: tuple[str, str]) -> Answer:
    """Return a problem document."""
    document: dict[str, object] = {"type": "about:blank", "status": status, "title": title, "detail": detail}
    if title is None:
        del document["title"]
    return Answer(status, PROBLEM, encoded(document), headers)


def _error(kind: str, **fields: object) -> RefusedError:
    return RefusedError(Answer(200, JSON, encoded({"error": kind, **fields})))


def already_exists(field: str, value: str) -> RefusedError:
    return _error("fieldAlreadyExists", field=field, value=value)


def missing_field(field: str) -> RefusedError:
    return _error("fieldMissing", field=field)


def unknown_item(item: str) -> RefusedError:
    """Return "notFound": the target, a member that is named, or the domain of an address."""
    return _error("notFound", item=item)


def unsupported(details: str) -> RefusedError:
    return _error("unsupported", details=details)


def assert_failed() -> RefusedError:
    return _error("assertFailed")


def other(details: str, reason: str | None = None) -> RefusedError:
    return _error("other", details=details, reason=reason)


def bad_parameters(detail: str = "JSON deserialization failed") -> RefusedError:
    return RefusedError(problem(400, "Invalid parameters", detail))


def forbidden() -> RefusedError:
    return RefusedError(
        problem(403, "Forbidden", "You do not have enough permissions to access this resource.")
    )


def no_such_path() -> RefusedError:
    """Return the 404 that unknown paths and unknown methods share."""
    return RefusedError(problem(404, "Not Found", "The requested resource does not exist on this server."))


def unauthorized(*, with_realms: bool) -> RefusedError:
    """Return the 401; which versions name the realms depends on what went wrong."""
    realms = tuple(
        ("www-authenticate", f'{scheme} realm="Stalwart Server"')
        for scheme in (("Bearer", "Basic") if with_realms else ())
    )
    return RefusedError(problem(401, "Unauthorized", "You have to authenticate first.", *realms))


def internal_error() -> Answer:
    return problem(
        500,
        "Internal Server Error",
        "There was a problem while processing your request. "
        "Please contact the system administrator if this problem persists.",
    )
