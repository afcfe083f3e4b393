"""The permissions that each version knows, and what the built-in roles grant.

Names are those which `POST /api/oauth` gives.  A family stands before its verbs:
"jmap-email": "get set" means jmap-email-get and jmap-email-set.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Final

from reconciler.sandbox.versions import Version

_CRUD: Final = "list get create update delete"
_QUERIED: Final = "get set changes query query-changes"

_ADMIN: Final = {
    **dict.fromkeys(("individual", "group", "domain", "tenant", "mailing-list", "role"), _CRUD),
    **dict.fromkeys(("principal", "api-key"), _CRUD),
    "oauth-client": f"{_CRUD} registration override",
    "settings": "list update delete reload",
    "message-queue": "list get update delete",
    "outgoing-report": "list get delete",
    "incoming-report": "list get delete",
    "dkim-signature": "create get",
    "purge": "blob-store data-store in-memory-store account",
    "spam-filter": "update train",
    "tracing": "list get live",
    "metrics": "list live",
    "unlimited": "requests uploads",
    "": "impersonate blob-fetch fts-reindex undelete webadmin-update logs-view restart troubleshoot "
    "ai-model-interact",
}
_USER: Final = {
    "": "authenticate authenticate-oauth",
    "email": "send receive",
    "manage": "encryption passwords",
    "jmap-email": f"{_QUERIED} copy import parse",
    "jmap-mailbox": _QUERIED,
    "jmap-email-submission": _QUERIED,
    "jmap-identity": "get set changes",
    "jmap-thread": "get changes",
    "jmap-push-subscription": "get set",
    "jmap-sieve-script": "get set query query-changes validate",
    "jmap-vacation-response": "get set",
    "jmap-principal": "get query query-changes",
    "jmap-quota": "get changes query query-changes",
    "jmap-blob": "get copy lookup upload",
    "jmap": "search-snippet echo",
    "imap": "authenticate acl-get acl-set my-rights list-rights append capability id copy move create "
    "delete enable expunge fetch idle list lsub namespace rename search sort select examine status store "
    "subscribe thread",
    "pop3": "authenticate list uidl stat retr dele",
    "sieve": "authenticate list-scripts set-active get-script put-script delete-script rename-script "
    "check-script have-space",
}
_DAV: Final = {
    "dav": "sync-collection expand-property",
    "dav-principal": "acl list match search search-prop-set",
    "dav-file": "prop-find prop-patch get mk-col delete put copy move lock acl",
    "dav-card": "prop-find prop-patch get mk-col delete put copy move lock acl query multi-get",
    "dav-cal": "prop-find prop-patch get mk-col delete put copy move lock acl query multi-get "
    "free-busy-query",
}
_SCHEDULING: Final = {"calendar": "alarms scheduling-receive scheduling-send"}
_GROUPWARE: Final = {
    "jmap-address-book": "get set changes",
    "jmap-calendar": "get set changes",
    "jmap-calendar-event": f"{_QUERIED} copy parse",
    "jmap-calendar-event-notification": _QUERIED,
    "jmap-contact-card": f"{_QUERIED} copy parse",
    "jmap-file-node": _QUERIED,
    "jmap-participant-identity": "get set changes",
    "jmap-principal": "changes get-availability",
    "jmap-share-notification": _QUERIED,
}

# What an ordinary user never has begins with one of the families of _ADMIN.  (0.15.5 was asked;
# up to 0.13 the server's source leaves out a few names of jmap-principal and dav-principal.)
_TENANT_ADMIN: Final = (
    *("message-queue-", "outgoing-report-", "incoming-report-", "individual-", "group-", "domain-"),
    *("mailing-list-", "role-", "principal-", "undelete", "dkim-signature-", "api-key-"),
)


def _names(*tables: Mapping[str, str]) -> frozenset[str]:
    return frozenset(
        f"{family}-{verb}" if family else verb
        for table in tables
        for family, verbs in table.items()
        for verb in verbs.split()
    )


@functools.cache
def permissions_of(role: str, version: Version) -> frozenset[str]:
    """Return what the built-in role `user`, `tenant-admin` or `admin` grants in that version."""
    user = _names(
        _USER,
        _DAV if version.has_dav else {},
        _SCHEDULING if version.has_scheduling else {},
        _GROUPWARE if version.has_groupware else {},
    )
    admin = _names(_ADMIN)
    if version.has_groupware:
        admin |= {"spam-filter-test", "delete-system-folders-"}
    else:
        admin |= {"delete-system-folders"}
        user |= {"spam-filter-classify", "spam-filter-train"}
    match role:
        case "admin":
            return admin | user
        case "tenant-admin":
            return user | {name for name in admin if name.startswith(_TENANT_ADMIN)}
        case _:
            return user
