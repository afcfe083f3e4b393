"""Rules about addresses, mailboxes and passwords."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reconciler.config.secrets import FromCommand, FromEnv, FromFile, Given
from reconciler.config.stack import Account
from reconciler.lint.lines import bare
from reconciler.lint.refused import by_loader
from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene
from reconciler.mail import caa, destinations
from reconciler.mail.errors import SyntaxProblem
from reconciler.resource import UNSET

# Hashes that a graphics card tries by the thousand million a second.
_WEAK_HASH: Final = re.compile(r"\{(?:MD5|SHA|SSHA|CRYPT|crypt)\}|\$1\$|\$sha1\$|_[./0-9A-Za-z]{19}\Z")


def postmaster(scene: Scene) -> Iterator[Found]:
    """ADDR-01: Somebody reads postmaster.

    Severity: error
    Looks at: mailboxes

    Every domain that receives mail delivers `postmaster`. A catch-all does as well. Where the server was
    not read it is a warning: somebody may have the address there.

    Why: Others report what is wrong there, authorities send reminders, and DMARC reports go there unless
    told otherwise. Some servers refuse mail of a domain without it.

    Fix: `aliases: {postmaster: alice}`

    Source: RFC 5321 §4.5.1, RFC 2142 §5
    """
    for name in scene.domains:
        if scene.is_delivered(f"postmaster@{name}") is False:
            yield Found(
                text=f"nobody has postmaster@{name}, which every mail domain must deliver",
                fix=f"aliases: {{postmaster@{name}: ...}}",
                name=name,
                where=scene.domain_place(name),
                severity=scene.unless_read("warning"),
            )


def role_addresses(scene: Scene) -> Iterator[Found]:
    """ADDR-02: The addresses that the domain gives to others exist.

    Severity: warning
    Looks at: mailboxes

    `abuse` is delivered, and so are the mailbox in the SOA and the one in CAA's `iodef`, where they are in a
    domain of this server.

    Why: Complaints about mail, broken zones and refused certificates come back to whoever wrote them; who
    gets no answer blocks the server.

    Fix: `aliases: {abuse: alice}`

    Source: RFC 2142 §4 and §7, RFC 8659 §4.4
    """
    for name in scene.domains:
        if scene.is_delivered(f"abuse@{name}") is False:
            yield Found(
                text=f"nobody has abuse@{name}: complaints about mail come back",
                fix=f"aliases: {{abuse@{name}: ...}}",
                name=name,
                where=scene.domain_place(name),
            )
    for line in scene.lines:
        mailbox, what = "", ""
        if line.type == "SOA":
            mailbox, what = _mailbox_of(line.value.split()[1:2]), "the SOA"
        elif line.type == "CAA":
            mailbox, what = _iodef(line.value), "CAA"
        if mailbox and not mailbox.startswith("postmaster@") and scene.is_delivered(mailbox) is False:
            yield Found(
                text=f"{what} of {bare(line.owner)} names {mailbox}, and nobody has that address",
                fix=f"aliases: {{{mailbox}: ...}}",
                name=mailbox,
                where=line.where,
            )


def _mailbox_of(words: list[str]) -> str:
    """Return the address that an SOA's second name means (RFC 1035 §3.3.13)."""
    found = re.match(r"((?:[^.\\]|\\.)+)\.(.+)", words[0]) if words else None
    return "" if found is None else f"{found[1].replace(chr(92), '')}@{bare(found[2])}"


def _iodef(value: str) -> str:
    try:
        record = caa.parse(value)
    except SyntaxProblem:
        return ""
    if record.tag != "iodef":
        return ""
    return destinations.Destination(uri=record.value).mailbox or ""


def claimed_twice(scene: Scene) -> Iterator[Found]:
    """ADDR-03: An address belongs to one account, list or group.

    Severity: error
    Looks at: stack file

    Upper and lower case are the same, and so are an alias written under the account and one under
    `aliases:`.

    Why: The server refuses the second one in the middle of an apply.

    Fix: Delete one of the two.

    Source: Stalwart 0.11 to 0.15, crates/directory: one table of addresses
    """
    yield from by_loader(scene, "ADDR-03")


