"""Rules about what mail programs look for: SRV records and the names that set a program up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.kinds.account import Account
from reconciler.kinds.tls import Tls
from reconciler.lint.lines import Line, bare
from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene
from reconciler.mail import autoconfig, mtasts, srv
from reconciler.mail.errors import SyntaxProblem

_SERVICES: Final = {service.name: service for service in srv.SERVICES}


def targets(scene: Scene) -> Iterator[Found]:
    """SRV-02: An SRV record points to a host with an address.

    Severity: error
    Looks at: records

    The target of the services of mail programs is no alias, and it has A or AAAA. Names in zones that were
    not read are not judged.

    Why: The program finds nothing, or warns of a certificate for another name, and people type the
    settings by hand.

    Fix: Name the mail server itself.

    Source: RFC 2782, RFC 6186 §6
    """
    for line, _, _ in services(scene):
        target = line.target
        # HOST-04, ZONE-03 and ZONE-04 tell of the hostname, of circles and of missing dots.
        if (
            target == "."
            or line.is_doubled
            or bare(target) == scene.hostname
            or scene.goes_in_circles(target)
        ):
            continue
        if aliases := scene.at(target, "CNAME"):
            text = f"{bare(line.owner)} names {bare(target)}, an alias of {bare(aliases[0].value)}"
        elif scene.has_address(target) is False:
            text = f"{bare(line.owner)} names {bare(target)}, which has neither A nor AAAA: mail programs find no server"
        else:
            continue
        host = scene.hostname or "mail." + bare(line.zone)
        yield Found(
            text=text,
            fix=f"{line.owner} IN SRV {line.value.rpartition(' ')[0]} {host}.",
            name=bare(line.owner),
            where=line.where,
        )


def clear_text(scene: Scene) -> Iterator[Found]:
    """SRV-03: Services in clear text are not offered before those with TLS.

    Severity: warning
    Looks at: records

    `_imap`, `_pop3` and `_submission`, which begin in clear text, have a larger priority number than
    `_imaps`, `_pop3s` and `_submissions`, or the target `.`, which says "not here".

    Why: A program takes the one that it finds first, and whoever stands in between reads the password.

    Fix: `_imap._tcp IN SRV 0 0 0 .`

    Source: RFC 8314 §5.1, RFC 6186 §3.4
    """
    by_name = {(line.owner, name): record for line, name, record in services(scene)}
    for line, name, record in services(scene):
        secure = _SERVICES[name].secure
        if not secure or record.target == "." or name in ("caldav", "carddav"):
            continue
        other = by_name.get((f"_{secure}{line.owner.removeprefix('_' + name)}", secure))
        if other is None or other.target == ".":
            why = f"and there is no _{secure}"
        elif record.priority <= other.priority:
            why = f"and no later than _{secure}"
        else:
            continue
        yield Found(
            text=f"{bare(line.owner)} offers {name} in clear text, {why}: passwords may be read",
            fix=f"{line.owner} IN SRV 0 0 0 .",
            name=bare(line.owner),
            where=line.where,
        )


def on_certificate(scene: Scene) -> Iterator[Found]:
    """AUTO-02: The names that mail programs and senders fetch settings from are on the certificate.

    Severity: warning
    Looks at: stack file

    Where autoconfig or MTA-STS is on and the server gets its certificate by `tls:`, that certificate
    also holds autoconfig, autodiscover and mta-sts of the domain.

    Why: They are fetched over https. With a certificate for another name programs warn or give up, and
    senders find no policy.

    Fix: Name them under `tls.domains`, with the hostname.

    Source: RFC 8461 §3.3, MS-OXDSCLI §3.1.5, draft-ietf-mailmaint-autoconfig
    """
    for tls in scene.of_kind(Tls.KIND):
        if not isinstance(tls, Tls) or not isinstance(tls.domains, frozenset):
            continue
        for domain in scene.stack.domains.values() if scene.stack else ():
            mail = domain.dns.mail
            wanted: list[str] = []
            if mail.autoconfig is not None and mail.autoconfig.target in (None, scene.hostname):
                wanted += autoconfig.names(domain.name)
            if mail.mta_sts is not None:
                wanted.append(mtasts.policy_host(domain.name))
            missing = [name for name in wanted if not _holds(tls.domains, name)]
            if missing:
                yield Found(
                    text=f"the certificate does not hold {', '.join(missing)}: what is fetched there is not trusted",
                    fix=f"tls: {{domains: [{', '.join(sorted(tls.domains | set(missing)))}]}}",
                    name=domain.name,
                    where=scene.place(tls.address),
                )


def _holds(names: frozenset[str], name: str) -> bool:
    return name in names or f"*.{name.partition('.')[2]}" in names


def services(scene: Scene) -> Iterator[tuple[Line, str, srv.Srv]]:
    """Yield the SRV records of the services of mail programs that can be read."""
    for line in scene.lines:
        name = line.owner.partition(".")[0].removeprefix("_")
        if line.type == "SRV" and name in _SERVICES and f"_{name}._tcp." in line.owner:
            try:
                yield line, name, srv.parse(line.value)
            except SyntaxProblem:
                continue


def logins(scene: Scene) -> Iterator[Found]:
    """AUTO-03: People log in with their address.

    Severity: hint
    Looks at: resources

    The login of an account is its primary address, which is what autoconfig and autodiscover tell the mail
    program. Stalwart 0.11 to 0.15 accepts the login of the account only, 0.16 the full address only.

    Why: A program that sets itself up tries the address, is refused, and may get the person banned by trying
    on.

    Fix: `login: alice@example.org` in the account's entry, and tell the person: every device must be changed.

    Source: Stalwart 0.11 to 0.15, crates/directory/src/backend/internal/lookup.rs
    """
    others: dict[str, list[Account]] = {}
    for account in scene.of_kind(Account.KIND):
        address = account.address.name
        if isinstance(account, Account) and isinstance(account.login, str) and account.login != address:
            others.setdefault(address.rpartition("@")[2], []).append(account)
    for domain, accounts in others.items():
        first = accounts[0].address.name
        several = f"{len(accounts)} accounts, such as {first}, have"
        who = f"{first} has" if len(accounts) == 1 else several
        yield Found(
            text=f"{domain}: {who} a login that is not the address, and programs that set themselves up try the address",
            fix=f"login: {first}, once the person knows",
            name=domain,
            where=scene.place(accounts[0].address),
        )


RULES: Final[tuple[Check, ...]] = (targets, clear_text, on_certificate, logins)
