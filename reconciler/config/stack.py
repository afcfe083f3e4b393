"""The stack as the rest of the program reads it: what one file says, in one form only.

The models of this package follow the file: short forms, bare names, texts with units.  Here
everything is converted once: addresses are whole and lower-case, domains are A-labels without
a trailing dot, sizes are bytes, times are seconds, defaults are laid under every domain.
UNSET is what the file does not name (not compared, never changed); None says "none".

Every item knows the path of the YAML node that it came from (`at`); `Loaded.where` turns it
into file:line:column.  Paths do not take part in equality: a moved line is no change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.config.dns import Dns, Place, Ssh
from reconciler.config.secrets import SecretRef
from reconciler.config.tree import Path
from reconciler.resource import UNSET, Address, Unset


@dataclass(frozen=True, slots=True, kw_only=True)
class Stalwart:
    """How to reach the mail server and its files."""

    at: Path = field(default=(), compare=False, repr=False)
    url: str  # scheme, host and port; never a path, never credentials
    username: str | None = None
    password: SecretRef | None = None
    token: SecretRef | None = None
    config: Place | None = None
    restart: tuple[str, ...] = ()
    via: Ssh | None = None
    timeout: int = 60  # seconds
    container: str | None = None
    verify: bool | str = True  # False: no check of the certificate; a path: the CA file to trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """The certificate that the server gets for itself by ACME."""

    at: Path = field(default=(), compare=False, repr=False)
    acme: str  # the provider's name, which is its id on the server
    directory: str  # the URL of the ACME directory
    contact: tuple[str, ...]  # whole addresses
    challenge: str  # tls-alpn-01, http-01 or dns-01
    domains: tuple[str, ...] = ()  # names on the certificate; empty: the hostname
    renew_before: int | Unset = UNSET  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person's mailbox."""

    at: Path = field(default=(), compare=False, repr=False)
    address: str
    name: str | Unset = UNSET
    password: SecretRef | Unset = UNSET
    revision: int = 1  # of the password: it is set again when this rises
    quota: int | Unset | None = UNSET  # bytes; None: no limit
    enabled: bool | Unset = UNSET
    admin: bool | Unset = UNSET
    login: str | Unset = UNSET
    renamed_from: str | None = None  # the whole address that it had before
    aliases_declared: bool = False  # this account has an `aliases:` key of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A further address of one account, written under `aliases:` or under the account."""

    at: Path = field(default=(), compare=False, repr=False)
    address: str
    target: str  # the address of a declared account


@dataclass(frozen=True, slots=True, kw_only=True)
class MailList:
    """An address that passes mail on to its members, who may be anywhere."""

    at: Path = field(default=(), compare=False, repr=False)
    address: str
    name: str | Unset = UNSET
    members: tuple[str, ...]  # declared accounts and groups, in the order of the file
    externals: tuple[str, ...] = ()  # addresses in domains that this stack does not declare


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A shared mailbox."""

    at: Path = field(default=(), compare=False, repr=False)
    address: str
    name: str | Unset = UNSET
    members: tuple[str, ...]  # declared accounts and groups, in the order of the file
    quota: int | Unset | None = UNSET  # bytes; None: no limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """One mail domain with everything in it.  Addresses are whole; each map is keyed by them."""

    at: Path = field(default=(), compare=False, repr=False)
    name: str  # A-label, lower-case, no trailing dot
    description: str | Unset = UNSET
    parked: bool = False  # it neither sends nor receives mail, and its DNS shall say so
    dns: Dns
    accounts: Mapping[str, Account] = field(default_factory=dict)
    aliases: Mapping[str, Alias] = field(default_factory=dict)
    lists: Mapping[str, MailList] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    catch_all: str | Unset | None = UNSET  # the address of a declared account; None: there shall be none


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """A finding that somebody has looked at and accepts."""

    at: Path = field(default=(), compare=False, repr=False)
    id: str
    name: str | None = None  # what it is about; None: everything that the rule finds
    reason: str
    until: str | None = None  # ISO date; the finding comes back after that day


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Everything that one file declares."""

    name: str
    file: str  # as the user named it
    base: str  # the absolute folder of the file: paths in it are relative to this
    version: int
    hostname: str | None = None  # lower-case, no trailing dot
    stalwart: Stalwart | None = None
    domains: Mapping[str, Domain]  # the main domain first
    tls: Tls | None = None
    allowed_ips: tuple[str, ...] = ()  # canonical; one address has no prefix length
    settings: Mapping[str, str | SecretRef] = field(default_factory=dict)
    revisions: Mapping[str, int] = field(default_factory=dict)  # of settings that are secrets, by key
    removed: tuple[Address, ...] = ()
    forget: tuple[Address, ...] = ()
    release: tuple[Address, ...] = ()
    ignore: tuple[Ignore, ...] = ()
    secrets: Mapping[str, SecretRef] = field(default_factory=dict)  # {env: NAME} that connections answer

    @property
    def domain(self) -> Domain:
        """Return the main domain."""
        return next(iter(self.domains.values()))
