"""Rules about single settings, in the stack and in config.toml."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Final

from reconciler.kinds import setting
from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene

# The first words of the keys of Stalwart 0.11 to 0.15.
_WORDS: Final = (
    *("account", "acme", "asn", "auth", "authentication", "cache", "calendar", "certificate", "changes"),
    *("cluster", "config", "contacts", "dav", "directory", "email", "enterprise", "file-storage", "form"),
    *("global", "http", "http-lookup", "imap", "ip-lookup", "jmap", "lookup", "metrics", "notify", "oauth"),
    *("object-quota", "queue", "remote", "report", "resolver", "server", "session", "sharing", "sieve"),
    *("signature", "spam-filter", "storage", "store", "tracer", "tracing", "version", "webadmin", "webhook"),
)

# In these, a key may end with a name that people, or a store of somebody else, have chosen.
_OWN_NAMES: Final = ("directory.", "http-lookup.", "lookup.", "spam-filter.", "store.")

# What a key was called up to a version, what it is called from then on, and which version that was.
_MOVED: Final = (
    ("server.http.", "http.", "0.12"),
    ("jmap.rate-limit.", "http.rate-limit.", "0.12"),
    ("jmap.folders.", "email.folders.", "0.12"),
    ("jmap.email.auto-expunge", "email.auto-expunge", "0.12"),
    ("jmap.account.purge.frequency", "account.purge.frequency", "0.12"),
    ("jmap.protocol.changes.max-history", "changes.max-history", "0.12"),
    ("storage.encryption.", "email.encryption.", "0.12"),
    ("queue.outbound.", "queue.route. and queue.connection.", "0.13"),
    ("storage.full-text.", "storage.search-index.", "0.15"),
    ("spam-filter.bayes.", "spam-filter.classifier.", "0.15"),
)
_ENDPOINTS: Final = ("http.allowed-endpoint", "server.http.allowed-endpoint")

# What is tried first.
_TRIED_FIRST: Final = frozenset(
    {
        *("admin", "admin123", "changeit", "changeme", "default", "example", "letmein", "mail", "pass"),
        *("passw0rd", "password", "qwerty", "root", "secret", "stalwart", "test", "123456", "12345678"),
    }
)
_ADMIN: Final = "authentication.fallback-admin"


def shadowed(scene: Scene) -> Iterator[Found]:
    """STW-07: A setting stands in one place.

    Severity: hint
    Looks at: stack, config file

    A setting that the stack declares and that the server would keep in its database does not stand in
    config.toml as well.

    Why: The file wins over the database for ever. mailstack then changes it there, and each change of it
    costs a restart instead of a reload.

    Fix: Take it out of config.toml and apply.

    Source: Stalwart 0.11 to 0.15, crates/common/src/manager/config.rs
    """
    config = scene.config
    if config is None or scene.stack is None:
        return
    for key in config.values:
        if key in scene.stack.settings and not config.is_local(key):
            yield Found(
                text=f"{key} stands in config.toml, which wins over the database for ever: it is changed there",
                fix="take it out of config.toml to have it changed by a reload, without a restart",
                name=key,
                where=config.where(key),
            )


def misspelt(scene: Scene) -> Iterator[Found]:
    """STW-08: The server knows the key of a setting.

    Severity: warning
    Looks at: settings

    A key begins with one of the words that the server has, ends with one that has hyphens and no underscores,
    and has its present name: some were renamed between versions, which is a hint where the version is not
    known. What stands in between is often a name that people choose, and is not judged.

    Why: The server takes any key and says nothing. The setting looks made and is not.

    Fix: Write the name that the finding gives.

    Source: Stalwart 0.11 to 0.15, crates/common/src/config; UPGRADING of these versions
    """
    for key, _, where in scene.settings:
        word, last = key.partition(".")[0], key.rpartition(".")[2]
        near = difflib.get_close_matches(word, _WORDS, n=1, cutoff=0.75)
        moved = next((row for row in _MOVED if key.startswith(row[0])), None)
        severity = ""
        if word not in _WORDS and near:
            text = f"Stalwart has no settings under {word}: it stores {key} and does nothing with it"
            fix = f"{near[0]}{key[len(word) :]}"
        elif "_" in last and not key.startswith(_OWN_NAMES):
            text = f"keys of Stalwart have hyphens: it stores {key} and does nothing with it"
            fix = f"{key.removesuffix(last)}{last.replace('_', '-')}"
        elif moved and (not scene.version or _number(scene.version) >= _number(moved[2])):
            text = f"Stalwart {moved[2]} and later do not read {key}: it has moved to {moved[1]}"
            fix = (
                moved[1] + key.removeprefix(moved[0])
                if " " not in moved[1]
                else f"look for it under {moved[1]}"
            )
            severity = "" if scene.version else "hint"
        else:
            continue
        yield Found(text=text, fix=fix, name=key, where=where, severity=severity)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"[0-9]+", version)[:2])


def second_writer(scene: Scene) -> Iterator[Found]:
    """STW-11: One program writes the zone.

    Severity: warning
    Looks at: stack, settings

    Where mailstack keeps a zone file, no ACME provider of the server writes into that zone by dynamic
    update (`provider = "rfc2136…"`).

    Why: A zone that takes dynamic updates belongs to the name server: it overwrites the file from its
    memory, and mailstack refuses to edit it (ZONE-16).

    Fix: `tls: {acme: letsencrypt, contact: postmaster, challenge: tls-alpn-01}`

    Source: RFC 2136; BIND 9.18 Administrator Reference Manual, "Dynamic Update"
    """
    zones = [d.dns.zone for d in scene.stack.domains.values() if d.dns.zonefile] if scene.stack else []
    for key, value, where in scene.settings:
        if zones and re.fullmatch(r"acme\..+\.provider", key) and value.lower().startswith("rfc2136"):
            yield Found(
                text=f"the server writes into its zone by dynamic update ({key}), and mailstack keeps the file of {zones[0]}",
                fix="use the challenge tls-alpn-01 or http-01, or a zone of its own for _acme-challenge",
                name=key,
                where=where,
            )


def locked_out(scene: Scene) -> Iterator[Found]:
    """STW-12: Somebody can still log in and administer.

    Severity: warning
    Looks at: settings

    `http.allowed-endpoint`, where it is a plain number, is 200; the name of the fallback admin has no
    capital letters. What a plan would do to the last administrator, to the login that mailstack itself
    uses, or to the address from which it comes is held: `last-admin`, `own-login`, `own-address`.

    Why: Nobody but loopback gets an answer over HTTP: no web admin, no JMAP, no set-up of mail programs. A
    login is compared in lower case, so that one with a capital letter never fits.

    Fix: Delete the setting, or write the name in lower case.

    Source: Stalwart 0.11 to 0.15, crates/http/src/request.rs and crates/common/src/auth
    """
    for key, value, where in scene.settings:
        if key in _ENDPOINTS and value.isdecimal() and value != "200":
            text = f"{key} is {value}: every request over HTTP is answered so, but for those from loopback"
            fix = f"delete the setting {key}"
        elif key == f"{_ADMIN}.user" and value != value.lower():
            text = f"the fallback admin {value} can never log in: the server makes logins lower-case"
            fix = f'{key} = "{value.lower()}"'
        else:
            continue
        yield Found(text=text, fix=fix, name=key, where=where)


def weak_admin(scene: Scene) -> Iterator[Found]:
    """STW-13: The administrator's password is none of those that are tried first.

    Severity: warning
    Looks at: settings

    The secret of the fallback admin is not one of a dozen that stand in guides and images.

    Why: Whoever can reach the web interface tries them, and then reads and writes everybody's mail.

    Fix: Write a hash, or `%{env:ADMIN_SECRET}%` in config.toml.

    Source: NIST SP 800-63B §3.1.1.2
    """
    texts = [(key, value, where) for key, value, where in scene.settings if key == f"{_ADMIN}.secret"]
    if scene.stack is not None and isinstance(own := scene.stack.settings.get(f"{_ADMIN}.secret"), str):
        texts.append((f"{_ADMIN}.secret", own, scene.place(setting.address_of(f"{_ADMIN}.secret"))))
    for key, value, where in texts:
        if re.sub(r"^\{(?:plain|clear)\}", "", value, flags=re.IGNORECASE).lower() in _TRIED_FIRST:
            yield Found(
                text="the password of the fallback admin is one of those that are tried first",
                fix=f'{key} = "%{{env:ADMIN_SECRET}}%"',
                name=key,
                where=where,
            )


def open_relay(scene: Scene) -> Iterator[Found]:
    """NET-04: The server passes on mail for its own people only.

    Severity: error
    Looks at: settings

    `session.rcpt.relay` is not plainly `true`. The server's own default lets those pass who have logged in; a
    condition of your own is not judged, nor is what the server does towards the network.

    Why: Whoever connects to port 25 sends to the whole world through the server. Within hours it sends the
    spam of others, and is on every block list.

    Fix: Delete the setting; the default is `[{if = "!is_empty(authenticated_as)", then = true}, {else = false}]`.

    Source: RFC 5321 §7; Stalwart 0.11 to 0.15, crates/common/src/config/smtp/session.rs
    """
    for key, value, where in scene.settings:
        if key == "session.rcpt.relay" and value.strip().lower() == "true":
            yield Found(
                text=f"{key} is true: everybody may send to the whole world through this server",
                fix=f"delete the setting {key}: by default those pass who have logged in",
                name=key,
                where=where,
            )


RULES: Final[tuple[Check, ...]] = (open_relay, shadowed, misspelt, second_writer, locked_out, weak_admin)
