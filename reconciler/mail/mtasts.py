"""MTA-STS: "send to me over TLS, to these hosts, or not at all" (RFC 8461).

Mail between servers is encrypted when both sides can, and somebody in between can make them
believe that they cannot.  A domain with MTA-STS publishes a policy at
`https://mta-sts.<domain>/.well-known/mta-sts.txt`, where the web's certificates protect it: the MX
hosts, a mode, and how long to remember it.  `testing` only reports (with TLS-RPT), `enforce`
refuses to deliver to another host or without a valid certificate, `none` takes a policy back.
The TXT record at `_mta-sts.<domain>` says that there is a policy; its `id` tells senders when to
fetch it again, so that a policy that changes under the same id goes unseen until it expires.
"""

from __future__ import annotations

import enum
import hashlib
import re
from dataclasses import dataclass

from reconciler.mail import tags
from reconciler.mail.errors import SyntaxProblem

MAX_AGE = 31_557_600  # seconds: one year, the most that RFC 8461 §3.2 allows

_ID = re.compile(r"[A-Za-z0-9]{1,32}")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MX = re.compile(rf"(?:\*\.)?(?:{_LABEL}\.)*{_LABEL}")
_LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,31}):[ \t]*(.*?)[ \t]*")


class Mode(enum.Enum):
    """In the order of strictness."""

    NONE = "none"
    TESTING = "testing"
    ENFORCE = "enforce"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The TXT record: up to 32 letters and digits that differ for every text of the policy."""

    id: str
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The document.  max_age is in seconds; mx are host names, or `*.` and a name for one label more."""

    mode: Mode
    max_age: int
    mx: tuple[str, ...]
    others: tuple[tuple[str, str], ...] = ()


def owner(domain: str) -> str:
    """Return the name of a domain's TXT record."""
    return f"_mta-sts.{domain}"


def policy_host(domain: str) -> str:
    """Return the web host that serves a domain's policy."""
    return f"mta-sts.{domain}"


def parse(text: str) -> Record:
    """Return the TXT record.  A sender that cannot read it takes it for absent, so any fault raises."""
    if not text.startswith("v=STSv1") or text[7:].lstrip(" \t")[:1] != ";":
        raise _problem('The record must begin with "v=STSv1;"; as it is, senders ignore it.', 0)
    found = tags.parsed(text, standard="MTA-STS", blanks=False)[1:]
    identity = next((tag for tag in found if tag.name == "id"), None)
    if identity is None:
        raise _problem('There is no "id=", so senders cannot tell whether the policy changed.', len(text))
    if not _ID.fullmatch(identity.value):
        raise _problem(f'"{identity.value}" is no id: 1 to 32 letters and digits.', identity.position)
    others = tuple((tag.name, tag.value) for tag in found if tag.name != "id")
    return Record(id=identity.value, others=others)


def text(record: Record) -> str:
    """Return the TXT record's text.  It ends with a semicolon, as in the examples of RFC 8461."""
    pairs = (("v", "STSv1"), ("id", record.id), *record.others)
    return "; ".join(f"{name}={value}" for name, value in pairs) + ";"


def record_of(policy: Policy) -> Record:
    """Return the TXT record for a policy: its id changes exactly when the policy's text does."""
    return Record(id=hashlib.sha256(policy_text(policy).encode()).hexdigest()[:32])


def parse_policy(document: str) -> Policy:
    """Return the policy of a document whose lines end with LF or CRLF (RFC 8461 §3.2)."""
    first: dict[str, tuple[str, int]] = {}
    hosts, others = [], []
    for name, value, at in _lines(document):
        if name == "mx":
            if not _MX.fullmatch(value):
                raise _problem(f'"{value}" is no host name, nor "*." and one.', at, "§4.1")
            hosts.append(value.lower())
        elif name in first:
            continue  # RFC 8461 §3.2: of a field that is there twice the first one counts
        else:
            first[name] = (value, at)
            if name not in ("version", "mode", "max_age"):
                others.append((name, value))
    for name in ("version", "mode", "max_age"):
        if name not in first:
            raise _problem(f'The policy has no "{name}:".', len(document), "§3.2")
    _expect(first["version"], "STSv1", "STSv1")
    _expect(first["mode"], "none|testing|enforce", "none, testing or enforce")
    _expect(first["max_age"], "[0-9]{1,10}", f"0 to {MAX_AGE} seconds")
    age, at = int(first["max_age"][0]), first["max_age"][1]
    if age > MAX_AGE:
        raise _problem(f"{age} seconds are more than a year, {MAX_AGE}.", at, "§3.2")
    mode = Mode(first["mode"][0])
    if not hosts and mode is not Mode.NONE:
        raise _problem('The policy has no "mx:".', len(document), "§3.2")
    return Policy(mode=mode, max_age=age, mx=tuple(hosts), others=tuple(others))


def policy_text(policy: Policy) -> str:
    """Return the document, one field a line."""
    pairs = (
        ("version", "STSv1"),
        ("mode", policy.mode.value),
        *(("mx", host) for host in policy.mx),
        ("max_age", str(policy.max_age)),
        *policy.others,
    )
    return "".join(f"{name}: {value}\n" for name, value in pairs)


def matches(pattern: str, host: str) -> bool:
    """Say whether an `mx:` line covers a host; the star stands for one whole label (RFC 8461 §4.1)."""
    if pattern.startswith("*."):
        return host.partition(".")[2] == pattern[2:]
    return host == pattern


def _lines(document: str) -> list[tuple[str, str, int]]:
    """Return (field, value, position) of each line."""
    found, at = [], 0
    for line in document.split("\n"):
        content = line.removesuffix("\r")
        if content.strip(" \t"):
            field = _LINE.fullmatch(content)
            if field is None or not (
                content.isascii() or field[1] not in ("version", "mode", "max_age", "mx")
            ):
                raise _problem(f'"{content}" is not a line such as "mode: testing".', at, "§3.2")
            found.append((field[1], field[2], at))
        at += len(line) + 1
    return found


def _expect(found: tuple[str, int], pattern: str, words: str) -> None:
    value, at = found
    if not re.fullmatch(pattern, value):
        raise _problem(f'"{value}" is not {words}.', at, "§3.2")


def _problem(words: str, position: int, section: str = "§3.1") -> SyntaxProblem:
    return SyntaxProblem(words, standard="MTA-STS", position=position, rfc=f"RFC 8461 {section}")
