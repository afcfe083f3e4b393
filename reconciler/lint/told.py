"""Rules that others judge while they read the live systems; here are their pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene


def served(scene: Scene) -> Iterator[Found]:
    """NS-03: Every named server answers for the zone.

    Severity: warning
    Looks at: server

    Each server under `dns.servers` answers with authority for the zone.

    Why: Nothing proves that a change is served there; resolvers that ask this one get no answer.

    Fix: See whether it runs and has loaded the zone: `rndc zonestatus example.org`

    Source: RFC 1912 §2.8
    """
    return iter(())


def dynamic(scene: Scene) -> Iterator[Found]:
    """ZONE-16: The name server does not write the zone file itself.

    Severity: error
    Looks at: server

    There is no journal (`.jnl`) beside the file, which a zone with `allow-update` or `update-policy` has.

    Why: BIND overwrites an edit from its memory, or refuses the zone because journal and file differ: then
    there are no answers at all.

    Fix: Take `allow-update` away, or run `rndc sync -clean` once.

    Source: BIND 9.18 Administrator Reference Manual, "Dynamic Update"
    """
    return iter(())


def stale_mark(scene: Scene) -> Iterator[Found]:
    """ZONE-20: A mark belongs to the record on its line.

    Severity: warning
    Looks at: server

    The comment `; mailstack:<stack>:<check>` fits the name, type and data of its record.

    Why: The line was copied or edited by hand, so mailstack does not treat it as its own and never deletes it.

    Fix: Delete the comment; declared again, the record is adopted.

    Source: the project's rules of ownership
    """
    return iter(())


def not_active(scene: Scene) -> Iterator[Found]:
    """STW-10: What is stored can take effect.

    Severity: error
    Looks at: server

    No key of the server makes a reload fail, such as an allowed or banned IP that is none.

    Why: The server answers a reload with 200 and applies nothing, so nothing that was stored takes effect.

    Fix: Delete the setting that the finding names.

    Source: Stalwart 0.11 to 0.15, crates/utils/src/config/ipmask.rs
    """
    return iter(())


def no_role(scene: Scene) -> Iterator[Found]:
    """STW-17: An account has a role.

    Severity: warning
    Looks at: server

    Every account has the role user, or admin.

    Why: Without one it can neither log in nor receive mail.

    Fix: Write `enabled: true` in its entry.

    Source: Stalwart 0.11 to 0.15, crates/directory
    """
    return iter(())


RULES: Final[tuple[Check, ...]] = (served, dynamic, stale_mark, not_active, no_role)
