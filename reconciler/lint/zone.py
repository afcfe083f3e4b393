"""Rules about the names in zones: what lies outside, aliases, wildcards, name servers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.lint.lines import bare
from reconciler.lint.refused import by_zone
from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene

_LONGEST_CHAIN: Final = 8

# What the stack makes by default, by what the text is for, and the key under `dns.mail` that switches it off.
_SWITCHES: Final = {"dmarc": "dmarc", "tlsrpt": "tls_rpt", "spf": "spf"}

# What may stand beside a CNAME: its signatures and proofs (RFC 4034 §2 to §4, RFC 3007 §3.2).
_BESIDE_ALIAS: Final = frozenset({"CNAME", "RRSIG", "NSEC", "KEY", "SIG", "NXT"})


def outside(scene: Scene) -> Iterator[Found]:
    """ZONE-01: Every record is in its zone.

    Severity: error
    Looks at: zone file

    The owner of each record is the zone's name or a name below it. Typically `$ORIGIN .` is still in
    force, and `mail` then means the top-level domain of that name.

    Why: BIND leaves such a record out, says so in its log only and loads the rest: the record looks
    published and is not.

    Fix: Write `$ORIGIN example.org.` above the first relative name, or the whole name with its dot.

    Source: RFC 1035 §5.1; named-checkzone 9.18 ends with 0 on such a file
    """
    yield from by_zone(scene, "ZONE-01")


def alias_beside_others(scene: Scene) -> Iterator[Found]:
    """ZONE-02: A name with a CNAME has nothing else.

    Severity: error
    Looks at: records

    A CNAME says that a name is another name. So nothing else stands beside it, no second CNAME either, and
    the top of a zone, which has SOA and NS, cannot have one. Where a name such as `_dmarc` is left to
    somebody else by a CNAME, and only a default of the stack wants a text there, it is a warning: the plan
    holds the text.

    Why: No name server loads a zone with both; the old data are served until a restart, and then nothing.

    Fix: Remove the CNAME, or move the other records to the name that it points to.

    Source: RFC 1034 §3.6.2, RFC 2181 §10.1
    """
    for owner in scene.names:
        aliases = scene.at(owner, "CNAME")
        if not aliases:
            continue
        others = sorted(scene.types_at(owner) - _BESIDE_ALIAS)
        targets = sorted({bare(line.value) for line in aliases})
        severity = ""
        if others and (switch := _by_default(scene, owner, others)):
            text = f"{bare(owner)} is an alias of {targets[0]}, so the {others[0]} that the stack makes by default is held there"
            fix, severity = f"dns: {{mail: {{{switch}: false}}}}", "warning"
        elif others:
            text = f"{bare(owner)} is an alias and also has {', '.join(others)}: no name server loads a zone with both"
            fix = f"remove the CNAME to {targets[0]}, or move the other records there"
        elif len(targets) > 1:
            text = f"{bare(owner)} is an alias of {' and of '.join(targets)}: no name server loads a zone with both"
            fix = "remove one of them"
        else:
            continue
        yield Found(text=text, fix=fix, name=bare(owner), where=aliases[-1].where, severity=severity)


def _by_default(scene: Scene, owner: str, rrtypes: list[str]) -> str:
    """Return the key that switches off what the stack alone has at a name, of its own accord; "" for anything else."""
    lines = [line for rrtype in rrtypes for line in scene.at(owner, rrtype)]
    keys = {_SWITCHES.get(line.meaning, "") for line in lines if line.is_default}
    return keys.pop() if len(keys) == 1 and all(line.is_default for line in lines) else ""


def alias_chains(scene: Scene) -> Iterator[Found]:
    """ZONE-03: A CNAME leads to data in the end.

    Severity: error
    Looks at: records

    Following a CNAME leads to a record with data, and does not come back to where it began. A chain of
    several is a warning: every step is one more question for everybody.

    Why: A name that points to itself or goes in a circle has no address; a long chain fails at resolvers
    that stop counting.

    Fix: Write an A record with the address in the place of one of the CNAMEs.

    Source: RFC 1034 §3.6.2
    """
    told: set[str] = set()
    pointed_to = {line.value for line in scene.lines if line.type == "CNAME"}
    for owner in scene.names:
        path = [owner]
        while aliases := scene.at(path[-1], "CNAME"):
            if aliases[0].value in path:
                break
            path.append(aliases[0].value)
        where = scene.at(owner, "CNAME")[0].where if len(path) > 1 or aliases else None
        if aliases:
            loop = path[path.index(aliases[0].value) :]
            if owner in loop and told.isdisjoint(loop):
                told.update(loop)
                yield Found(
                    text=f"{' -> '.join(map(bare, [*loop, loop[0]]))}: the alias leads back to itself, and nobody gets an address",
                    fix=f"{loop[0]} IN A ...",
                    name=bare(loop[0]),
                    where=where,
                )
        elif len(path) > 2 and owner not in pointed_to:
            yield Found(
                text=f"{' -> '.join(map(bare, path))}: an alias of an alias takes one more question each time",
                fix=f"{owner} IN CNAME {path[-1]}",
                name=bare(owner),
                where=where,
                severity="error" if len(path) > _LONGEST_CHAIN + 1 else "warning",
            )


def zone_twice(scene: Scene) -> Iterator[Found]:
    """ZONE-04: No name holds the zone's name twice.

    Severity: error
    Looks at: records

    A name in a zone file that does not end with a dot is continued with the zone's name, so that
    `mail.example.org` becomes mail.example.org.example.org.

    Why: The name that was meant does not exist, or the record points to one that nobody has.

    Fix: Put a dot at the end of the name.

    Source: RFC 1035 §5.1, RFC 1912 §3.2
    """
    for line in scene.lines:
        for name in (line.owner, line.target):
            twice = f"{line.zone}{line.zone}"
            if name == twice or name.endswith(f".{twice}"):
                meant = name.removesuffix(line.zone)
                yield Found(
                    text=f"{bare(line.owner)} {line.type} says {bare(name)}: the dot at the end of {bare(meant)} is missing",
                    fix=f"write {meant} with its dot",
                    name=bare(line.owner),
                    where=line.where,
                )
                break


def wildcard(scene: Scene) -> Iterator[Found]:
    """ZONE-14: No wildcard answers for the names that mail uses.

    Severity: warning
    Looks at: records

    A wildcard with MX, TXT or CNAME answers for every name that does not exist: also for `_dmarc` and
    `_domainkey` names of sub-domains, for mta-sts and for autoconfig. It does not answer for names that do
    exist.

    Below a name without mail it is a hint. One that says "no mail here", a null MX or `v=spf1 -all`, is none of these.

    Why: Receivers find an alias or a text where a policy should be or nothing; mail to made-up sub-domains
    is taken in.

    Fix: Name the hosts that are meant, one by one.

    Source: RFC 4592 §2 and §3
    """
    for owner in scene.names:
        kinds = sorted(rrtype for rrtype in ("MX", "TXT", "CNAME") if _answers(scene, owner, rrtype))
        # `*._domainkey` with an empty key says that nothing is signed (M3AAWG, parked domains).
        if owner.startswith("*.") and not owner.startswith("*._") and kinds:
            yield Found(
                text=f"{bare(owner)} answers with {', '.join(kinds)} for every name that does not exist, "
                "_dmarc and mta-sts among them",
                fix="name the hosts that are meant, one by one",
                name=bare(owner),
                where=scene.at(owner, kinds[0])[0].where,
                severity="" if scene.at(owner.removeprefix("*."), "MX") else "hint",
            )


def _answers(scene: Scene, owner: str, rrtype: str) -> bool:
    """Do the records of a wildcard say anything but "no mail here", as careful people have it for every name?"""
    nothing = ("0 .", '"v=spf1 -all"')
    return any(line.value not in nothing for line in scene.at(owner, rrtype))


def name_server(scene: Scene) -> Iterator[Found]:
    """NS-04: A name server that is named inside the zone has an address there.

    Severity: error
    Looks at: zone file

    The target of an NS record is a host with A or AAAA, and no alias.

    Why: BIND does not load the zone otherwise, and others do not find the name server.

    Fix: Write an A record for it.

    Source: RFC 2181 §10.3, RFC 1912 §2.4
    """
    yield from by_zone(scene, "NS-04")


RULES: Final[tuple[Check, ...]] = (
    outside,
    alias_beside_others,
    alias_chains,
    zone_twice,
    wildcard,
    name_server,
)
