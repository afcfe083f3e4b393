"""Rules about DMARC: what receivers do with mail that only pretends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reconciler.kinds.record import absolute
from reconciler.lint.lines import Line, bare
from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene
from reconciler.mail import dmarc
from reconciler.mail.errors import SyntaxProblem

# A text that is meant to be DMARC, whether receivers take it for that or not.
_MEANT: Final = re.compile(r"\W*v?\W*dmarc|.*\bp\s*=\s*(?:none|quarantine|reject)", re.IGNORECASE)
_OF_REPORTS: Final = ("rua", "ruf")


def readable(scene: Scene) -> Iterator[Found]:
    """DMARC-01: There is one DMARC record, and receivers can read it.

    Severity: error
    Looks at: records

    It begins with `v=DMARC1` in exactly these letters, there is one only, and its tags have values that
    exist.

    Why: With two, or with another beginning, receivers act as if there were none; a policy with a typing
    mistake counts as `p=none`.

    Fix: `v=DMARC1; p=none; rua=mailto:postmaster@example.org`

    Source: RFC 9989 §4.7, §4.8 and §4.10
    """
    for owner, lines in _meant(scene).items():
        if len(lines) > 1:
            yield Found(
                text=f"{bare(owner)} has {len(lines)} DMARC texts: receivers act as if there were none",
                fix="make one record of them",
                name=bare(owner),
                where=lines[-1].where,
            )
        for line in lines:
            for problem in _problems(line.text):
                if not _is_about_reports(line.text, problem):
                    yield Found(
                        text=f"{bare(owner)}: {problem.words}",
                        fix=_mended(line.text),
                        name=bare(owner),
                        where=line.where,
                    )


def _problems(text: str) -> tuple[SyntaxProblem, ...]:
    try:
        return dmarc.read(text)[1]
    except SyntaxProblem as problem:
        return (problem,)


def _mended(text: str) -> str:
    if re.match(r"v\s*=\s*DMARC1\b", text):
        return "mend the tag"
    rest = re.sub(r"^\W*v?\W*dmarc\W*1?\W*", "", text, flags=re.IGNORECASE)
    return f"v=DMARC1; {rest}" if rest else "v=DMARC1; p=none"


def _is_about_reports(text: str, problem: SyntaxProblem) -> bool:
    """Say whether a problem stands inside `rua` or `ruf`; DMARC-03 tells it then."""
    before = text[: problem.position + 1].rpartition(";")[2]
    return before.partition("=")[0].strip() in _OF_REPORTS and "=" in before


def tags(scene: Scene) -> Iterator[Found]:
    """DMARC-02: The record says a policy, and nothing that nobody reads.

    Severity: warning
    Looks at: records

    `p` is there; `pct`, `rf` and `ri` are not, which RFC 9989 removed; no tag is unknown.

    Why: Without `p` receivers do nothing. Some still obey `pct` and others do not, so that one mail is
    refused here and taken there.

    Fix: Drop the tag; to try a policy, use `t=y`.

    Source: RFC 9989 §4.7 and appendix C.5.2
    """
    for line, record in readable_records(scene):
        owner = bare(line.owner)
        if record.policy is None and not owner.partition("._report._dmarc.")[1]:
            if not re.search(r";\s*p\s*=", line.text):  # one that is there and wrong is DMARC-01
                yield Found(
                    text=f"{owner} has no policy (p=): receivers do nothing",
                    fix="v=DMARC1; p=none" + line.text.partition("DMARC1")[2],
                    name=owner,
                    where=line.where,
                )
        for tag, _ in record.others:
            removed = tag in dmarc.REMOVED_TAGS
            why = (
                "was removed in RFC 9989, and only some receivers still obey it" if removed else "is unknown"
            )
            yield Found(
                text=f"{owner}: the tag {tag} {why}",
                fix=f"drop {tag}" + ("; to try a policy, use t=y" if tag == "pct" else ""),
                name=owner,
                where=line.where,
            )


def reports(scene: Scene) -> Iterator[Found]:
    """DMARC-03: Reports go to a mailbox that exists.

    Severity: error
    Looks at: records

    `rua` and `ruf` hold URIs such as `mailto:postmaster@example.org`, with commas between; an address in a
    domain of this server is one that is delivered (a warning where the server was not read).

    Why: Nobody learns who sends in the name of the domain, and a stricter policy is a step in the dark.

    Fix: Write `mailto:` in front of the address, or create the alias.

    Source: RFC 9989 §4.6, RFC 9990, RFC 6068
    """
    for line, record in readable_records(scene):
        owner = bare(line.owner)
        for problem in _problems(line.text):
            if _is_about_reports(line.text, problem):
                yield Found(
                    text=f"{owner}: {problem.words}",
                    fix="rua=mailto:postmaster@" + owner.removeprefix("_dmarc."),
                    name=owner,
                    where=line.where,
                )
        for destination in (*record.reports, *record.failure_reports):
            mailbox = destination.mailbox
            # That postmaster must exist is another rule's (ADDR-01).
            if mailbox and not mailbox.startswith("postmaster@") and scene.is_delivered(mailbox) is False:
                yield Found(
                    text=f"{owner} sends reports to {mailbox}, and nobody has that address",
                    fix=f"aliases: {{{mailbox}: ...}}",
                    name=mailbox,
                    where=line.where,
                    severity=scene.unless_read("warning"),
                )


def first_strict(scene: Scene) -> Iterator[Found]:
    """DMARC-05: The first policy is not a strict one.

    Severity: warning
    Looks at: records, zone file, stack

    A domain that never had DMARC begins with `p=none` and reads the reports for some weeks.

    Why: Whatever sends in the name of the domain and was forgotten - a shop, a printer, a newsletter - is
    refused from the first day.

    Fix: `dmarc: {policy: none, reports: postmaster}`, then quarantine, then reject.

    Source: RFC 9989 §8, RFC 7489 §6.6
    """
    for line, record in readable_records(scene):
        strict = record.policy in (dmarc.Policy.QUARANTINE, dmarc.Policy.REJECT)
        name = bare(line.owner).removeprefix("_dmarc.")
        if not strict or record.testing or not line.is_declared or name in scene.parked:
            continue
        zone = next((zone for zone in scene.zones if zone.name == line.zone), None)
        if zone is None or zone.includes or any(one.owner == line.owner for one in zone.lines):
            continue
        assert record.policy is not None
        yield Found(
            text=f"{name} never had DMARC and begins with p={record.policy.value}: forgotten senders are refused at once",
            fix="dmarc: {policy: none, reports: postmaster}",
            name=bare(line.owner),
            where=line.where,
        )


def below(scene: Scene) -> Iterator[Found]:
    """DMARC-07: Where a wildcard is, DMARC says what holds for made-up names.

    Severity: hint
    Looks at: records

    A domain with a wildcard has `sp` or `np` in its DMARC record.

    Why: Every made-up sub-domain exists then, and forged mail from one gets whatever `p` says.

    Fix: Add `np=reject`.

    Source: RFC 9989 §4.7
    """
    for line, record in readable_records(scene):
        name = bare(line.owner).removeprefix("_dmarc.")
        is_open = record.policy is dmarc.Policy.NONE
        if is_open and not (record.subdomain_policy or record.nonexistent_policy):
            if scene.types_at(absolute(f"*.{name}")):
                yield Found(
                    text=f"{name} has a wildcard, and its DMARC says nothing of sub-domains",
                    fix="add np=reject",
                    name=bare(line.owner),
                    where=line.where,
                )


def _meant(scene: Scene) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in scene.lines:
        if line.type == "TXT" and line.owner.startswith("_dmarc.") and _MEANT.match(line.text):
            if scene.is_cut(line):
                continue  # ZONE-06 tells it
            found.setdefault(line.owner, []).append(line)
    return found


def readable_records(scene: Scene) -> Iterator[tuple[Line, dmarc.Record]]:
    """Yield the records that receivers take for DMARC; DMARC-01 tells of the others."""
    for lines in _meant(scene).values():
        for line in lines:
            try:
                yield line, dmarc.read(line.text)[0]
            except SyntaxProblem:
                continue


RULES: Final[tuple[Check, ...]] = (readable, tags, reports, first_strict, below)
