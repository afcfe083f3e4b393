"""Requests to a forge's API.  Reads are repeated, writes never: one that was taken twice would be two comments."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from email.message import Message
from typing import Any

from reconciler import __version__
from reconciler.config.secrets import Secret
from reconciler.errors import MailstackError, Problem

SECONDS = 30
_ATTEMPTS = 3
_PASSING = (429, 500, 502, 503, 504)
_NEXT = re.compile(r'<([^>]+)>\s*;[^,]*\brel="?next"?')


class ForgeError(MailstackError):
    """A forge could not be asked, or said no.  What was to be told there is not told."""


class _Staying(urllib.request.HTTPRedirectHandler):
    """Follows nothing: a token must not go to another host, and an API that has moved is to be named anew."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Wire:
    """Asks one API.  The token goes into a header and nowhere else."""

    def __init__(
        self,
        api: str,
        headers: Mapping[str, str],
        token: Secret | None,
        *,
        scheme: str = "Bearer",
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.api = api.rstrip("/")
        self._headers = {"User-Agent": f"mailstack/{__version__}", "Accept": "application/json", **headers}
        self._token, self._scheme, self._pause = token, scheme, pause
        self._opener = urllib.request.build_opener(_Staying)

    def ask(self, method: str, path: str, sent: Mapping[str, object] | None = None) -> Any:
        """Return the JSON of an answer."""
        return self._answer(method, path, sent)[0]

    def pages(self, path: str) -> Iterator[Any]:
        """Yield the items of a list, page by page, as the answers' Link headers lead."""
        following: str | None = path
        while following:
            items, headers = self._answer("GET", following, None)
            yield from items
            found = _NEXT.search(headers.get("Link", ""))
            following = self._inside(found[1]) if found else None

    def _inside(self, url: str) -> str | None:
        """Return the path of a page that lies in this API; a link to elsewhere is not followed with our token."""
        return url.removeprefix(self.api) if url.startswith(f"{self.api}/") else None

    def _answer(self, method: str, path: str, sent: Mapping[str, object] | None) -> tuple[Any, Message]:
        attempts = _ATTEMPTS if method == "GET" else 1
        for attempt in range(1, attempts + 1):
            try:
                return self._once(method, path, sent)
            except urllib.error.HTTPError as error:
                if error.code in _PASSING and attempt < attempts:
                    self._pause(attempt)
                    continue
                raise ForgeError(_refused(method, path, error)) from None
            except (OSError, ValueError) as error:
                if attempt < attempts:
                    self._pause(attempt)
                    continue
                why = getattr(error, "reason", error)
                raise ForgeError(
                    Problem(summary=f"{self.api} does not answer", detail=f"{why}", rule="forge-silent")
                ) from None
        raise AssertionError("unreachable")

    def _once(self, method: str, path: str, sent: Mapping[str, object] | None) -> tuple[Any, Message]:
        request = urllib.request.Request(f"{self.api}{path}", method=method, headers=dict(self._headers))
        if sent is not None:
            request.data = json.dumps(sent).encode()
            request.add_header("Content-Type", "application/json")
        if self._token is not None:
            # Unredirected: urllib would hand an ordinary header on.
            request.add_unredirected_header(*self._login(self._token))
        with self._opener.open(request, timeout=SECONDS) as answer:
            text = answer.read()
            return (json.loads(text) if text else None), answer.headers

    def _login(self, token: Secret) -> tuple[str, str]:
        if self._scheme == "Private-Token":
            return "Private-Token", token.reveal()
        return "Authorization", f"{self._scheme} {token.reveal()}"


def _refused(method: str, path: str, error: urllib.error.HTTPError) -> Problem:
    """Return what the forge said, and what most often is behind it."""
    try:
        said = str(json.loads(error.read()).get("message", ""))[:300]
    except (OSError, ValueError, AttributeError):
        said = ""
    advice = {
        401: "The token is not taken: it is wrong, or has run out.",
        403: "The token may not do this: look at `permissions:` of the job, or the token's scopes.",
        404: "The token cannot see this, or it is not there.",
    }.get(error.code, "")
    return Problem(
        summary=f"{method} {path.partition('?')[0]}: {error.code} {said or error.reason}".rstrip(),
        detail=advice,
        rule="forge-refused",
    )
