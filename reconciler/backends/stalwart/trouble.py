"""What can go wrong between us and the server, in words.  Pure; http.py knows when.

Answers are never quoted where they may hold a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.errors import Problem


def answered(url: str, username: str, path: str, status: int, told: str) -> Problem:
    """Return what a problem of the server's own means; told is its own reason, where it gave one."""
    if status == 401:
        return Problem(
            summary=f"{url} refused the login of {username}",
            detail=(
                "The password is wrong, or there is no such login. It was tried once: a hundred wrong\n"
                "logins a day get an address banned. Note that an upper-case letter in the configured name\n"
                "of the fallback admin makes it unreachable."
            ),
            rule="login-refused",
        )
    if status == 402:
        return Problem(
            summary=f"{username} has a second factor",
            detail="mailstack cannot type a code. Use the fallback admin, or an account without one-time codes.",
            rule="second-factor",
        )
    if status == 403:
        return Problem(
            summary=f"{username} may not use {path}",
            detail="The login lacks a permission for it. Use an administrator, or give it the role admin.",
            rule="no-permission",
        )
    if status == 429:
        return Problem(
            summary=f"{url} limits our requests",
            detail="It answered 429 for more than a minute. Put the address that mailstack comes from under allowed_ips:.",
            rule="rate-limit",
        )
    return Problem(
        summary=f"{url}{path} answered {status}",
        detail=told or "It gave no reason; its log may.",
        rule="server-error",
    )


def not_stalwart(url: str, path: str, status: int, kind: str) -> Problem:
    """Return what an answer means that no Stalwart gives."""
    return Problem(
        summary=f"{url}{path} answered with something that is not Stalwart's",
        detail=(
            f"Status {status}, type {kind or 'none'!r}. A proxy may stand in between,\n"
            "or the url is another service's. stalwart.url wants the address of the HTTP listener itself."
        ),
        rule="not-stalwart",
    )


def not_connected(url: str, text: str) -> Problem:
    """Return why there is no connection; text is the system's reason."""
    if "CERTIFICATE" in text.upper():
        return Problem(
            summary=f"the certificate of {url} is not trusted",
            detail=f"{text}\nName the authority's file in stalwart.verify, or use the plain http listener on loopback.",
            rule="tls-trouble",
        )
    if "SSL" in text:
        return Problem(
            summary=f"{url} does not speak TLS",
            detail=f"{text}\nA plain http listener does not: then stalwart.url begins with http.",
            rule="tls-trouble",
        )
    return Problem(
        summary=f"{url} cannot be reached",
        detail=f"{text}\nIs the server running, and is this its HTTP listener?",
        rule="unreachable",
    )


def too_late(url: str) -> Problem:
    """Return what no answer in time means."""
    return Problem(
        summary=f"{url} did not answer in time",
        detail="stalwart.timeout says how long mailstack waits, in seconds.",
        rule="no-answer",
    )


def closed(url: str) -> Problem:
    """Return what a connection means that is closed without an answer."""
    return Problem(
        summary=f"{url} closed the connection without an answer",
        detail=(
            "That is what Stalwart does to an address that it has banned. Loopback is never banned: lift the ban\n"
            "on the server's own host, or in a container that shares its network:\n\n"
            "    mailstack unblock YOUR-ADDRESS\n\n"
            "A listener that speaks TLS only does the same: then stalwart.url begins with https."
        ),
        rule="probably-banned",
    )


def no_authority(why: str, file: str) -> Problem:
    """Return why a file is not the authority that stalwart.verify should name."""
    return Problem(
        summary=f"stalwart.verify names {file}, which is no certificate authority",
        detail=why,
        rule="tls-trouble",
    )


def refused(body: Mapping[str, Any], item: str) -> Problem:
    """Return what an error with status 200 says.  `value` is left out: for DKIM it is the existing private key."""
    code = str(body["error"])
    words = {
        "notFound": f"The server knows no {item}.",
        "fieldAlreadyExists": f"The server says that this {item} is taken already.",
        "fieldMissing": f"The server misses {item}.",
        "unsupported": "The server does not support this: " + str(body.get("details", "")),
        "assertFailed": "The server found a value where none was expected.",
    }
    text = words.get(code) or " ".join(str(body[k]) for k in ("details", "reason") if body.get(k)) or code
    return Problem(summary=text, rule="refused")
