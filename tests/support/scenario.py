"""A server with something of everything on it, a stack that changes something of everything, and what is to be seen.

Settings, hostname, allowed IPs, a ban, a domain, accounts, a group, a list with an address that moves, an
alias handover and a swap, a rename, keys for signing, TLS, and removals; beside it, things of
strangers that must stay exactly as they are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import cli
from servers import Api

SEED: dict[str, Any] = {
    "domains": ["example.org", "example.net"],
    "principals": [
        {"type": "individual", "name": name, "emails": emails, "roles": ["user"], "secrets": ["$6$a$b"]}
        for name, emails in {
            "alice": ["alice@example.org", "sales@example.org", "info@example.org", "team@example.org"],
            "bob": ["bob@example.org", "support@example.org"],
            "carol": ["carol@example.org"],
            "dave": ["dave@example.org", "d@example.org"],
            "stranger": ["stranger@example.org", "x@example.net", "@example.net"],
        }.items()
    ]
    + [{"type": "list", "name": "theirs", "emails": ["theirs@example.net"], "members": ["stranger"]}],
    "settings": {
        "session.rcpt.max-recipients": "30",
        "server.allowed-ip.198.51.100.1": "",
        "server.blocked-ip.203.0.113.10": "",
        "server.blocked-ip.198.51.100.9": "",
        "mailstack.shop.setting/a.b": '{"was":null}',
        "a.b": "theirs",
        "mailstack.home.setting/old.key": '{"was":"before"}',
        "old.key": "ours",
    },
}
STACK = """\
hostname: mail.example.org
dns: {mail: {dkim: [ed25519]}}
tls: {acme: letsencrypt, contact: alice}
accounts:
  alice: {name: Alice, aliases: [support]}
  bob: {aliases: [sales], enabled: false}
  caroline: {renamed_from: carol, name: Caroline, aliases: [carol]}
  erin: {password: {env: ALICE_PASSWORD}, quota: 1GiB}
aliases: {info: bob}
lists: {team: {members: [alice, erin, out@elsewhere.example]}}
groups: {office: {members: [erin, caroline]}}
domains: {example.com: {accounts: {frank: {}}}}
allowed_ips: [203.0.113.10]
settings: {session.rcpt.max-recipients: 50}
removed: [alias/d@example.org, account/dave@example.org]
"""


def fill(api: Api) -> None:
    """Put the seed on a server that takes no seed."""
    for domain in SEED["domains"]:
        api.create("domain", domain)
    for principal in SEED["principals"]:
        api.data("POST", "/api/principal", principal)
    api.store(SEED["settings"])


@dataclass(frozen=True)
class Scenario:
    """A folder with the stack, for a server with the seed."""

    project: cli.Project

    def strangers(self) -> object:
        """Return everything that is not ours to touch."""
        api = self.project.api
        keys = ("server.allowed-ip.198.51.100.1", "server.blocked-ip.198.51.100.9", "a.b")
        return (
            [{**api.principal(name), "usedQuota": 0} for name in ("stranger", "theirs", "example.net")],
            api.keys(*keys, "mailstack.shop.setting/a.b"),
        )

    def left(self) -> set[str]:
        """Return the addresses of what a plan would do now."""
        data = json.loads(self.project.run("plan", "--format", "json").out)
        assert data["held"] == []
        return {change["address"] for change in data["changes"] if change["verb"] != "activate"}

    def owed(self) -> set[str]:
        """Return the traces of activations that are still to come."""
        return {key for key in self.project.api.below("mailstack.home") if key.startswith("activation/")}

    def reviewed(self, *, by_file: bool) -> list[str]:
        """Save a plan and return the arguments that apply it, and again what is left of it."""
        planned = self.project.run("plan", "--out", "plan.json", "--format", "json")
        return ["plan.json"] if by_file else ["--plan-id", json.loads(planned.out)["plan_id"]]

    def converges(self, *how: str) -> None:
        """Apply once, in this way, and find nothing left to do."""
        ended = self.project.run("apply", *(how or ("--yes",)))
        assert ended.code == 0, ended
        again = self.project.run("plan", "--detailed-exitcode")
        assert again.code == 0, again.out
        assert self.owed() == set()
