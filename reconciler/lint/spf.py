"""Rules about SPF: which hosts may send in the name of a domain."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Final

from reconciler.kinds.record import absolute
from reconciler.lint.lines import Line, bare
from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene
from reconciler.mail import spf
from reconciler.mail.errors import SyntaxProblem

# Wider than this, the hosts around an address are other people's.
_OWN_NETWORK4: Final = 24
_OWN_NETWORK6: Final = 64

_REFUSED: Final = frozenset({spf.Result.FAIL, spf.Result.SOFTFAIL, spf.Result.NEUTRAL})


def one_text(scene: Scene) -> Iterator[Found]:
    """SPF-01: A name has one SPF text.

    Severity: error
    Looks at: records

    All that may send stands in one record.

    Why: With two, the result is a permanent error: receivers act as if there were none, or refuse.

    Fix: Merge them into one.

    Source: RFC 7208 §4.5
    """
    by_owner: dict[str, list[Line]] = {}
    for line in scene.texts("spf"):
        by_owner.setdefault(line.owner, []).append(line)
    for owner, lines in by_owner.items():
        if len(lines) > 1:
            yield Found(
                text=f"{bare(owner)} has {len(lines)} SPF texts: receivers act as if there were none",
                fix=_one_of(lines),
                name=bare(owner),
                where=lines[-1].where,
            )


def _one_of(lines: list[Line]) -> str:
    """Return one text for all of them, where they can be read; the strictest end counts."""
    try:
        records = [spf.parse(line.text) for line in lines]
    except SyntaxProblem:
        return "make one record of them"
    terms = [t for r in records for t in r.mechanisms if t.name != "all"]
    return f'make one record of them: "{spf.text(spf.merge(records[0], terms))}"'


def too_many_questions(scene: Scene) -> Iterator[Found]:
    """SPF-02: An SPF text takes at most ten questions.

    Severity: error
    Looks at: records

    Each include, a, mx, ptr, exists and redirect asks DNS, also those in included texts; ten are the most,
    and two that find nothing. Offline only what stands in the zones that were read is counted.

    Why: Receivers stop at the eleventh and report a permanent error, also for mail that is all right.

    Fix: Drop what is no longer used, or write addresses with ip4: and ip6:.

    Source: RFC 7208 §4.6.4
    """
    for line, record in _readable(scene):
        cost = spf.cost(record, bare(line.owner), scene.ask)
        start = f"the SPF of {bare(line.owner)}"
        if cost.lookups > spf.MOST_TERMS:
            text = f"{start} takes {cost.lookups} questions, and receivers stop after {spf.MOST_TERMS}"
        elif len(cost.voids) > spf.MOST_VOIDS:
            text = f"{start} asks for names that have nothing: {', '.join(cost.voids)}; {spf.MOST_VOIDS} are the most"
        else:
            continue
        fix = "drop what is no longer used, or write addresses with ip4: and ip6:"
        yield Found(text=text, fix=fix, name=bare(line.owner), where=line.where)


def syntax(scene: Scene) -> Iterator[Found]:
    """SPF-03: An SPF text can be read, and all of it counts.

    Severity: error
    Looks at: records

    Its terms are known mechanisms with the values that they take, nothing stands behind `all`, and it does
    not include itself.

    Why: One wrong term makes the whole record a permanent error. What stands behind `all` is not looked at.

    Fix: Mend the term; to name a host, write `a:mail.example.org`, not `ip4:`.

    Source: RFC 7208 §4.6, §5 and §5.1
    """
    for line in scene.texts("spf"):
        owner = bare(line.owner)
        if line.glued:
            continue  # ZONE-07 tells it
        try:
            record = spf.parse(line.text)
        except SyntaxProblem as problem:
            yield Found(
                text=f"the SPF of {owner} cannot be read: {problem.words}",
                fix=f"mend the term: {problem.rfc}",
                name=owner,
                where=line.where,
            )
            continue
        behind = _behind_all(record)
        own = {owner, line.owner}
        if behind:
            yield Found(
                text=f'the SPF of {owner} has "{behind}" behind "all", where nobody looks at it',
                fix='put it in front of "all"',
                name=owner,
                where=line.where,
            )
        elif any(term.name == "include" and term.target.lower() in own for term in record.mechanisms):
            yield Found(
                text=f"the SPF of {owner} includes itself, which is a permanent error",
                fix=f"delete include:{owner}",
                name=owner,
                where=line.where,
            )


def _behind_all(record: spf.Record) -> str:
    mechanisms = [term for term in record.terms if isinstance(term, spf.Mechanism)]
    behind = mechanisms[len(record.mechanisms) :]
    return " ".join(map(spf.term_text, behind))


def everybody(scene: Scene) -> Iterator[Found]:
    """SPF-04: Not everybody may send.

    Severity: error
    Looks at: records

    The text does not end with `+all` or `all`, and holds no network of a size that nobody owns. `?all`
    is a warning.

    Why: Any host passes, so forged mail looks as if it were genuine; with `?all` nothing is refused.

    Fix: End with `-all`, or with `~all` while you try.

    Source: RFC 7208 §5.1
    """
    for line, record in _readable(scene):
        wide = next((term for term in record.mechanisms if spf.opens_wide(term)), None)
        owner = bare(line.owner)
        if wide is not None:
            text = f'the SPF of {owner} has "{spf.term_text(wide)}": a good part of the internet may send in its name'
            severity = ""
        elif record.everybody_else is spf.Qualifier.NEUTRAL:
            text = f'the SPF of {owner} ends with "?all", which refuses nothing'
            severity = "warning"
        else:
            continue
        yield Found(text=text, fix="end with -all", name=owner, where=line.where, severity=severity)


def own_addresses(scene: Scene) -> Iterator[Found]:
    """SPF-05: The server itself may send.

    Severity: warning
    Looks at: records, stack

    The SPF of each mail domain lets the addresses under `dns.addresses` pass. Where all mail goes out
    through a relay, only that must pass, and the finding can be ignored.

    Why: Receivers refuse the mail that you send, or put it into junk.

    Fix: Add `mx`, or the address with `ip4:` or `ip6:`.

    Source: RFC 7208 §2.6
    """
    for line, _ in _readable(scene):
        name = bare(line.owner)
        if name not in scene.domains or name in scene.parked:
            continue
        for address in scene.egress:
            client = ipaddress.ip_address(address)
            verdict = spf.evaluate(client, name, scene.ask, helo=scene.hostname or "")
            if verdict.result in _REFUSED:
                yield Found(
                    text=f"the SPF of {name} does not let {address} send, an address of the hostname ({verdict.result.value})",
                    fix=f"add ip{client.version}:{address}, unless all mail goes out through a relay",
                    name=name,
                    where=line.where,
                )
                break


def unwise(scene: Scene) -> Iterator[Found]:
    """SPF-06: No SPF term lets strangers pass by accident.

    Severity: warning
    Looks at: records

    `ptr` is slow and was given up; `a` and `mx` with a short prefix mean hundreds of neighbours.

    Why: Many receivers ignore `ptr`. Whoever rents a machine in the same network may send in your name.

    Fix: Write the addresses with ip4: and ip6:.

    Source: RFC 7208 §5.5, §5.3
    """
    for line, record in _readable(scene):
        for term in record.mechanisms:
            is_wide = _shorter(term.prefix4, _OWN_NETWORK4) or _shorter(term.prefix6, _OWN_NETWORK6)
            if term.name == "ptr":
                why = "is slow, and many receivers ignore it"
            elif term.name in ("a", "mx") and is_wide:
                why = "means all the neighbours as well"
            else:
                continue
            yield Found(
                text=f'the SPF of {bare(line.owner)} has "{spf.term_text(term)}", which {why}',
                fix="write the addresses with ip4: and ip6:",
                name=bare(line.owner),
                where=line.where,
            )


def _shorter(prefix: int | None, limit: int) -> bool:
    return prefix is not None and prefix < limit


def of_hostname(scene: Scene) -> Iterator[Found]:
    """SPF-07: The hostname has an SPF text of its own.

    Severity: hint
    Looks at: records, hostname

    Bounces have no sender, and receivers then look at the name in EHLO.

    Why: Without a text there, the bounces and notices of the server prove nothing.

    Fix: `mail.example.org. IN TXT "v=spf1 a -all"`

    Source: RFC 7208 §2.3 and §2.4
    """
    if scene.hostname is None or not scene.knows(absolute(scene.hostname)):
        return
    owner = absolute(scene.hostname)
    if scene.types_at(owner) & {"A", "AAAA"} and not any(line.owner == owner for line in scene.texts("spf")):
        yield Found(
            text=f"{scene.hostname} has no SPF text: bounces prove nothing",
            fix=f'{owner} IN TXT "v=spf1 a -all"',
            name=scene.hostname,
            where=scene.at(owner, next(iter(scene.types_at(owner) & {"A", "AAAA"})))[0].where,
        )


def _readable(scene: Scene) -> Iterator[tuple[Line, spf.Record]]:
    """Yield the SPF texts that can be read; SPF-03 tells of the others."""
    for line in scene.texts("spf"):
        try:
            yield line, spf.parse(line.text)
        except SyntaxProblem:
            continue


RULES: Final[tuple[Check, ...]] = (
    one_text,
    too_many_questions,
    syntax,
    everybody,
    own_addresses,
    unwise,
    of_hostname,
)
