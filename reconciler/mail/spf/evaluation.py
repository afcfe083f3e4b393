"""check_host(): what a receiver concludes about one client (RFC 7208 §4).

Nothing is asked here but through the resolver that is passed in.  Explanations (`exp=`) are for the
rejected sender's eyes and change no result; they are not fetched.
"""

from __future__ import annotations

import enum
import ipaddress
from dataclasses import dataclass

from reconciler.mail.spf import macros
from reconciler.mail.spf.questions import (
    MOST_NAMES,
    MOST_TERMS,
    MOST_VOIDS,
    RecordError,
    RecordType,
    Resolver,
    UnansweredError,
    can_ask,
    record_among,
)
from reconciler.mail.spf.terms import Mechanism, Qualifier, Record, term_text

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Result(enum.Enum):
    """RFC 7208 §2.6."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


_RESULTS = {
    Qualifier.PASS: Result.PASS,
    Qualifier.FAIL: Result.FAIL,
    Qualifier.SOFTFAIL: Result.SOFTFAIL,
    Qualifier.NEUTRAL: Result.NEUTRAL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """reason is a sentence; lookups and voids count up to the match, not what the record could take."""

    result: Result
    reason: str
    lookups: int
    voids: int


@dataclass(slots=True, kw_only=True)
class _Check:
    """One check: who asks, and what it has cost so far."""

    resolve: Resolver
    client: Address
    sender: str
    helo: str
    lookups: int = 0
    voids: int = 0


def evaluate(client: Address, domain: str, resolve: Resolver, *, sender: str = "", helo: str = "") -> Verdict:
    """Return what a receiver concludes when the client sends in the name of the domain.

    sender is the envelope address, default `postmaster@` the domain; helo is what the client calls
    itself, default the domain.  They count only where a record holds macros.
    """
    if isinstance(client, ipaddress.IPv6Address) and client.ipv4_mapped:
        client = client.ipv4_mapped  # RFC 7208 §5
    local, _, host = sender.rpartition("@")
    sender = f"{local or 'postmaster'}@{host or domain}"  # RFC 7208 §4.3
    check = _Check(resolve=resolve, client=client, sender=sender, helo=helo or domain)
    try:
        result, reason = _check_host(check, domain)
    except RecordError as fault:
        result, reason = Result.PERMERROR, str(fault)
    except UnansweredError as silence:
        result, reason = Result.TEMPERROR, f"There is {silence}."
    return Verdict(result=result, reason=reason, lookups=check.lookups, voids=check.voids)


def _check_host(check: _Check, domain: str) -> tuple[Result, str]:
    record = _record(check, domain)
    if record is None:
        return Result.NONE, f"{domain} has no SPF record."
    for mechanism in record.mechanisms:
        if _matches(check, domain, mechanism):
            reason = f'"{term_text(mechanism)}" in the record of {domain} matches.'
            return _RESULTS[mechanism.qualifier], reason
    if record.redirect:
        _count(check)
        target = _expand(check, domain, record.redirect)
        result, reason = _check_host(check, target)
        if result is Result.NONE:  # RFC 7208 §6.1
            raise RecordError(f'"redirect={record.redirect}" of {domain} leads to no SPF record.')
        return result, reason
    return Result.NEUTRAL, f"Nothing in the record of {domain} matches."  # RFC 7208 §4.7


def _record(check: _Check, domain: str) -> Record | None:
    """Return the domain's record; a name without a dot is not one to ask for (RFC 7208 §4.3)."""
    if "." not in domain or not can_ask(domain):
        return None
    return record_among(check.resolve(domain, "TXT"), domain)


def _matches(check: _Check, domain: str, mechanism: Mechanism) -> bool:
    match mechanism.name:
        case "all":
            return True
        case "ip4" | "ip6":
            network = mechanism.network
            return network is not None and check.client in network
        case "include":
            return _included(check, domain, mechanism)
        case "exists":  # A, even when the client has an IPv6 address (RFC 7208 §5.7)
            return bool(_ask(check, _target(check, domain, mechanism), "A"))
        case "a":
            return _at_host(check, _target(check, domain, mechanism), mechanism)
        case "mx":
            return _at_exchange(check, _target(check, domain, mechanism), mechanism)
        case _:
            return _named_like(check, _target(check, domain, mechanism))


