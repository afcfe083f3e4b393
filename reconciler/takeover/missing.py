"""What is live and not in a stack, as additions to its file: the opposite of `forget:`.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from reconciler.config.dns import Dns
from reconciler.config.stack import Domain, Stack
from reconciler.config.tree import Path
from reconciler.desired import Desired
from reconciler.kinds import record
from reconciler.kinds.record import Record, absolute
from reconciler.resource import Address
from reconciler.state import Live
from reconciler.takeover.dns_text import record_text
from reconciler.takeover.draft import Draft
from reconciler.takeover.insertion import Entry, Item
from reconciler.takeover.left_out import Notes
from reconciler.takeover.people_text import account_lines, catch_all_text, group_lines, list_lines, short
from reconciler.takeover.scalars import scalar, value
from reconciler.takeover.zones import zone_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """additions, by the address that each declares; refused are the others that were asked for, and why."""

    additions: Mapping[Address, Entry | Item]
    refused: Mapping[Address, str]


def missing(
    addresses: Sequence[Address], stack: Stack, desired: Desired, live: Live, draft: Draft
) -> Missing:
    """Return what to add so that a stack declares these live addresses as well, in an order that can be read.

    draft is what an import of the same live state gives.
    """
    return _Adding(addresses, stack, desired, live, draft).all()


# What others name comes first, so that they can be named.
_ORDER = (
    "domain",
    "account",
    "group",
    "list",
    "alias",
    "catch_all",
    "record",
    "allowed_ip",
    "setting",
    "hostname",
)


class _Adding:
    def __init__(
        self, addresses: Sequence[Address], stack: Stack, desired: Desired, live: Live, draft: Draft
    ) -> None:
        self._wanted = dict.fromkeys(addresses)
        self._stack = stack
        self._live = live
        self._draft = draft.stack
        self._why = {one.address: one.why for one in draft.left_out}
        self._records = _records_of(stack, live)
        self._declared = set(desired.resources)
        self._additions: dict[Address, Entry | Item] = {}
        self._refused: dict[Address, str] = {}

    def all(self) -> Missing:
        makers: dict[str, Callable[[Address], Entry | Item | str]] = {
            "domain": self._domain,
            "account": self._account,
            "group": self._group,
            "list": self._list,
            "alias": self._alias,
            "catch_all": self._catch_all,
            "record": self._record,
            "allowed_ip": self._allowed_ip,
            "setting": self._setting,
            "hostname": self._hostname,
        }
        for kind in _ORDER:
            waiting = [a for a in self._wanted if a.kind == kind]
            # A group may name one that comes after it.
            while waiting:
                still = [a for a in waiting if not self._take(a, makers[kind])]
                if len(still) == len(waiting):
                    break
                waiting = still
        for address in self._wanted:
            if address not in self._additions and address not in self._refused:
                self._refused[address] = self._why.get(address, "a stack says it in another way")
        return Missing(additions=self._additions, refused=self._refused)

    def _take(self, address: Address, make: Callable[[Address], Entry | Item | str]) -> bool:
        """Add what makes this address declared; say why not where it cannot be."""
        made = self._why_not(address) or make(address)
        if isinstance(made, str):
            self._refused[address] = made
            return False
        self._refused.pop(address, None)
        self._additions[address] = made
        self._declared.add(address)
        return True

    def _why_not(self, address: Address) -> str:
        if address not in self._live.resources:
            return "there is no such thing on the live side"
        return ""

    def _home(self, address: str) -> tuple[Path, str] | str:
        """Return where the entries of a mail address's domain stand, and that domain."""
        name = address.rpartition("@")[2]
        known = self._stack.domains.get(name)
        if known is not None:
            return known.at, name
        if Address("domain", name) in self._declared:
            return ("domains", name), name
        return f"its domain {name} is not in the stack: take domain/{name} as well"

    def _entry(self, key: str, address: Address, lines: Iterable[str]) -> Entry | str:
        said = tuple(lines)
        home = self._home(address.name)
        if not said:
            return self._reason(address)
        if isinstance(home, str):
            return home
        at, name = home
        return Entry(path=(*at, key), key=short(address.name, name), lines=said)

    def _reason(self, address: Address) -> str:
        return self._why.get(address, "a stack cannot say it")

    def _domain(self, address: Address) -> Entry | str:
        if address in self._why or address.name not in self._draft.domains:
            return self._reason(address)
        return Entry(path=("domains",), key=address.name, lines=(f"{scalar(address.name)}: {{}}",))

    def _account(self, address: Address) -> Entry | str:
        one = self._drafted(address.name).accounts.get(address.name)
        return self._entry("accounts", address, () if one is None else account_lines(one, ()))

    def _group(self, address: Address) -> Entry | str:
        one = self._drafted(address.name).groups.get(address.name)
        unknown = "" if one is None else self._unknown(one.members)
        return unknown or self._entry("groups", address, () if one is None else group_lines(one))

    def _list(self, address: Address) -> Entry | str:
        one = self._drafted(address.name).lists.get(address.name)
        unknown = "" if one is None else self._unknown(one.members)
        return unknown or self._entry("lists", address, () if one is None else list_lines(one))

    def _drafted(self, address: str) -> Domain:
        """Return what an import says of the domain of a mail address."""
        name = address.rpartition("@")[2]
        return self._draft.domains.get(name) or Domain(name=name, dns=Dns(zone=name))

    def _unknown(self, members: Sequence[str]) -> str:
        for member in members:
            if Address("account", member) in self._declared or Address("group", member) in self._declared:
                continue
            kind = "group" if Address("group", member) in self._live.resources else "account"
            return f"its member {member} is not in the stack: take {kind}/{member} as well"
        return ""

    def _alias(self, address: Address) -> Entry | Item | str:
        one = self._drafted(address.name).aliases.get(address.name)
        if one is None:
            return self._reason(address)
        home = self._home(address.name)
        if isinstance(home, str):
            return home
        if Address("account", one.target) not in self._declared:
            return f"its account {one.target} is not in the stack: take account/{one.target} as well"
        holder = self._holder(one.target)
        own = one.target.rpartition("@")[2]
        if isinstance(holder, Entry):
            target = short(one.target, own)
            return Entry(
                path=holder.path,
                key=short(address.name, own),
                lines=(f"{scalar(short(address.name, own))}: {scalar(target)}",),
            )
        return Item(path=holder, text=scalar(short(address.name, own)))

    def _holder(self, target: str) -> Path | Entry:
        """Return the path of an account's aliases; an entry stands for a map of aliases, where he has his there."""
        domain = self._stack.domains.get(target.rpartition("@")[2])
        known = domain.accounts.get(target) if domain is not None else None
        if known is None or domain is None:
            entry = self._additions[Address("account", target)]
            assert isinstance(entry, Entry)
            return (*entry.path, entry.key, "aliases")
        mapped = any(a.target == target and a.at[-2:-1] == ("aliases",) for a in domain.aliases.values())
        if mapped and not known.aliases_declared:
            return Entry(path=(*domain.at, "aliases"), key="", lines=())
        return (*known.at, "aliases")

    def _catch_all(self, address: Address) -> Entry | str:
        holder = self._drafted(f"@{address.name}").catch_all
        if not isinstance(holder, str):
            return self._reason(address)
        home = self._home(f"@{address.name}")
        if isinstance(home, str):
            return home
        if Address("account", holder) not in self._declared:
            return f"its account {holder} is not in the stack: take account/{holder} as well"
        at, name = home
        known = self._stack.domains.get(name)
        if known is not None and known.catch_all is None:
            return "the stack says catch_all: none"
        return Entry(path=at, key="catch_all", lines=(f"catch_all: {catch_all_text(holder, name)}",))

    def _record(self, address: Address) -> Item | str:
        found = self._records.get(address)
        if found is None:
            return "it stands in no zone file of this stack, or a stack cannot say it"
        one, domain = found
        written = record.entry(one, domain.dns.ttl if domain.dns.ttl is not None else _ttl(one))
        return Item(path=(*domain.at, "dns", "records"), text=record_text(written, domain.name), is_long=True)

    def _allowed_ip(self, address: Address) -> Item | str:
        if address.name not in self._draft.allowed_ips:
            return self._reason(address)
        return Item(path=("allowed_ips",), text=scalar(address.name), is_long=True)

    def _setting(self, address: Address) -> Entry | str:
        found = self._draft.settings.get(address.name)
        if not isinstance(found, str):
            return self._why.get(address, "its value is secret, or nothing worth a line")
        return Entry(path=("settings",), key=address.name, lines=(f"{scalar(address.name)}: {value(found)}",))

    def _hostname(self, address: Address) -> Entry | str:
        if self._draft.hostname is None:
            return self._reason(address)
        return Entry(path=(), key="hostname", lines=(f"hostname: {scalar(self._draft.hostname)}",))


def _ttl(one: Record) -> int | None:
    return one.ttl if isinstance(one.ttl, int) else None


def _records_of(stack: Stack, live: Live) -> dict[Address, tuple[Record, Domain]]:
    """Return the records of the stack's zone files that may be declared, each with the domain that says them."""
    found: dict[Address, tuple[Record, Domain]] = {}
    for domain in stack.domains.values():
        if domain.dns.zonefile is None:
            continue
        zone = zone_in(live, absolute(domain.dns.zone), Notes())
        for address, one in zone.records.items():
            if address not in zone.elsewhere:
                found.setdefault(address, (one, domain))
    return found
