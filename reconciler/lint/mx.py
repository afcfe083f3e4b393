"""Rules about MX records: where a domain's mail goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reconciler.kinds.record import absolute
from reconciler.lint.lines import bare
from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene

_ADDRESS: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_NULL: Final = "."


def alias_target(scene: Scene) -> Iterator[Found]:
    """MX-01: The target of an MX is no alias.

    Severity: error
    Looks at: records

    An MX names a host with addresses of its own, never a name that has a CNAME.

    Why: Some senders refuse to follow it, and mail servers that look for themselves in the list do not
    recognise their own name: mail goes in circles or comes back.

    Fix: Name the host that the alias points to, or give the name an A record instead.

    Source: RFC 2181 §10.3, RFC 5321 §5.1
    """
    for line in scene.lines:
        # ZONE-03 tells of a circle.  HOST-04 tells of the hostname, too: that is there before its MX is.
        if line.type == "MX" and not scene.goes_in_circles(line.target):
            is_ours = bare(line.target) == scene.hostname
            for alias in scene.at(line.target, "CNAME"):
                elsewhere = f"{line.owner} IN MX {line.value.split()[0]} {alias.value}"
                yield Found(
                    text=f"the MX of {bare(line.owner)} names {bare(line.target)}, an alias of {bare(alias.value)}: "
                    "some senders refuse that",
                    fix=f"delete the CNAME of {line.target}" if is_ours else elsewhere,
                    name=bare(line.owner),
                    where=line.where,
                )


def target_resolves(scene: Scene) -> Iterator[Found]:
    """MX-02: The target of an MX is a name that has an address.

    Severity: error
    Looks at: records

    The target is a host name, not an address, and the name has A or AAAA. Names in zones that were not
    read are not judged.

    Why: Senders find nothing to connect to; they keep the mail for days and send it back.

    Fix: Write the name of the host with a dot at its end, and an A record for it.

    Source: RFC 1035 §3.3.9, RFC 5321 §5.1
    """
    for line in scene.lines:
        if line.type != "MX" or line.target == _NULL or line.is_doubled:  # ZONE-04 tells of the last
            continue
        # Without a dot at its end an address is continued with the zone's name, like any other name.
        written = bare(line.target.removesuffix(f".{line.zone}"))
        if _ADDRESS.fullmatch(written):
            yield Found(
                text=f"the MX of {bare(line.owner)} names the address {written}; it must name a host",
                fix=f"{line.owner} IN MX 10 {scene.hostname or 'mail.' + bare(line.zone)}.",
                name=bare(line.owner),
                where=line.where,
            )
        elif not scene.at(line.target, "CNAME") and scene.has_address(line.target) is False:
            yield Found(
                text=f"the MX of {bare(line.owner)} names {bare(line.target)}, which has neither A nor AAAA: no mail arrives",
                fix=f"{line.target} IN A ...",
                name=bare(line.owner),
                where=line.where,
            )


def other_target(scene: Scene) -> Iterator[Found]:
    """MX-03: No MX leads to a host that the stack does not know.

    Severity: warning
    Looks at: records, stack

    Beside the MX that the stack declares, the domain has another one, typically that of a former host.

    Why: Senders that cannot reach our host for a moment deliver there, and that mail is lost to us; a host
    with a better preference gets all of it.

    Fix: When the move is over, list the record under `removed:`. A back-up MX belongs into `dns.mail.mx`.

    Source: RFC 5321 §5.1
    """
    for name in scene.domains:
        lines = scene.at(absolute(name), "MX")
        if not any(line.is_declared for line in lines):
            continue
        ours = {line.target for line in lines if line.is_declared}
        if scene.hostname:
            ours.add(absolute(scene.hostname))
        for line in lines:
            if line.target not in ours and line.target != _NULL:
                yield Found(
                    text=f"{name} has an MX to {bare(line.target)}, which the stack does not declare: some mail goes there",
                    fix=f"removed: [record/{bare(line.zone)}/{_relative(line.owner, line.zone)}/MX/{line.value}]",
                    name=name,
                    where=line.where,
                )


def _relative(owner: str, zone: str) -> str:
    return "@" if owner == zone else owner.removesuffix(f".{zone}")


def null_with_others(scene: Scene) -> Iterator[Found]:
    """MX-04: A null MX stands alone, on a domain without mailboxes.

    Severity: error
    Looks at: records

    `MX 0 .` says that a domain takes no mail at all. In a domain with mailboxes it is a warning: some only send.

    Why: Senders give up at once. Beside another MX it is a contradiction, and some of them bounce every
    mail.

    Fix: Delete the null MX, or the other ones; a domain without mail is `type: parked`.

    Source: RFC 7505 §3
    """
    for owner in scene.names:
        lines = scene.at(owner, "MX")
        null = next((line for line in lines if line.target == _NULL), None)
        if null is None:
            continue
        others = [bare(line.target) for line in lines if line.target != _NULL]
        mailboxes = sum(name.endswith(f"@{bare(owner)}") for name in scene.mailboxes)
        # Two faults, each with a name of its own: an address more or less makes nothing of the first.
        if others:
            text = f"{bare(owner)} has a null MX and also {', '.join(others)}: it takes no mail, and takes it there"
            name, severity = bare(owner), ""
        elif mailboxes:
            text = f"{bare(owner)} has a null MX, and there are {mailboxes} addresses in it: no mail reaches them"
            name, severity = f"@{bare(owner)}", "warning"
        else:
            continue
        yield Found(text=text, fix="delete the record MX 0 .", name=name, where=null.where, severity=severity)


def parked(scene: Scene) -> Iterator[Found]:
    """MX-05: A domain without mailboxes says that it has none.

    Severity: warning
    Looks at: stack

    A domain in which nobody has an address publishes a null MX, `v=spf1 -all` and DMARC with reject.

    Why: Forgers like domains that nobody watches, and mail to it is tried for days.

    Fix: `type: parked` under the domain.

    Source: RFC 7505, RFC 7208 §10.1.2; M3AAWG, "Protecting Parked Domains"
    """
    # Where the stack names no mailbox at all, they are kept elsewhere, and nothing follows.
    if not scene.mailboxes:
        return
    for name in scene.domains:
        is_used = name in scene.catch_alls or any(box.endswith(f"@{name}") for box in scene.mailboxes)
        if not is_used and name not in scene.parked:
            yield Found(
                text=f"nobody has an address in {name}, and it does not say so: others can send in its name",
                fix=f"domains: {{{name}: {{type: parked}}}}",
                name=name,
                where=scene.domain_place(name),
            )


RULES: Final[tuple[Check, ...]] = (alias_target, target_resolves, other_target, null_with_others, parked)
