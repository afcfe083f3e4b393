"""One principal - domain, account, group, list, role, API key - and the fields that it has.

Relations (members, groups, lists, roles) are not fields of it: the directory keeps them as
pairs of ids, as the server's store does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

# The name in JSON -> the name in permissions such as "mailing-list-create".
TYPES: Final = {
    "individual": "individual",
    "superuser": "individual",
    "group": "group",
    "list": "mailing-list",
    "domain": "domain",
    "tenant": "tenant",
    "role": "role",
    "apiKey": "api-key",
    "oauthClient": "oauth-client",
    "resource": "principal",
    "location": "principal",
}
LIST_FIELDS: Final = frozenset(
    {
        *("secrets", "emails", "urls", "externalMembers"),
        *("memberOf", "members", "roles", "lists"),
        *("enabledPermissions", "disabledPermissions"),
    }
)
_FIELDS_WITHOUT_LOCALE: Final = LIST_FIELDS | {
    *("name", "type", "quota", "usedQuota", "description", "tenant", "picture"),
}
_FIELDS: Final = _FIELDS_WITHOUT_LOCALE | {"locale"}
MAX_TEXT: Final = 512  # bytes of one string

# The built-in roles have the highest ids, so they come last in a list.
ROLES: Final = {"user": 2**32 - 4, "tenant-admin": 2**32 - 3, "admin": 2**32 - 2}


def fields(*, has_locale: bool) -> frozenset[str]:
    """Return the names of all fields that the version knows."""
    return _FIELDS if has_locale else _FIELDS_WITHOUT_LOCALE


@dataclass(slots=True, kw_only=True)
class Principal:
    """What is stored of one principal.  `emails` begins with the primary address."""

    id: int
    type: str
    name: str
    texts: dict[str, str] = field(default_factory=dict)  # description, picture, locale
    quota: int | None = None
    secrets: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    items: dict[str, list[str]] = field(default_factory=dict)  # urls, externalMembers; may be emptied
    permissions: dict[str, bool] = field(default_factory=dict)  # name -> granted, or taken away

    def copy(self) -> Principal:
        """Return a principal that can be changed without changing this one."""
        return Principal(
            id=self.id,
            type=self.type,
            name=self.name,
            texts=dict(self.texts),
            quota=self.quota,
            secrets=list(self.secrets),
            emails=list(self.emails),
            items={key: list(items) for key, items in self.items.items()},
            permissions=dict(self.permissions),
        )

    def sort(self) -> None:
        """Bring it into the form of 0.14 and later: one password, sorted aliases, nothing twice."""
        self.secrets = one_password(self.secrets)
        self.emails = list(dict.fromkeys(self.emails[:1] + sorted(self.emails[1:])))
        self.items = {key: list(dict.fromkeys(items)) for key, items in self.items.items() if items}

    def has_more_than_emails(self) -> bool:
        """True when something is stored behind the addresses (they come after the secrets)."""
        return bool(self.texts or self.quota is not None or self.items or self.permissions)

    def size(self) -> int:
        """Return the size that the server limits to 100 kB."""
        texts = [
            self.name,
            *self.texts.values(),
            *self.secrets,
            *self.emails,
            *(item for items in self.items.values() for item in items),
        ]
        return sum(len(text.encode()) for text in texts)


def is_otp(secret: str) -> bool:
    return secret.startswith("otpauth://")


def is_app_password(secret: str) -> bool:
    return secret.startswith("$app$")


def one_password(secrets: list[str]) -> list[str]:
    """Return what 0.14 and later keep of them: of several passwords the first one."""
    passwords = [s for s in secrets if not is_otp(s) and not is_app_password(s)]
    apps = sorted({*filter(is_app_password, secrets)})
    return sorted({*filter(is_otp, secrets)}) + passwords[:1] + apps
