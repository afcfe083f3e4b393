"""The normalised `dns:` part of a domain: where its zone lives and which records it shall have.

Names are absolute, lower-case and without a trailing dot.  What a standard's record says is
kept as the file says it; the texts themselves are made in `mail/`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from reconciler.config.tree import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A file: absolute path, here, behind the section's `via`, or in a container."""

    path: str
    container: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ssh:
    """A machine to work from; what is None is left to OpenSSH's own configuration."""

    host: str
    user: str | None = None
    port: int | None = None

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"ssh://{user}{host}" + (f":{self.port}" if self.port else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class NameServer:
    """A name server that is asked whether it serves a change."""

    host: str  # an address or a name
    port: int = 53


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record that the file declares."""

    at: Path = field(default=(), compare=False, repr=False)
    name: str  # absolute, lower-case, no trailing dot
    type: str  # upper-case
    value: str  # master-file text of the data, as written
    ttl: int | None = None  # seconds; None: not compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Mx:
    """Who receives the domain's mail; without targets it is the hostname with preference 10."""

    targets: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spf:
    """Who may send (RFC 7208).  `named` is False where the file leaves the text to us."""

    named: bool = False
    text: str | None = None
    include: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()  # ip4 and ip6
    a: bool = False
    mx: bool = True
    all: str = "fail"  # fail, softfail, neutral


@dataclass(frozen=True, slots=True, kw_only=True)
class Dmarc:
    """What receivers shall do with mail that fails (RFC 9989).  `named` as for SPF."""

    named: bool = False
    text: str | None = None
    policy: str = "none"
    subdomain_policy: str | None = None
    nonexistent_policy: str | None = None
    reports: tuple[str, ...] = ()  # whole addresses; empty: postmaster
    failure_reports: tuple[str, ...] = ()
    dkim_alignment: str = "relaxed"
    spf_alignment: str = "relaxed"
    testing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsRpt:
    """Where reports about failed TLS go (RFC 8460)."""

    named: bool = False
    text: str | None = None
    reports: tuple[str, ...] = ()  # whole addresses or https URLs; empty: postmaster


@dataclass(frozen=True, slots=True, kw_only=True)
class Srv:
    """Services for mail programs (RFC 6186): service -> port, 0 for its usual one, None for "not offered"."""

    named: bool = False
    services: tuple[tuple[str, int | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MtaSts:
    """The policy that asks senders for TLS (RFC 8461)."""

    mode: str = "testing"
    max_age: int = 604800  # seconds
    mx: tuple[str, ...] = ()  # empty: the targets of the MX records


@dataclass(frozen=True, slots=True, kw_only=True)
class Autoconfig:
    """The names that mail programs try: autoconfig and autodiscover; None: they point at the hostname."""

    target: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caa:
    """Which authorities may issue certificates (RFC 8659); empty: the one of `tls:`."""

    issue: tuple[str, ...] = ()
    issuewild: tuple[str, ...] = ()
    iodef: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tlsa:
    """The certificate's key in DNS (RFC 7672): texts as written, or made from a certificate file."""

    texts: tuple[str, ...] = ()
    certificate: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRecords:
    """Which standards get records; None is "not this one"."""

    at: Path = field(default=(), compare=False, repr=False)
    mx: Mx | None = Mx()
    spf: Spf | None = Spf()
    host_spf: bool = True  # with spf: the hostname gets a record of its own, too
    dkim: tuple[str, ...] | None = ("rsa", "ed25519")
    dmarc: Dmarc | None = Dmarc()
    tls_rpt: TlsRpt | None = TlsRpt()
    srv: Srv | None = Srv()
    mta_sts: MtaSts | None = None
    autoconfig: Autoconfig | None = None
    caa: Caa | None = None
    tlsa: Tlsa | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dns:
    """How one domain's records are kept, and which there shall be."""

    at: Path = field(default=(), compare=False, repr=False)
    declared: bool = False  # the file has a `dns:` for this domain, or defaults give one
    zone: str  # the domain, unless the file says otherwise
    zonefile: Place | None = None
    reload: tuple[str, ...] = ()
    servers: tuple[NameServer, ...] = ()
    ttl: int | None = None  # seconds
    addresses: tuple[str, ...] = ()  # of the hostname; canonical
    via: Ssh | None = None
    timeout: int = 10  # seconds
    mail: MailRecords = MailRecords()
    records: tuple[Record, ...] = ()