def loops(scene: Scene) -> Iterator[Found]:
    """ADDR-04: No group or list contains itself.

    Severity: error
    Looks at: stack file

    Members are accounts and groups, no group is inside itself, and lists are not members of lists.

    Why: Mail would go in circles, or what a member may see would depend on itself.

    Fix: Take one of the members out.

    Source: RFC 5321 §6.3
    """
    yield from by_loader(scene, "ADDR-04")


def syntax(scene: Scene) -> Iterator[Found]:
    """ADDR-06: An address can be written in an envelope.

    Severity: error
    Looks at: stack file

    At most 64 signs before the @ and 254 in all, dots only between other signs, ASCII, no quotes.

    Why: Other servers refuse it.

    Fix: Choose a plain name, such as alice.

    Source: RFC 5321 §4.5.3.1, RFC 5322 §3.4.1
    """
    yield from by_loader(scene, "ADDR-06")


def in_domain(scene: Scene) -> Iterator[Found]:
    """ADDR-07: An address is in a domain that takes mail.

    Severity: error
    Looks at: stack file

    The domain of every address is declared and not parked.

    Why: The server does not accept mail for a domain that it does not know, and a parked domain says that
    it takes none.

    Fix: Add it under `domains:`, or delete `type: parked`.

    Source: RFC 5321 §4.1.1.3, RFC 7505
    """
    yield from by_loader(scene, "ADDR-07")


def quota(scene: Scene) -> Iterator[Found]:
    """ADDR-10: A quota has a unit.

    Severity: error
    Looks at: stack file

    `5GiB` is a size and `5` is none; `none` is no limit. 0 means no limit to the server, and is not
    accepted here.

    Why: A mailbox of five bytes takes no mail: every mail comes back to its sender.

    Fix: `quota: 5GiB`

    Source: Stalwart 0.11 to 0.15 counts bytes, and takes 0 for no limit
    """
    yield from by_loader(scene, "ADDR-10")


def passwords(scene: Scene) -> Iterator[Found]:
    """ADDR-13: Passwords are not in the file, and no two accounts share one.

    Severity: error
    Looks at: stack file

    The file says where a password lies. A hash may stand in it, of a kind that takes long to try; a weak one
    is a warning. No two accounts have the same hash, or the same place.

    Why: The file is in a repository, and whoever reads it logs in. The same hash or place twice means that
    one person can read another's mail.

    Fix: `password: {env: ALICE_PASSWORD}`, one for each account.

    Source: NIST SP 800-63B §3.1.1.2
    """
    yield from by_loader(scene, "ADDR-13")
    first: dict[object, Account] = {}
    accounts = [a for d in scene.stack.domains.values() for a in d.accounts.values()] if scene.stack else []
    for account in accounts:
        password = account.password
        if password is UNSET:
            continue
        where = scene.find((*account.at, "password"))
        key = _source(password)
        same = first.setdefault(key, account)
        if isinstance(password, Given) and _WEAK_HASH.match(password.secret.reveal()):
            yield Found(
                text=f"the hash of {account.address} is of a kind that is tried out in hours",
                fix="set a new password: password: {env: ...}, which is hashed with argon2id",
                name=account.address,
                where=where,
                severity="warning",
            )
        if same is not account:
            yield Found(
                text=f"{account.address} has the same password as {same.address}: {password}",
                fix="give each account its own",
                name=account.address,
                where=where,
            )


def _source(password: object) -> object:
    """Return what makes two passwords the same: the place, or the hash itself."""
    match password:
        case FromEnv():
            return ("env", password.env)
        case FromFile():
            return ("file", password.file)
        case FromCommand():
            return ("command", password.command, password.key)
        case Given():
            return ("hash", password.secret)
        case _:
            return password


RULES: Final[tuple[Check, ...]] = (
    postmaster,
    role_addresses,
    claimed_twice,
    loops,
    syntax,
    in_domain,
    quota,
    passwords,
)
