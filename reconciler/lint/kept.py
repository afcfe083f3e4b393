"""Rules that the program keeps by its own shape, or that plan and apply judge; here are their pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene

# By which name a plan holds what breaks a rule.
HELD: Final = {
    "lost-server": "STW-02",
    "last-admin": "STW-12",
    "own-login": "STW-12",
    "own-address": "STW-12",
    "login-changes": "ADDR-08",
    "too-many-deletes": "STW-15",
    "server-version": "STW-01",
    "server-generation": "STW-01",
    "no-serial": "ZONE-08",
    "not-served": "OPS-02",
}


def serial_rises(scene: Scene) -> Iterator[Found]:
    """ZONE-08: A new serial is greater than every one that is served.

    Severity: error
    Looks at: plan

    `apply` raises the serial beyond the file's and beyond that of every server in `dns.servers`, by RFC 1982
    arithmetic, and keeps the file's own style. `plan` says that it will.

    Why: A server that has seen a greater serial takes the new zone for an old one and goes on serving what it
    has, without a word.

    Fix: Nothing: `mailstack apply` does it. Who edits by hand adds one to the greatest serial served.

    Source: RFC 1982 §3.2, RFC 1912 §2.2
    """
    return iter(())


def signs_late(scene: Scene) -> Iterator[Found]:
    """DKIM-07: Nothing is signed with a key that nobody can see.

    Severity: error
    Looks at: plan

    `apply` stores a new key, publishes its record, asks every server in `dns.servers` for it, and only then
    lets the server sign. Where a record is not seen, signing does not begin, and the run says so.

    Why: Receivers that find no key count the signature as failed, and with DMARC they refuse the mail.

    Fix: Nothing: `mailstack apply` does it.

    Source: RFC 6376 §3.1 and §5.2
    """
    return iter(())


def policy_id(scene: Scene) -> Iterator[Found]:
    """STS-03: The id of an MTA-STS policy changes when its text does, and not otherwise.

    Severity: error
    Looks at: plan

    The id is made from the policy's text.

    Why: Senders fetch the policy anew when the id changes. Under the same id they go by the old one for as
    long as its max_age says, and refuse to deliver to a new MX.

    Fix: Nothing, where `mta_sts:` writes the record. A record by hand gets a new id with each new text.

    Source: RFC 8461 §3.1
    """
    return iter(())


def primary(scene: Scene) -> Iterator[Found]:
    """ADDR-08: An account's primary address changes only when the file says so.

    Severity: error
    Looks at: plan

    The key of the account is its primary address; the order of `aliases:` means nothing. It changes by
    `renamed_from:` alone.

    Why: The primary address is the sender of the person's mail, and it may be the login.

    Fix: `renamed_from: alicia@example.org`

    Source: Stalwart 0.11 to 0.15: the first of a principal's `emails` is the primary one
    """
    return iter(())


def same_server(scene: Scene) -> Iterator[Found]:
    """STW-02: The server is the one that this stack was applied to.

    Severity: error
    Looks at: plan

    Where the zone carries this stack's marks, the server has some of its marks or one of its domains. Else
    the plan holds every change of it.

    Why: A container that was started without its volume is empty. Filling it hides that all mail is gone,
    and publishes new keys over those of the real server.

    Fix: Mount the volume; if the server is meant to be new: `mailstack plan --new-server`

    Source: the project's rules of removal
    """
    return iter(())


def not_too_much(scene: Scene) -> Iterator[Found]:
    """STW-15: Not too much goes at once.

    Severity: error
    Looks at: plan

    No more than three, or a fifth, of what is ours in one kind or zone goes in one plan; more is held. What
    stops mail goes only when it is listed under `removed:`.

    Why: A wrong branch, a merge that went wrong or a lost include looks just like that.

    Fix: Read the list; if it is meant: `--allow-deletes N`

    Source: the project's rules of removal
    """
    return iter(())


def still_listed(scene: Scene) -> Iterator[Found]:
    """REMOVED-01: What is listed under `removed:` is still there.

    Severity: hint
    Looks at: plan

    An entry whose thing is gone has done its work.

    Why: Should the address be used again one day, the line would be in the way.

    Fix: Drop the line.

    Source: the project's rules of removal
    """
    return iter(())


def still_forgotten(scene: Scene) -> Iterator[Found]:
    """FORGET-01: What is listed under `forget:` still carries a mark of this stack.

    Severity: hint
    Looks at: plan

    An entry whose mark is gone has done its work.

    Why: A line that does nothing makes readers wonder what it does.

    Fix: Drop the line.

    Source: the project's rules of removal
    """
    return iter(())


def still_renamed(scene: Scene) -> Iterator[Found]:
    """RENAMED-01: `renamed_from:` names an account that is to be renamed.

    Severity: hint
    Looks at: plan

    The account has its new address already, so the old one is no longer looked for.

    Why: A line that does nothing makes readers wonder what it does.

    Fix: Drop `renamed_from:`.

    Source: the project's rules of removal
    """
    return iter(())


def listed_aliases(scene: Scene) -> Iterator[Found]:
    """ALIAS-01: Where an account lists its aliases, it has no others.

    Severity: hint
    Looks at: plan

    The server knows a further alias of the account. It stays and goes on getting mail: what is not listed is
    not taken away.

    Why: Whoever reads the file believes that the list is whole.

    Fix: Add it to `aliases:`, or end it under `removed:`.

    Source: the project's rules of removal
    """
    return iter(())


def senders_kept(scene: Scene) -> Iterator[Found]:
    """SPF-08: Whoever may send by the live SPF text may send by the declared one.

    Severity: warning
    Looks at: plan

    An SPF text that mailstack did not write, and that a declared one takes the place of, names nobody whom
    the new one leaves out.

    Why: Their mail is refused from then on: the newsletter, the shop, the printer.

    Fix: Take over the terms of those who still send for the domain; the finding has both texts as one.

    Source: RFC 7208 §5; the project's rules of taking over
    """
    return iter(())


def exceptions_hold(scene: Scene) -> Iterator[Found]:
    """LINT-01: An exception of `lint.ignore` is one that still holds.

    Severity: hint
    Looks at: stack file

    Its `until` has not passed, and its `id` is that of a rule, which is a warning where it is not. What the
    exception hid is told again after that day.

    Why: An exception that nobody looks at again hides what its reason no longer excuses.

    Fix: Delete it, or give it a new day and a reason that holds.

    Source: the project's rules of exceptions
    """
    return iter(())


RULES: Final[tuple[Check, ...]] = (
    serial_rises,
    signs_late,
    policy_id,
    primary,
    same_server,
    not_too_much,
    still_listed,
    still_forgotten,
    still_renamed,
    listed_aliases,
    senders_kept,
    exceptions_hold,
)
