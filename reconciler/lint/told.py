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


def hostname_counts(scene: Scene) -> Iterator[Found]:
    """HOST-03: The server goes by the name that is declared.

    Severity: error
    Looks at: server

    A plan asks the server for the MX record that it would publish, and compares its target with `hostname:`.
    Where they differ although the setting is right, the plan reloads the server, and says why.

    Why: The name that is stored and the one in EHLO are two things until a reload has worked.

    Fix: `mailstack apply`

    Source: RFC 5321 §4.1.1.1; Stalwart 0.11 to 0.15, crates/common/src/config/network.rs
    """
    return iter(())


def version_known(scene: Scene) -> Iterator[Found]:
    """STW-01: The server is of a version that mailstack knows.

    Severity: error
    Looks at: server

    Each command that connects asks for the version first, and refuses one that it does not know before
    anything happens.

    Why: What a version does with a request that was made for another one, nobody has tried.

    Fix: `mailstack --version`, and the table of versions in the README

    Source: Stalwart 0.11 to 0.15 speak REST, 0.16 JMAP
    """
    return iter(())


def data_on_volume(scene: Scene) -> Iterator[Found]:
    """STW-03: The data of a container is on a volume with a name.

    Severity: error
    Looks at: server

    Where `stalwart.container` is named, its mounts cover the folders in which the image keeps configuration
    and mail.

    Why: Without one, all mail is gone when the container is made anew, as every update does.

    Fix: The command that the finding shows saves the data first; then mount the volume.

    Source: Stalwart's image: /opt/stalwart-mail up to 0.11, /opt/stalwart from 0.12 on
    """
    return iter(())


def keys_apart(scene: Scene) -> Iterator[Found]:
    """DKIM-09: The server can tell its DKIM keys apart.

    Severity: error
    Looks at: server

    No key's id continues another one's in the way that makes the server mix the two up, such as
    `rsa-example.org` beside `rsa-example.org.sales`.

    Why: The shorter one does not sign, without a word.

    Fix: Give one of the two another id, and name both in the setting `auth.dkim.sign`.

    Source: Stalwart 0.11 to 0.15, crates/common/src/config/smtp/auth.rs
    """
    return iter(())


def unmanaged(scene: Scene) -> Iterator[Found]:
    """STW-16: What is live is declared.

    Severity: hint
    Looks at: server

    The plan counts what is live and not in the file, and leaves it alone; `--unmanaged` lists it.

    Why: What is in no file is missing when the server has to be made anew.

    Fix: Declare it.

    Source: the project's rules of ownership
    """
    return iter(())


def changed_reach(scene: Scene) -> Iterator[Found]:
    """REACH-01: A pull request leaves url, login and commands alone.

    Severity: warning
    Looks at: stack file

    What decides where the login goes and what is run is as it is in the branch that the pull request
    is for: the section `stalwart:`, `reload` and `via` of each `dns:`, and commands that print secrets.
    `plan` looks at it in a job for a pull request, without `--connections`.

    Why: The job that plans a branch has the login to the server. Whoever may push the branch can have it
    sent to a server of his own, or a program run where the job runs.

    Fix: Read these lines before you let the job run. To take them out of every branch's reach, keep them
    in a file of connections: `mailstack plan --connections FILE`.

    Source: a decision of mailstack's; docs/connections.md
    """
    return iter(())


RULES: Final[tuple[Check, ...]] = (
    served,
    dynamic,
    stale_mark,
    not_active,
    no_role,
    hostname_counts,
    version_known,
    data_on_volume,
    keys_apart,
    unmanaged,
    changed_reach,
)
