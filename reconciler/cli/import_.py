"""`mailstack import`: write the stack of a server that runs already, and prove it by the plan that follows."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

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
@click.option(
    "--out", metavar="FILE", default="mailstack.yaml", show_default=True, help="Where to write; - for stdout."
)
@click.option("--debug", is_flag=True, help="Tell each request on stderr: never a body, never a secret.")
def command(
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
    out: str,
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

    Exits 3 where the plan of what was written would change something: it is told what.
    """
    from reconciler.cli import import_flags
    from reconciler.cli.importing import importing

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
    return _tell(imported, out)


def _tell(imported: Imported, out: str) -> int:
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
