"""What each address is: an account, an alias, a list or a group, over all domains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.config.stack import Account, Alias, Domain, Group, MailList, Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class Holders:
    """All addresses of a stack by what they are."""

    domains: Mapping[str, Domain]
    accounts: Mapping[str, Account]
    aliases: Mapping[str, Alias]
    lists: Mapping[str, MailList]
    groups: Mapping[str, Group]

    def kind(self, address: str) -> str | None:
        """Return what an address is declared as, in the words of resource addresses."""
        for kind, addresses in (
            ("account", self.accounts),
            ("alias", self.aliases),
            ("list", self.lists),
            ("group", self.groups),
        ):
            if address in addresses:
                return kind
        return None

    def place(self, address: str) -> tuple[str | int, ...]:
        """Return the path of a declared address."""
        for addresses in (self.accounts, self.aliases, self.lists, self.groups):
            if address in addresses:
                return addresses[address].at
        raise KeyError(address)


def holders(stack: Stack) -> Holders:
    """Return the addresses of all domains together."""
    each = stack.domains.values()
    return Holders(
        domains=stack.domains,
        accounts={address: item for domain in each for address, item in domain.accounts.items()},
        aliases={address: item for domain in each for address, item in domain.aliases.items()},
        lists={address: item for domain in each for address, item in domain.lists.items()},
        groups={address: item for domain in each for address, item in domain.groups.items()},
    )
