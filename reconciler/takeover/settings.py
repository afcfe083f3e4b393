"""Which settings of a server are worth a line in the file: those that people change, where they differ.

A server keeps thousands of keys that it made itself, and none of them is taken over.  The table has
what its administrators do change, with the value that counts where nobody has said anything (0.11 to
0.15: crates/common/src/config and crates/common/src/manager/boot.rs).
"""

from __future__ import annotations

from typing import Final

DEFAULTS: Final = {
    # Connections and messages
    "session.timeout": "5m",
    "session.transfer-limit": "262144000",
    "session.duration": "10m",
    "session.data.limits.messages": "10",
    "session.data.limits.received-headers": "50",
    "session.data.limits.size": "104857600",
    "session.rcpt.max-recipients": "100",
    "session.rcpt.catch-all": "true",
    "session.rcpt.sub-addressing": "true",
    "session.rcpt.errors.total": "5",
    "session.rcpt.errors.wait": "5s",
    "session.auth.errors.total": "3",
    "session.auth.errors.wait": "5s",
    # Who is banned, and when
    "server.auto-ban.auth.rate": "100/1d",
    "server.auto-ban.abuse.rate": "35/1d",
    "server.auto-ban.loiter.rate": "150/1d",
    "server.auto-ban.scan.rate": "30/1d",
    # Spam
    "spam-filter.enable": "true",
    "spam-filter.pyzor.enable": "true",
    "spam-filter.score.spam": "5.0",
    "spam-filter.score.discard": "0",
    "spam-filter.score.reject": "0",
    # The web side, above all behind a proxy
    "http.use-x-forwarded": "false",
    "http.hsts": "false",
    "http.permissive-cors": "false",
    # Mailboxes
    "email.auto-expunge": "30d",
    "imap.auth.allow-plain-text": "false",
    "imap.auth.max-failures": "3",
    "imap.request.max-size": "52428800",
    "jmap.email.max-attachment-size": "50000000",
    "jmap.email.max-size": "75000000",
    # What a new server writes by itself
    "queue.limiter.inbound.ip.enable": "true",
    "queue.limiter.inbound.ip.rate": "5/1s",
    "queue.limiter.inbound.sender.enable": "true",
    "queue.limiter.inbound.sender.rate": "25/1h",
    "queue.quota.size.enable": "true",
    "queue.quota.size.messages": "100000",
    "queue.quota.size.size": "10737418240",
}


def is_worth_saying(key: str, value: str) -> bool:
    """Does this value of a server's setting differ from what it would be anyway?"""
    return key in DEFAULTS and _number(DEFAULTS[key]) != _number(value)


def _number(value: str) -> str | float:
    """Return a number where the text is one: a server writes 0 as 0.0, too."""
    try:
        return float(value)
    except ValueError:
        return value
