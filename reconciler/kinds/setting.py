"""One setting of the server, by the server's own key.

Where it is kept (database or config.toml) is the backend's knowledge.  Its text is shown, unless
the key is one that holds a secret: then it is compared and never shown, on both sides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from reconciler.config.stack import Stack
from reconciler.kinds.declared import Declared, Inexpressible, is_line
from reconciler.resource import UNSET, Address, Role, Sealed, Unset, digest_of, role

# Keys whose values are secrets, of the kinds that Stalwart 0.11 to 0.15 knows: passwords and tokens
# of stores, directories, relays and DNS providers, private keys, ACME's external account key.
_SECRET_KEY = re.compile(
    r"(^|[.-])(secret|secrets|password|private-key|token|hmac-key|api-key|secret-key|access-key|"
    r"auth-key|encryption-key|license-key|key-secret|consumer-key|application-secret|tsig-key)(\.\d+)?$"
    r"|^oauth\.key$|^cluster\.key$|^dkim\..*key$|^signature\..*\.private-key$"
)


# YAML takes no longer key on one line (1.2, section 7.4.2).
_KEY_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Exactly one of value and secret is set.  The name in the address is the server's key."""

    KIND: ClassVar[str] = "setting"

    address: Address
    value: str | Unset = UNSET
    secret: Sealed | Unset = role(Role.SECRET, default=UNSET)


def address_of(key: str) -> Address:
    """Return the address of the setting with this key of the server."""
    return Address(Setting.KIND, key)


def holds_secret(key: str) -> bool:
    """Does the value of this key of the server have to stay hidden?"""
    return _SECRET_KEY.search(key) is not None


def declared(stack: Stack) -> Iterator[Declared]:
    for key, value in stack.settings.items():
        address = address_of(key)
        if not isinstance(value, str):
            # Known by where it comes from: the plan is made without opening it.
            resource = Setting(address=address, secret=Sealed(revision=stack.revisions.get(key, 1)))
        elif holds_secret(key):
            resource = Setting(address=address, secret=Sealed(digest=digest_of(value)))
        else:
            resource = Setting(address=address, value=value)
        yield Declared(resource=resource, at=("settings", key))


def entry(found: Setting) -> str:
    """Return the value that `settings:` says for a live one.  Raises Inexpressible for what is secret."""
    if not isinstance(found.value, str) or holds_secret(found.address.name):
        raise Inexpressible("its value is a secret")
    if not _is_text(found.value) or not _is_key(found.address.name):
        raise Inexpressible("it has characters that a stack does not take")
    return found.value


def _is_text(value: str) -> bool:
    return is_line(value.replace("\n", "").replace("\t", ""))


def _is_key(key: str) -> bool:
    return is_line(key) and len(key) <= _KEY_MAX and key != "<<"
