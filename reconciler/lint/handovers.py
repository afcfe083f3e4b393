"""Rules about mail that one person got and another gets, and about mail that is passed on to the outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.kinds.account import Account
from reconciler.kinds.alias import Alias
from reconciler.kinds.alias import address_of as alias_address
from reconciler.kinds.domain import Domain
from reconciler.kinds.mailing_list import MailingList
from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene

_SWITCH: Final = "session.rcpt.catch-all"


def inherited(scene: Scene) -> Iterator[Found]:
    """ADDR-11: The address of somebody who leaves does not silently become somebody else's.

    Severity: warning
    Looks at: stack file

    An address under `removed:` is not, in the same file, an alias of somebody else. (Who goes and is still
    a member or a target is refused when the file is read.)

    Why: From then on the other person gets what was meant for the one who left: private mail, invoices, and
    the links with which shops and banks set a new password.

    Fix: Let the address bounce for some months first. If it is meant, say so:
    `lint: {ignore: [{id: ADDR-11, name: bob@example.org, reason: ...}]}`

    Source: RFC 2142 names what belongs to a role; a personal address does not
    """
    for gone in scene.stack.removed if scene.stack is not None else ():
        taken = scene.resources.get(alias_address(gone.name))
        if gone.kind == Account.KIND and isinstance(taken, Alias):
            yield Found(
                text=f"{gone.name} goes and becomes an alias of {taken.holder}, who then gets this person's mail",
                fix="let it bounce for some months before somebody else gets it",
                name=gone.name,
                where=scene.place(taken.address) or scene.place(gone),
            )


def passed_on(scene: Scene) -> Iterator[Found]:
    """ADDR-12: A list that passes mail on to the outside keeps a copy here.

    Severity: hint
    Looks at: resources

    At least one member of a list is on this server. Groups and accounts never pass mail on.

    Why: Stalwart passes mail on with the sender's own envelope address (no SRS), so the SPF of strict senders
    fails at the other end. What is refused there goes back to the sender, and nobody here has it.

    Fix: Take an account of this server into the list as well.

    Source: RFC 7208 appendix D.1; Stalwart 0.11 to 0.15, lists of crates/directory
    """
    here = {*scene.domains, *(domain.address.name for domain in scene.of_kind(Domain.KIND))}
    for found in scene.of_kind(MailingList.KIND):
        members = found.members if isinstance(found, MailingList) else frozenset()
        if isinstance(members, frozenset) and members:
            outside = [member for member in members if member.rpartition("@")[2] not in here]
            if len(outside) == len(members):
                yield Found(
                    text=f"{found.address.name} passes all mail on to the outside: nobody here has what is refused there",
                    fix="add an account of this server to its members",
                    name=found.address.name,
                    where=scene.place(found.address),
                )


def catches(scene: Scene) -> Iterator[Found]:
    """ADDR-05: A catch-all catches.

    Severity: warning
    Looks at: settings

    Where a domain has a catch-all, the setting `session.rcpt.catch-all` does not switch it off. That there is
    one at most, and that it is an account of this server, is seen when the file is read.

    Why: Mail to unknown addresses is refused although the stack says that somebody gets it.

    Fix: Delete the setting, or write `catch_all: none`.

    Source: Stalwart 0.11 to 0.15, crates/common/src/config/smtp/session.rs
    """
    off = [where for key, value, where in scene.settings if (key, value.lower()) == (_SWITCH, "false")]
    for domain in sorted(scene.catch_alls) if off else ():
        yield Found(
            text=f"{domain} has a catch-all, and {_SWITCH} is false: mail to unknown addresses is refused",
            fix=f"delete the setting {_SWITCH}, or write catch_all: none",
            name=domain,
            where=off[0],
        )


RULES: Final[tuple[Check, ...]] = (inherited, passed_on, catches)
