"""Rules about the names at which DKIM keys stand: whose they are, and whether anybody signs with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reconciler.kinds.dkim_key import DkimKey
from reconciler.kinds.record import absolute
from reconciler.lint.lines import Line, bare
from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene
from reconciler.mail import dkim
from reconciler.mail.errors import SyntaxProblem

# Selectors as mailstack and Stalwart's web admin give them: ms1-rsa, and 202601r or 202601e.
_OF_SERVERS: Final = re.compile(r"ms[0-9]+-(?:rsa|ed25519)|20[0-9]{4}[er]")
_ELSEWHERE: Final = ("NS", "CNAME", "DNAME")


def unused(scene: Scene) -> Iterator[Found]:
    """DKIM-06: A key in DNS belongs to a server that signs with it.

    Severity: warning
    Looks at: records, server

    Each selector that looks like one of mailstack's or of Stalwart's own (`ms1-rsa`, `202601e`) is that of a
    key of the server. Keys with other selectors are other services', and are not judged. How old a key is,
    nothing says that a plan reads.

    Why: Whoever has got hold of the forgotten private half, from a backup or a lost disk, signs in the
    domain's name for as long as the record stands.

    Fix: Delete the record when the last mail that was signed with it has been delivered: after a week.

    Source: RFC 6376 §3.6.1; M3AAWG, "DKIM Key Rotation Best Common Practices"
    """
    in_use = {
        absolute(dkim.owner(str(key.selector), key.address.name.partition("/")[0]))
        for key in scene.of_kind(DkimKey.KIND)
        if isinstance(key, DkimKey)
    }
    ours = {absolute(name) for name in scene.domains}
    for line in scene.texts("dkim"):
        selector, _, domain = line.owner.partition("._domainkey.")
        is_ours = domain in ours and _OF_SERVERS.fullmatch(selector)
        if is_ours and line.owner not in in_use and _holds_key(line):
            yield Found(
                text=f"{bare(line.owner)} is a key that the server does not have: nothing is signed with it",
                fix=f"delete {bare(line.owner)} a week after its last use",
                name=bare(line.owner),
                where=line.where,
            )


def _holds_key(line: Line) -> bool:
    """Does the record hold a key?  An empty one says that it is withdrawn, and may stay (RFC 6376 §3.6.1)."""
    try:
        return bool(dkim.parse(line.text).public_key)
    except SyntaxProblem:
        return False


def delegated(scene: Scene) -> Iterator[Found]:
    """DKIM-08: DKIM records stand where receivers look for them.

    Severity: warning
    Looks at: records

    Where `_domainkey` of a domain is delegated to other name servers (NS), or is an alias, the zone itself
    holds no records below it, and the stack wants no keys of ours there.

    Why: Receivers ask the other servers and never see what stands here. Mail that is signed with such a key
    fails, although the zone looks right.

    Fix: Have the record made where `_domainkey` is kept, or end the delegation; `dns: {mail: {dkim: false}}`
    where others sign.

    Source: RFC 1034 §4.2.1, RFC 6376 §3.6.2
    """
    first: dict[str, Line | None] = {}
    for line in scene.lines:
        _, _, domain = line.owner.partition("._domainkey.")
        if domain and line.type not in ("NS", "DS"):
            first.setdefault(f"_domainkey.{domain}", line)
    # What is live and not yet as the stack wants it brings no key.
    for wanted in scene.stack.domains.values() if scene.stack and scene.is_written else ():
        if wanted.dns.declared and wanted.dns.mail.dkim and not wanted.parked:
            first.setdefault(absolute(f"_domainkey.{wanted.name}"), None)
    for above, below in first.items():
        away = [line for rrtype in _ELSEWHERE for line in scene.at(above, rrtype)]
        if not away:
            continue
        subject = bare(below.owner) if below else "the key that the stack wants"
        yield Found(
            text=f"{subject} is not seen: {bare(above)} is kept by {bare(away[0].target or away[0].value)}",
            fix=f"make the record there, or delete the {away[0].type} of {bare(above)}",
            name=bare(above),
            where=(below and below.where) or away[0].where,
        )


RULES: Final[tuple[Check, ...]] = (unused, delegated)
