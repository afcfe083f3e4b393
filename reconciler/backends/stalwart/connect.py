"""Which Stalwart is there: probe it, learn its version, and refuse what we do not manage.

Without a login, `GET /api/principal` is 401 up to 0.15 and 404 from 0.16 on, which has no such path.
The exact version comes from `POST /api/oauth`, which stores one code that expires by itself: the one
thing that a plan leaves behind.
"""

from __future__ import annotations

from reconciler.backends.stalwart.http import Forbidden, Refused, Uncertain, Wire
from reconciler.backends.stalwart.versions import Traits, traits_of
from reconciler.errors import Problem, ReadError


def connect(wire: Wire) -> Traits:
    """Return how the server at the other end behaves.  ReadError when there is none that we manage."""
    _probe(wire)
    return _traits(wire)


def _probe(wire: Wire) -> None:
    status, kind, location = wire.status_without_login("/api/principal")
    if status == 401:
        return
    if status == 404 and "json" in kind:
        raise ReadError(
            Problem(
                summary=f"{wire.url} is Stalwart 0.16 or later",
                detail=(
                    "Its management interface is another one, which this version of mailstack does not speak.\n"
                    "It manages Stalwart 0.11 to 0.15."
                ),
                rule="server-generation",
            )
        )
    if location:
        raise ReadError(
            Problem(
                summary=f"{wire.url} sends us elsewhere",
                detail=(
                    f"It answered {status} with the location {location!r}. mailstack does not follow, because the\n"
                    "password would go along. stalwart.url wants the address of the HTTP listener itself."
                ),
                rule="not-stalwart",
            )
        )
    if status >= 500:
        raise ReadError(
            Problem(
                summary=f"{wire.url} answered {status}",
                detail=(
                    "The server is starting, or a proxy stands in between and does not reach it. Look at the\n"
                    "server's log, or ask its HTTP listener itself (stalwart.url)."
                ),
                rule="server-error",
            )
        )
    raise ReadError(
        Problem(
            summary=f"{wire.url} is no Stalwart",
            detail=(
                f"Asked for /api/principal without a login it answered {status} ({kind or 'no type'}),\n"
                "where Stalwart answers 401. "
                "stalwart.url wants the address of its HTTP listener, such as http://127.0.0.1:8080."
            ),
            rule="not-stalwart",
        )
    )


def _traits(wire: Wire) -> Traits:
    body = {"type": "code", "client_id": "mailstack", "redirect_uri": None}
    try:
        answer = wire.write("POST", "/api/oauth", body)
    except (Refused, Uncertain) as error:
        if isinstance(error.__cause__, Forbidden):
            raise error.__cause__ from error
        raise ReadError(*error.problems) from error
    version = str(answer.get("version", "")) if isinstance(answer, dict) else ""
    if not version:
        raise ReadError(
            Problem(
                summary=f"{wire.url} does not tell its version",
                detail="Is this the HTTP listener of Stalwart, and not a proxy in front of something else?",
                rule="not-stalwart",
            )
        )
    return traits_of(version)