def _target(check: _Check, domain: str, mechanism: Mechanism) -> str:
    """Count the term and return the name that it is about."""
    _count(check)
    return _expand(check, domain, mechanism.target) if mechanism.target else domain


def _included(check: _Check, domain: str, mechanism: Mechanism) -> bool:
    """RFC 7208 §5.2: only a pass is a match, and a record that is not there is an error."""
    target = _target(check, domain, mechanism)
    result, _ = _check_host(check, target)
    if result is Result.NONE:
        raise RecordError(f'"{term_text(mechanism)}" of {domain} leads to no SPF record.')
    return result is Result.PASS


def _at_host(check: _Check, host: str, mechanism: Mechanism) -> bool:
    """RFC 7208 §5.3: the client is at an address of the host, or in the network around it."""
    four = isinstance(check.client, ipaddress.IPv4Address)
    length = mechanism.prefix4 if four else mechanism.prefix6
    suffix = "" if length is None else f"/{length}"
    answers = _ask(check, host, "A" if four else "AAAA")
    return any(check.client in ipaddress.ip_network(f"{answer}{suffix}", strict=False) for answer in answers)


def _at_exchange(check: _Check, domain: str, mechanism: Mechanism) -> bool:
    """RFC 7208 §5.4: the same for each MX; a domain without one matches nothing."""
    hosts = _ask(check, domain, "MX")
    if len(hosts) > MOST_NAMES:
        raise RecordError(f"{domain} has {len(hosts)} MX records; SPF follows {MOST_NAMES} at most.")
    return any(_at_host(check, host.lower().removesuffix("."), mechanism) for host in hosts)


def _named_like(check: _Check, domain: str) -> bool:
    """RFC 7208 §5.5: a name of the client is the domain or below it."""
    return any(name == domain or name.endswith(f".{domain}") for name in _client_names(check))


def _client_names(check: _Check) -> tuple[str, ...]:
    """Return the client's names that lead back to it; at most ten are tried, errors skip (RFC 7208 §5.5)."""
    type_: RecordType = "A" if isinstance(check.client, ipaddress.IPv4Address) else "AAAA"
    found = []
    try:
        names = _ask(check, check.client.reverse_pointer, "PTR")[:MOST_NAMES]
    except UnansweredError:
        return ()
    for name in (name.lower().removesuffix(".") for name in names):
        try:
            answers = _ask(check, name, type_)
        except UnansweredError:
            continue
        if any(ipaddress.ip_address(answer) == check.client for answer in answers):
            found.append(name)
    return tuple(found)


def _count(check: _Check) -> None:
    check.lookups += 1
    if check.lookups > MOST_TERMS:
        raise RecordError(f"More than {MOST_TERMS} terms ask DNS.")


def _ask(check: _Check, name: str, type_: RecordType) -> tuple[str, ...]:
    """Ask and count empty answers.  A name that cannot be asked for does not exist.

    RFC 7208 §4.8 leaves that case undefined; the choice is that of §4.3.
    """
    if not can_ask(name):
        return ()
    answers = check.resolve(name, type_)
    check.voids += not answers
    if check.voids > MOST_VOIDS:
        raise RecordError(f"More than {MOST_VOIDS} questions had no answer; the last was {type_} of {name}.")
    return answers


def _expand(check: _Check, domain: str, text: str) -> str:
    """Replace the macros in a name (RFC 7208 §7.2)."""
    local, _, host = check.sender.rpartition("@")
    four = isinstance(check.client, ipaddress.IPv4Address)
    values = {
        "s": check.sender,
        "l": local,
        "o": host,
        "d": domain,
        "i": str(check.client) if four else ".".join(check.client.exploded.replace(":", "")),
        "p": _best_name(check, domain) if "%{p" in text.lower() else "",
        "h": check.helo,
        "v": "in-addr" if four else "ip6",
    }
    return macros.expand(text, values)


def _best_name(check: _Check, domain: str) -> str:
    """Return `%{p}`: the domain itself, else a name below it, else any, else "unknown" (RFC 7208 §7.3)."""
    names = _client_names(check)
    below = (name for name in names if name.endswith(f".{domain}"))
    return domain if domain in names else next(below, next(iter(names), "unknown"))
