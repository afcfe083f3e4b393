"""What the rules look at: the state that is judged, and how much of it is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from reconciler.config.stack import Stack
from reconciler.config.tree import Path
from reconciler.dnsdata import names
from reconciler.errors import Problem, Where
from reconciler.kinds.record import absolute
from reconciler.kinds.setting import Setting
from reconciler.lint.config_text import ConfigText
from reconciler.lint.lines import Line, ZoneText, bare
from reconciler.mail.spf import RecordType, UnansweredError
from reconciler.resource import Address, Resource

# No chain of aliases that anybody follows is longer.
_LONGEST_CHAIN = 8


def nowhere(_: object) -> None:
    """Return no place: nothing of this scene was written by a person."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One state of a mail server and its DNS.

    hostname and domains are in the stack's form, without a dot at the end.  resources are
    everything but records; lines are the records, of files and stack together.  stack is None where
    there is none, refused is what its loader said; is_written is False of a state that is not what the
    stack says but what is live.
    is_server_read says that resources hold what is live.  egress are the addresses from which the
    server sends.  config is the server's config.toml, where it could be read, and version the server's,
    "" where that is not known.  place finds a resource in the stack's file, find the path of one of its nodes.
    """

    hostname: str | None = None
    domains: tuple[str, ...] = ()
    parked: frozenset[str] = frozenset()
    resources: Mapping[Address, Resource] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    zones: tuple[ZoneText, ...] = ()
    stack: Stack | None = None
    refused: tuple[Problem, ...] = ()
    is_written: bool = True
    is_server_read: bool = False
    egress: tuple[str, ...] = ()
    config: ConfigText | None = None
    version: str = ""
    place: Callable[[Address], Where | None] = nowhere
    find: Callable[[Path], Where | None] = nowhere

    @cached_property
    def _by_name(self) -> dict[str, dict[str, list[Line]]]:
        found: dict[str, dict[str, list[Line]]] = {}
        for line in self.lines:
            found.setdefault(line.owner, {}).setdefault(line.type, []).append(line)
        return found

    @property
    def names(self) -> Iterator[str]:
        """The owners of all records, each once."""
        return iter(self._by_name)

    def at(self, owner: str, rrtype: str) -> list[Line]:
        """Return the records of one set; the owner is absolute with a dot."""
        return self._by_name.get(owner, {}).get(rrtype, [])

    def types_at(self, owner: str) -> set[str]:
        """Return the types that a name has."""
        return set(self._by_name.get(owner, ()))

    def texts(self, meaning: str) -> Iterator[Line]:
        """Yield the TXT records with this meaning: spf, dmarc, dkim, tlsrpt, mtasts.

        One that a semicolon has cut is not among them: ZONE-06 tells it, and the rest would follow.
        """
        return (
            line
            for line in self.lines
            if line.type == "TXT" and line.meaning == meaning and not self.is_cut(line)
        )

    def is_cut(self, line: Line) -> bool:
        """Say whether a semicolon outside of quotes ends the record."""
        return line.where is not None and (line.where.file, line.where.line) in self._cut

    @cached_property
    def _cut(self) -> frozenset[tuple[str, int]]:
        problems = (problem for zone in self.zones for problem in zone.problems)
        return frozenset((p.where.file, p.where.line) for p in problems if p.rule == "ZONE-06" and p.where)

    def goes_in_circles(self, name: str) -> bool:
        """Say whether following the aliases of a name never ends: ZONE-03 tells it."""
        for _ in range(_LONGEST_CHAIN):
            aliases = self.at(name, "CNAME")
            if not aliases:
                return False
            name = aliases[0].value
        return True

    def knows(self, name: str) -> bool:
        """Say whether all records of a name are known: its zone was read, and nothing hides a part of it."""
        zone = max(
            (z for z in self.zones if names.is_under(name, z.name)), key=lambda z: len(z.name), default=None
        )
        if zone is None or zone.includes:
            return False
        above = name
        while above != zone.name:
            if self.at(above, "NS") or self.types_at("*." + names.parent(above)):
                return False
            above = names.parent(above)
        return True

    def has_address(self, name: str) -> bool | None:
        """Say whether a name leads to an address; None where that is not known."""
        for _ in range(_LONGEST_CHAIN):
            if self.types_at(name) & {"A", "AAAA"}:
                return True
            aliases = self.at(name, "CNAME")
            if not aliases:
                return False if self.knows(name) else None
            name = aliases[0].value
        return False

    def ask(self, name: str, rrtype: RecordType, /) -> tuple[str, ...]:
        """Answer a question of an SPF check from the records; UnansweredError where they are not known."""
        owner = absolute(name)
        for _ in range(_LONGEST_CHAIN):
            if found := self.at(owner, rrtype):
                return tuple(_answer(line) for line in found)
            if not (aliases := self.at(owner, "CNAME")):
                break
            owner = aliases[0].value
        if self.knows(owner):
            return ()
        raise UnansweredError(name, rrtype)

    @cached_property
    def mail_hosts(self) -> frozenset[str]:
        """The names at which mail arrives: the hostname and the targets of all MX records."""
        found = {line.target for line in self.lines if line.type == "MX"} - {"."}
        return frozenset(found | ({absolute(self.hostname)} if self.hostname else set()))

    def domain_place(self, name: str) -> Where | None:
        """Return where the stack declares a domain; of the main one, its `domain:`."""
        found = self.place(Address("domain", name))
        if found is None and self.stack is not None and name in self.stack.domains:
            found = self.find(self.stack.domains[name].at)  # of a parked one, which is no resource
        return found if found is None or found.line else self.find(("domain",))

    def of_kind(self, kind: str) -> Iterator[Resource]:
        """Yield the resources of one kind."""
        return (resource for address, resource in self.resources.items() if address.kind == kind)

    @cached_property
    def settings(self) -> tuple[tuple[str, str, Where | None], ...]:
        """Key, text and place of all settings that are known; what config.toml sets wins over the rest.

        A setting of the stack whose text is a secret is not among them.
        """
        config = self.config
        in_file = [(k, text, config.where(k)) for k, text in config.values.items()] if config else []
        declared = [
            (setting.address.name, setting.value, self.place(setting.address))
            for setting in self.of_kind(Setting.KIND)
            if isinstance(setting, Setting) and isinstance(setting.value, str)
        ]
        return (*in_file, *(one for one in declared if not (config and one[0] in config.values)))

    @cached_property
    def mailboxes(self) -> frozenset[str]:
        """All addresses at which somebody or something gets mail."""
        kinds = ("account", "alias", "list", "group")
        return frozenset(address.name for address in self.resources if address.kind in kinds)

    @cached_property
    def catch_alls(self) -> frozenset[str]:
        """The domains in which every address is delivered."""
        return frozenset(address.name for address in self.resources if address.kind == "catch_all")

    def knows_mailboxes(self, domain: str) -> bool:
        """Say whether the addresses of a domain are known: the server was read, or the stack names some."""
        if domain not in self.domains or domain in self.parked:
            return False
        return self.is_server_read or any(name.endswith(f"@{domain}") for name in self.mailboxes)

    def unless_read(self, severity: str) -> str:
        """Return the milder severity where an address may be on the server and not in the stack."""
        return "" if self.is_server_read else severity

    def is_delivered(self, address: str) -> bool | None:
        """Say whether mail to an address arrives; None where that is not known."""
        address = address.lower()
        domain = address.rpartition("@")[2]
        if address in self.mailboxes or domain in self.catch_alls:
            return True
        return False if self.knows_mailboxes(domain) else None


def _answer(line: Line) -> str:
    if line.type == "TXT":
        return line.text
    return bare(line.target) if line.target else line.value
