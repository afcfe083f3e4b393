"""What the rules look at, and the two ways in which a rule holds a change."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciler.desired import Desired
from reconciler.diff import Change, Verb
from reconciler.kinds import LISTED_TO_REMOVE
from reconciler.kinds.alias import Alias
from reconciler.kinds.catch_all import CatchAll
from reconciler.kinds.group import Group
from reconciler.kinds.mailing_list import MailingList
from reconciler.resource import UNSET, Address
from reconciler.state import Live


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A change that the plan will not make.

    release lets it go: a line or a flag to copy, and how says where that belongs; without how it is
    said in words.
    """

    change: Change
    rule: str
    why: str
    release: str
    how: str = ""
    releasable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the rules look at.  holdings are the live aliases and catch-alls by their holder.

    is_server_lost: the zones say that this stack was applied, and the server knows nothing of it.
    """

    desired: Desired
    live: Live
    changes: Mapping[Address, Change]
    holdings: Mapping[str, tuple[Address, ...]]
    lists_of: Mapping[str, tuple[Address, ...]]
    inhabitants: Mapping[str, tuple[Address, ...]]
    allowed_deletes: int | None = None
    is_server_lost: bool = False


# Where a release belongs.
IN_STACK = "write in the stack"
WITH_FLAG = "run it again with"


def context_of(
    changes: Sequence[Change], desired: Desired, live: Live, allowed_deletes: int | None
) -> Context:
    holdings: dict[str, list[Address]] = {}
    lists_of: dict[str, list[Address]] = {}
    inhabitants: dict[str, list[Address]] = {}
    for address, resource in live.resources.items():
        if isinstance(resource, Alias | CatchAll):
            holdings.setdefault(resource.holder, []).append(address)
        elif isinstance(resource, Group | MailingList) and resource.members is not UNSET:
            for member in resource.members:
                lists_of.setdefault(member, []).append(address)
        if address.kind != "domain" and address.kind in LISTED_TO_REMOVE:
            name = address.name.partition("/")[0].rpartition("@")[2]
            inhabitants.setdefault(name, []).append(address)
    return Context(
        desired=desired,
        live=live,
        changes={change.address: change for change in changes},
        holdings={k: tuple(v) for k, v in holdings.items()},
        lists_of={k: tuple(v) for k, v in lists_of.items()},
        inhabitants={k: tuple(v) for k, v in inhabitants.items()},
        allowed_deletes=allowed_deletes,
        is_server_lost=_is_server_lost(desired, live),
    )


def _is_server_lost(desired: Desired, live: Live) -> bool:
    marks = {address.kind for address in live.owned}
    if marks != {"record"}:
        return False
    return not any(address.kind == "domain" and address in live.resources for address in desired.resources)


def held(change: Change, rule: str, why: str, *, release: str = "") -> Held:
    """Held until somebody releases the address; with a release of its own, until that has been done."""
    return Held(
        change=change,
        rule=rule,
        why=why,
        release=release or f"--release {shlex.quote(str(change.address))}",
        how="" if release else WITH_FLAG,
        releasable=not release,
    )


def wants(change: Change, rule: str, why: str, lines: Sequence[Address]) -> Held:
    """Held until the file says more: the lines to add under `removed:`."""
    release = "removed: [" + ", ".join(_quoted(str(line)) for line in lines) + "]"
    return Held(change=change, rule=rule, why=why, release=release, how=IN_STACK, releasable=False)


def _quoted(text: str) -> str:
    """Return a text as YAML takes it in a list, to copy."""
    if re.fullmatch(r"[A-Za-z0-9_./@:+-]+", text) and not text.endswith(":"):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def goes(address: Address, context: Context) -> bool:
    change = context.changes.get(address)
    return change is not None and change.verb is Verb.DELETE


def some(addresses: Sequence[Address]) -> str:
    shown = ", ".join(str(a) for a in addresses[:5])
    return shown if len(addresses) <= 5 else f"{shown} and {len(addresses) - 5} more"
