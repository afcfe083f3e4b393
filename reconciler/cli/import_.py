"""`mailstack import`: write the stack of a server that runs already, and prove it by the plan that follows."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import options
from reconciler.report import DONE, IN_PART

if TYPE_CHECKING:
    from reconciler.cli.importing import Imported

_VARIABLE = "STALWART_PASSWORD"
_SHOWN = 10
# In the order in which people ask for it.
_TOLD = (
    *("domain", "account", "alias", "list", "group", "catch_all", "record", "dkim_key"),
    *("allowed_ip", "setting", "hostname", "tls"),
)


@click.command("import", short_help="Write the stack of a server that runs already.")
@click.option("--url", metavar="URL", help="The server's API, such as http://127.0.0.1:8080.")
@click.option("--username", metavar="LOGIN", help="The administrator's login.  [default: admin]")
@click.option(
    "--password-env", metavar="NAME", help=f"The variable with his password.  [default: {_VARIABLE}]"
)
@click.option("--password-file", metavar="FILE", help="The file with his password, instead.")
@click.option(
    "--zone",
    "zones",
    multiple=True,
    metavar="FILE",
    help="A zone file to take over: FILE, CONTAINER:FILE or ZONE=FILE. May be repeated.",
)
@click.option("--config", metavar="FILE", help="The server's config.toml: FILE or CONTAINER:FILE.")
@click.option("--via", metavar="ssh://HOST", help="Reach all of it from this machine.")
@click.option(
    "--domain",
    "domains",
    multiple=True,
    metavar="DOMAIN",
    help="Take only this domain over; the first is the main one. May be repeated.  [default: all]",
)
@click.option("--stack", "name", metavar="NAME", help="The stack's name in its marks.  [default: the domain]")
@click.option("-f", "--file", "file", metavar="FILE", help="Connect as this stack says, instead of --url.")
@click.option("--out", metavar="FILE", help="Where to write; - for stdout.  [default: mailstack.yaml]")
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...")
@click.option(
    "--into",
    metavar="FILE",
    help="Add what is live and unmanaged to this stack, or only each ADDRESS, such as account/bob@example.org.",
)
@options.connections
@click.option("--debug", is_flag=True, help="Tell each request on stderr: never a body, never a secret.")
def command(
    addresses: tuple[str, ...],
    into: str | None,
    url: str | None,
    username: str | None,
    password_env: str | None,
    password_file: str | None,
    zones: tuple[str, ...],
    config: str | None,
    via: str | None,
    domains: tuple[str, ...],
    name: str | None,
    file: str | None,
    out: str | None,
    connections: str | None,
    debug: bool,
) -> int:
    """Write the stack that declares what a server has already, and plan it: nothing is to be changed.

    Reads only.  A file that is there is never overwritten.  The password comes from a variable, from a
    file, or is asked for; it does not get into the stack, and no other secret does.

    \b
    Examples:
      mailstack import --url http://127.0.0.1:8080 --zone /srv/bind/db.example.org
      mailstack import --url http://127.0.0.1:8080 --zone bind9:/var/lib/bind/db.example.org
      mailstack import --url http://127.0.0.1:8080 --via ssh://root@tower --domain example.org
      mailstack import -f old.yaml --out new.yaml
      mailstack import --into mailstack.yaml               add all that is unmanaged
      mailstack import account/bob@example.org             add this one

    Exits 3 where the plan of what was written would change something: it is told what.
    """
    from reconciler.cli import import_flags
    from reconciler.cli.importing import importing

    if into is not None or addresses:
        if any((url, username, password_env, password_file, zones, config, via, domains, name, out)) or (
            into and file
        ):
            raise click.UsageError(
                "--into and ADDRESS take all they need from the stack; of the others --debug goes with them."
            )
        return _merge(options.find_file(into or file), addresses, connections, debug=debug)
    out = out or "mailstack.yaml"
    if (file is None) == (url is None):
        raise click.UsageError("Say where the server is: --url URL, or -f FILE with a stack that says it.")
    if out != "-":
        import_flags.refuse_existing(out)
    target = out if out != "-" else "mailstack.yaml"
    if file is not None:
        seed, has_name = import_flags.seed_from_stack(file, target), True
    else:
        assert url is not None
        seed = import_flags.seed_from_flags(
            url, username, password_env, password_file, config, via, name, domains, target
        )
        has_name = name is not None
    wanted = import_flags.wanted(seed, domains, zones, has_name=has_name, debug=debug)
    with importing(wanted) as imported:
        if out == "-":
            sys.stdout.write(imported.text)
        else:
            import_flags.write_new(out, imported.text)
    schema = import_flags.write_schema(out) if out != "-" else None
    return _tell(imported, out, schema)


def _merge(file: str, addresses: tuple[str, ...], connections: str | None, *, debug: bool) -> int:
    """Add to a stack file; say what was added and what was not."""
    from reconciler.cli.merging import merge
    from reconciler.render.characters import printable
    from reconciler.report import NOTHING_DONE

    merged = merge(file, addresses, connections=connections, debug=debug)
    for address in merged.added:
        click.echo(f"+ {printable(str(address))}", err=True)
    if merged.refused:
        click.echo(f"{chr(10) if merged.added else ''}Not added:", err=True)
    for address, why in merged.refused.items():
        click.echo(f"    {printable(str(address))}: {printable(why)}", err=True)
    if not merged.added:
        click.echo(f"\nNothing was added to {file}.", err=True)
        return NOTHING_DONE if addresses else DONE
    click.echo(
        f"\nAdded to {file}; proved by a plan: nothing else is said, and nothing more would be changed.",
        err=True,
    )
    return IN_PART if addresses and merged.refused else DONE


def _tell(imported: Imported, out: str, schema: str | None) -> int:
    """Say what was written, what was left out, and what the plan of it says; return the exit code."""
    from reconciler.diff import MARKS_ONLY
    from reconciler.render import text as as_text
    from reconciler.render import words
    from reconciler.render.characters import printable

    def say(line: str) -> None:
        click.echo(line, err=True)

    counts = Counter(address.kind for address in imported.declared)
    parts = [words.counted(counts[kind], words.noun(kind)) for kind in _TOLD if counts[kind]]
    say(f"{'The stack' if out == '-' else out} holds {', '.join(parts)}.")
    if schema:
        say(f"{schema}, beside it, lets your editor complete it and tell mistakes.")
    left_out = imported.draft.left_out
    if left_out:
        say(f"\nLeft out, and left alone ({len(left_out)}; all stand at the end of the file):")
        for one in left_out[:_SHOWN]:
            say(f"    {printable(str(one.address))}: {printable(one.why)}")
        if len(left_out) > _SHOWN:
            say(f"    and {len(left_out) - _SHOWN} more")
    plan = imported.plan
    real = [change for change in plan.changes if change.verb not in MARKS_ONLY]
    if real or plan.held:
        say("\nThe plan of what was written is not empty, so look at it before you apply:\n")
        say(as_text.plan(plan))
        return IN_PART
    marks = len(plan.changes)
    say("\nProved by a plan: it changes nothing on the server and nothing in DNS.")
    if marks:
        say(
            f"The first apply will mark {words.counted(marks, 'thing')} as this stack's, and do nothing else."
        )
    if out != "-":
        where = (
            "" if Path(out).name == "mailstack.yaml" and os.path.dirname(out) in ("", ".") else f" -f {out}"
        )
        say(f"\nNext:\n\n    mailstack plan{where}\n    mailstack apply{where}")
    return DONE
