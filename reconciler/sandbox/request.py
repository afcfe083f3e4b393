"""One request as the handlers see it: method, path, parameters, JSON body."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus, unquote_to_bytes

from reconciler.sandbox.answers import bad_parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request after HTTP.  `body` is None when it was too long to be read."""

    method: str
    path: str
    query: str = ""
    authorization: str | None = None
    body: bytes | None = b""

    @property
    def segments(self) -> list[str]:
        """The parts of the path, still encoded: /api/a%2Fb/ gives api, a%2Fb and an empty one."""
        return self.path.split("/")[1:]

    def parameters(self) -> dict[str, str]:
        """Return the query's parameters.  Empty values vanish, of equal names the last one counts.

        So `?dry-run` and `?dry-run=` are not there (crates/utils/src/url_params.rs, v0.15.5).
        """
        return dict(parse_qsl(self.query, keep_blank_values=False))

    def json(self) -> object:
        """Return the body as JSON.  Raises RefusedError (400): the server never tells the reason."""
        return decoded(self.body or b"")


def number(text: str | None, default: int = 0) -> int:
    """Return the parameter as a number that is not negative; anything else is the default."""
    return int(text) if text and text.isascii() and text.isdigit() else default


def decoded(body: bytes) -> object:
    """Return the JSON value in the body, or raise RefusedError (400)."""
    try:
        value: object = json.loads(body, parse_constant=_refuse)
        if b"\\ud" in body.lower():
            # Python reads half of a surrogate pair, which is no text and cannot be sent back.
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise bad_parameters() from error
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def path_element(text: str, *, as_form: bool) -> str:
    """Return the decoded element of a path.

    0.11.8 reads it as a form (`+` is a space, the rest after `=` or `&` is lost); later
    versions decode %XX only, and take what is not UTF-8 as it stands.
    """
    if as_form:
        return unquote_plus(text.partition("&")[0].partition("=")[0])
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return text
