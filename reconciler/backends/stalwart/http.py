"""One HTTP client for one server: it repeats reads, never writes, and turns every answer into a value or one of our errors.

Stalwart 0.11 to 0.15 answers errors of its domain with status 200 and `{"error": …}`; only
authentication, permission, route, JSON and limit errors have another status.  A banned client gets
no answer at all: its connection is closed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, Final, NamedTuple

from reconciler.backends.stalwart import trouble
from reconciler.config.secrets import Secret
from reconciler.errors import InputError, Problem, ReadError, WriteError

# httpx brings a command line of its own, which would load rich and pygments: a tenth of our start-up.
# It goes without where this module cannot be imported (httpx 0.27 and 0.28, __init__.py).
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None is how import is refused

import httpx  # noqa: E402 - it comes after

_READ_TRIES: Final = 4
_BACKOFF: Final = 0.25  # seconds before the second try; doubled after each
_PAUSE: Final = 5.0  # seconds before a limited request is sent again, where the server says nothing
_PAUSE_MAX: Final = 30.0
_LIMIT_WAIT: Final = 65.0  # seconds: rates are counted in windows of one minute


class Forbidden(ReadError):
    """Our login may not see or do this (403).  Never to be taken for absent."""


class Refused(WriteError):
    """The server said no and did nothing: `code` and `item` are its own words."""

    def __init__(self, problem: Problem, code: str, item: str) -> None:
        super().__init__(problem)
        self.code = code
        self.item = item


class Uncertain(WriteError):
    """It is not known whether the server took the write: it must be read again."""


class Glance(NamedTuple):
    """What somebody without a login gets to see: the status, the type and, of a redirection, where it leads."""

    status: int
    kind: str
    location: str


class Wire:
    """The connection to one server.  Not for two threads.

    through is where its port is forwarded to, if it is; url stays its name, also for its certificate.
    """

    def __init__(
        self,
        url: str,
        username: str,
        password: Secret,
        *,
        timeout: float = 60.0,
        verify: bool | str = True,
        through: str = "",
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.url = url
        self._username = username
        self._twin = partial(
            Wire,
            url,
            username,
            password,
            timeout=timeout,
            verify=verify,
            through=through,
            sleep=sleep,
            now=now,
            tell=tell,
        )
        self._sleep = sleep
        self.now = now
        self._dated: tuple[str, float] | None = None
        self._tell = tell
        self.own_address = ""
        self._extensions = {"sni_hostname": httpx.URL(url).host} if through else {}
        self._client = httpx.Client(
            base_url=through or url,
            auth=httpx.BasicAuth(username, password.reveal()),
            timeout=httpx.Timeout(timeout, connect=min(timeout, 10.0)),
            # Reading the system's authorities takes 80 ms, and plain http on loopback has no use for them.
            verify=_verification(verify) if url.startswith("https:") else False,
            headers={"Accept": "application/json", "User-Agent": "mailstack"},
            trust_env=False,  # a proxy from the environment would see the admin's password
        )

    def close(self) -> None:
        self._client.close()

    def twin(self) -> Wire:
        """Return another connection to the same server, for another thread."""
        return self._twin()

    def server_now(self) -> float:
        """Return the server's time in seconds since 1970, as its last answer told it; to a second or so.

        Where it tells none, this machine's.
        """
        now = self.now()
        if self._dated is None:
            return now
        date, at = self._dated
        try:
            # The header has whole seconds: on average it is half of one behind.
            return now + parsedate_to_datetime(date).timestamp() + 0.5 - at
        except ValueError:
            return now

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """Return the `data` of an answer.  Reads only; tried again on a broken connection or a 5xx."""
        error: Exception | None = None
        for attempt in range(_READ_TRIES):
            if attempt:
                self._sleep(_BACKOFF * 2 ** (attempt - 1))
            try:
                answer = self._sent("GET", path, query=query)
            except httpx.TransportError as failure:
                error = failure
                if _is_final(failure):
                    break
                continue
            if answer.status_code < 500:
                return self._data(answer, path)
            error = ReadError(self._problem_of(answer, path))
        if isinstance(error, ReadError):
            raise error
        assert isinstance(error, httpx.TransportError)
        raise ReadError(self._unreachable(error)) from error

    def write(self, method: str, path: str, body: object = None) -> Any:
        """Send one write, once.  Raises Refused (nothing happened) or Uncertain (read again, then decide)."""
        try:
            answer = self._sent(method, path, body=body)
        except httpx.ConnectError as failure:
            raise Refused(self._unreachable(failure), "unreachable", "") from failure
        except httpx.TransportError as failure:
            raise Uncertain(self._unreachable(failure)) from failure
        if answer.status_code >= 500:
            raise Uncertain(self._problem_of(answer, path))
        try:
            return self._data(answer, path)
        except ReadError as error:
            raise Refused(error.problems[0], str(answer.status_code), "") from error

    def status_without_login(self, path: str) -> Glance:
        """Return what a stranger gets.  Reads only; not counted as a failed login."""
        try:
            request = self._client.build_request("GET", path, extensions=self._extensions)
            answer = self._client.send(request, auth=None)
        except httpx.TransportError as failure:
            raise ReadError(self._unreachable(failure)) from failure
        self._note_address(answer)
        self._tell_of("GET", path, answer)
        headers = answer.headers
        return Glance(answer.status_code, headers.get("content-type", ""), headers.get("location", ""))

    def _sent(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: object = None
    ) -> httpx.Response:
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = None if body is None else {"Content-Type": "application/json"}
        waited = 0.0
        while True:
            answer = self._client.request(
                method, path, params=query, content=content, headers=headers, extensions=self._extensions
            )
            self._note_address(answer)
            if "date" in answer.headers:
                self._dated = (answer.headers["date"], self.now())
            self._tell_of(method, path, answer)
            if answer.status_code != 429 or waited > _LIMIT_WAIT or "Authentication" in answer.text:
                return answer
            # 429 comes before anything is done, so a write may be sent again.
            pause = _seconds(answer.headers.get("retry-after", ""))
            self._sleep(pause)
            waited += pause

    def _tell_of(self, method: str, path: str, answer: httpx.Response) -> None:
        if self._tell is not None:
            # The path alone: bodies and queries may hold what nobody should read in a log.
            self._tell(f"{method} {path} -> {answer.status_code}, {len(answer.content)} bytes")

    def _note_address(self, answer: httpx.Response) -> None:
        if not self.own_address and (stream := answer.extensions.get("network_stream")) is not None:
            try:
                address = stream.get_extra_info("client_addr")
            except OSError:
                return  # who answers and closes leaves no socket to ask
            self.own_address = address[0] if address else ""

    def _data(self, answer: httpx.Response, path: str) -> Any:
        if answer.status_code >= 400:
            problem = self._problem_of(answer, path)
            raise Forbidden(problem) if answer.status_code == 403 else ReadError(problem)
        try:
            body = answer.json()
        except ValueError:
            raise ReadError(self._not_stalwart(answer, path)) from None
        if not isinstance(body, dict):
            raise ReadError(self._not_stalwart(answer, path))
        if "error" in body:
            raise _refused(body)
        return body.get("data", body)

    def _problem_of(self, answer: httpx.Response, path: str) -> Problem:
        if "json" not in answer.headers.get("content-type", ""):
            return self._not_stalwart(answer, path)
        return trouble.answered(self.url, self._username, path, answer.status_code, _told(answer))

    def _not_stalwart(self, answer: httpx.Response, path: str) -> Problem:
        kind = answer.headers.get("content-type", "")
        return trouble.not_stalwart(self.url, path, answer.status_code, kind)

    def _unreachable(self, failure: httpx.TransportError) -> Problem:
        if isinstance(failure, httpx.ConnectError):
            return trouble.not_connected(self.url, str(failure) or type(failure).__name__)
        if isinstance(failure, httpx.TimeoutException):
            return trouble.too_late(self.url)
        return trouble.closed(self.url)


def _seconds(retry_after: str) -> float:
    """Return how long to wait; a date (RFC 9110 §10.2.3) or nothing means some seconds, and nobody waits for long."""
    return min(float(retry_after), _PAUSE_MAX) if retry_after.isdecimal() else _PAUSE


def _verification(verify: bool | str) -> Any:
    if isinstance(verify, bool):
        return verify
    import ssl

    try:
        return ssl.create_default_context(cafile=verify)
    except ssl.SSLError:
        why = (
            "There is no certificate in it. It wants PEM: text that begins with -----BEGIN CERTIFICATE-----."
        )
    except OSError as error:
        why = f"The system says: {error.strerror}."
    raise InputError(trouble.no_authority(why, verify))


def _is_final(failure: httpx.TransportError) -> bool:
    """Is another try useless?  A certificate does not get better."""
    text = str(failure).upper()
    return isinstance(failure, httpx.ConnectError) and ("CERTIFICATE" in text or "SSL" in text)


def _told(answer: httpx.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return ""
    return str(body.get("detail", "")) if isinstance(body, dict) else ""


def _refused(body: Mapping[str, Any]) -> Refused:
    item = str(body.get("item") or body.get("field") or "")
    return Refused(trouble.refused(body, item), str(body["error"]), item)
