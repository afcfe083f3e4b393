"""Rules about the name of the mail server and the addresses behind it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from reconciler.config.faults import UnfitError
from reconciler.config.normal import names as host_names
from reconciler.kinds import hostname
from reconciler.kinds.hostname import Hostname
from reconciler.kinds.record import absolute
from reconciler.lint.lines import bare
from reconciler.lint.refused import by_loader
from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene

_CONTAINER_ID: Final = re.compile(r"[0-9a-f]{12}|[0-9a-f]{64}")

# Where no mail from the internet arrives (RFC 6890).  The documentation networks are not among them:
# examples are written with them.
_NOT_PUBLIC: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
            *("172.16.0.0/12", "192.168.0.0/16", "::1/128", "::/128", "fc00::/7", "fe80::/10"),
        ),
    )
)


def public_name(scene: Scene) -> Iterator[Found]:
    """HOST-01: The hostname is one that other servers can look up.

    Severity: error
    Looks at: hostname

    The hostname has at least two labels of letters, digits and hyphens, and is none of the names that
    exist at home only: localhost, .local, .lan, .internal and their like.

    Why: The server says it in EHLO, and receivers look it up. Where nobody can, they refuse the mail or
    call it spam.

    Fix: Choose a name in a domain of yours and give it an address: `hostname: mail.example.org`.

    Source: RFC 5321 §2.3.5 and §4.1.1.1, RFC 1123 §2.1
    """
    yield from by_loader(scene, "HOST-01")
    found = scene.resources.get(hostname.ADDRESS)
    name = found.value if isinstance(found, Hostname) else scene.hostname
    if name is None:
        return
    try:
        host_names.hostname(name)
    except UnfitError as error:
        yield Found(
            text=f"the hostname {name}: {error.told[0]}",
            fix=error.told[1],
            name="hostname",
            where=scene.place(hostname.ADDRESS),
        )


def container_id(scene: Scene) -> Iterator[Found]:
    """HOST-02: No record names a container by its id.

    Severity: error
    Looks at: records

    A server in a container that was never given a name calls itself by the container's id, twelve hex
    digits, and puts that into every record that it suggests.

    Why: The id is no name that anybody can look up, and it changes with the next container: mail to the
    MX is not delivered, and clients do not find their server.

    Fix: Set `hostname:` in the stack, apply, and replace the records that were copied before.

    Source: RFC 5321 §2.3.5; seen with Stalwart 0.11 to 0.15, which takes the system's name
    """
    told: set[str] = set()
    for line in scene.lines:
        name = line.owner if line.type in ("A", "AAAA") else line.target
        first = name.partition(".")[0]
        if (
            line.type in ("NS", "PTR")
            or name in told
            or first.isdigit()
            or not _CONTAINER_ID.fullmatch(first)
        ):
            continue
        told.add(name)
        yield Found(
            text=f"{bare(name)} is the id of a container: nobody else can look it up, and it changes",
            fix=f"write {scene.hostname or 'mail.' + bare(line.zone)}. in its place, in all records",
            name=bare(name),
            where=line.where,
        )


def has_addresses(scene: Scene) -> Iterator[Found]:
    """HOST-04: The hostname has an address of its own.

    Severity: error
    Looks at: records, hostname

    The name by which the server introduces itself, and which the MX names, has an A or AAAA record and is
    no alias.

    Why: Without an address no mail arrives. An alias as MX target or EHLO name is forbidden, and some
    senders refuse to follow it.

    Fix: Write A (and AAAA) records for the hostname, or its addresses under `dns.addresses`.

    Source: RFC 2181 §10.3, RFC 5321 §2.3.5
    """
    if scene.hostname is None:
        return
    owner = absolute(scene.hostname)
    if scene.goes_in_circles(owner):
        return  # ZONE-03 tells it
    for line in scene.at(owner, "CNAME"):
        yield Found(
            text=f"{scene.hostname} is an alias of {bare(line.value)}: senders may not follow it, and it cannot be an MX target",
            fix=f"delete the CNAME and write its address: {owner} IN A ...",
            name=scene.hostname,
            where=line.where,
        )
        return
    if scene.has_address(owner) is False:
        yield Found(
            text=f"{scene.hostname} has neither A nor AAAA: no mail arrives there",
            fix=f"{owner} IN A ...",
            name=scene.hostname,
            where=scene.place(hostname.ADDRESS),
        )


def is_mail_domain(scene: Scene) -> Iterator[Found]:
    """HOST-05: The hostname is no mail domain itself.

    Severity: warning
    Looks at: hostname

    The server goes by a name below the domain, such as mail.example.org, and not by example.org itself.

    Why: The apex is wanted for the web site, whose address is another; and one name then needs one SPF
    text for two purposes.

    Fix: Use a name of its own: `hostname: mail.example.org`.

    Source: RFC 7208 §2.3 and §4.5
    """
    if scene.hostname in scene.domains:
        yield Found(
            text=f"the hostname is the mail domain {scene.hostname} itself: web and mail must share one address",
            fix=f"hostname: mail.{scene.hostname}",
            name=str(scene.hostname),
            where=scene.place(hostname.ADDRESS),
        )


def public_addresses(scene: Scene) -> Iterator[Found]:
    """HOST-09: Where mail arrives, addresses are public.

    Severity: error
    Looks at: records

    The hostname and the targets of MX records have no address that exists in private networks only, such
    as 10.0.0.0/8, 192.168.0.0/16, 100.64.0.0/10 or fc00::/7.

    Why: From the internet nobody reaches such an address: the senders wait, try again for days, and give up.

    Fix: Publish the public address of the router, proxy or tunnel in front of the server.

    Source: RFC 6890, RFC 1918 §3
    """
    for line in scene.lines:
        if line.type in ("A", "AAAA") and line.owner in scene.mail_hosts:
            network = _private(line.value)
            if network:
                yield Found(
                    text=f"{bare(line.owner)} has the address {line.value}, which is in {network}, "
                    "not on the internet: no mail arrives",
                    fix="publish the public address of what stands in front of the server",
                    name=bare(line.owner),
                    where=line.where,
                )


def _private(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    return next((str(n) for n in _NOT_PUBLIC if address.version == n.version and address in n), "")


RULES: Final[tuple[Check, ...]] = (
    public_name,
    container_id,
    has_addresses,
    is_mail_domain,
    public_addresses,
)
