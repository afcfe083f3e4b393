"""One file per kind of resource: its data, what it needs, how a stack yields it.

ORDER is the order in which kinds are read aloud and, where nothing else decides, written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from reconciler.config.stack import Stack
from reconciler.kinds import (
    account,
    alias,
    allowed_ip,
    catch_all,
    dkim_key,
    domain,
    group,
    hostname,
    mail_records,
    mailing_list,
    record,
    setting,
    tls,
)
from reconciler.kinds.account import Account
from reconciler.kinds.allowed_ip import AllowedIp
from reconciler.kinds.declared import Declared
from reconciler.kinds.hostname import Hostname
from reconciler.kinds.record import Record
from reconciler.kinds.setting import Setting
from reconciler.kinds.tls import Tls
from reconciler.resource import UNSET, Address, Resource

DECLARED: Final[tuple[Callable[[Stack], Iterator[Declared]], ...]] = (
    allowed_ip.declared,
    hostname.declared,
    setting.declared,
    domain.declared,
    account.declared,
    group.declared,
    mailing_list.declared,
    alias.declared,
    catch_all.declared,
    dkim_key.declared,
    mail_records.declared,
    record.declared,
    tls.declared,
)

ORDER: Final[tuple[str, ...]] = (
    "activation",
    "ban",
    "allowed_ip",
    "hostname",
    "setting",
    "domain",
    "account",
    "group",
    "list",
    "alias",
    "catch_all",
    "dkim_key",
    "record",
    "tls",
)

# What stops mail, or costs it, when it goes: removed only when the stack lists it under `removed:`.
LISTED_TO_REMOVE: Final = frozenset({"domain", "account", "group", "list", "alias", "catch_all", "dkim_key"})


def is_marked(resource: Resource) -> bool:
    """Does mailstack leave a mark when it writes or adopts this resource?

    Records, settings, allowed IPs, the hostname and TLS are unwritten when they are no longer declared, so
    it must be known that they are ours.  An account's mark remembers the revision of its password.
    """
    if isinstance(resource, Account):
        return resource.password is not UNSET
    return isinstance(resource, AllowedIp | Hostname | Record | Setting | Tls)


def bare(address: Address) -> Resource | None:
    """Return a resource of which only the address is known; None for kinds whose mark is part of the thing."""
    match address.kind:
        case Account.KIND:
            return Account(address=address)
        case Setting.KIND:
            return Setting(address=address)
        case Tls.KIND:
            return Tls(address=address, directory="")
        case _:
            return None
