"""Run one command and turn every way it can end into an exit code and words on stderr."""

from __future__ import annotations

import gc
import keyword
import os
import sys
from collections.abc import Sequence

import click

from reconciler import __version__
from reconciler.errors import BusyError, MailstackError
from reconciler.report import BUSY, NOTHING_DONE, USAGE

_COMMANDS = {
    "plan": "Show every difference between the stack and what is live. Changes nothing.",
    "apply": "Make what is live equal to the stack, in an order in which mail never breaks.",
    "drift": "Show what is no longer as declared. Changes nothing.",
    "import": "Write the stack of a server that runs already. Changes nothing on it.",
    "unblock": "Lift bans of the mail server, at once.",
    "validate": "Check the stack file, without network, secrets or commands.",
    "lint": "Say what will break mail, from the stack and its zone files. Offline.",
    "explain": "Explain a rule that plan or lint has named.",
    "records": "Print the DNS records of the stack, to paste elsewhere. Offline.",
    "show": "Show a saved plan.",
    "stacks": "List the stacks of a repository. Offline.",
    "ci": "Do one job of a pipeline: lint, plan, apply, drift; tell it on the pull request.",
    "init": "Begin: write a stack from six answers, or the workflow files of a repository.",
    "schema": "Print a JSON schema: of the stack file, of connections, of a plan, of a report.",
    "sandbox": "Run a stand-in Stalwart on loopback, to try things on.",
    "completion": "Print the completion script of a shell.",
    "man": "Print the manual page.",
}

_HELP = """\
Terraform for the mail server that you run yourself.

\b
Examples:
  mailstack plan                     what would change, and why
  mailstack apply                    show it, ask, do it, prove it
  mailstack plan --out plan.json     save it for review ...
  mailstack apply plan.json          ... and do exactly that
  mailstack validate -f home.yaml    check a file offline

\b
Exit codes:
  plan     0 done, 2 changes (with --detailed-exitcode), 1 error; the same for drift
  apply    0 all done, 3 something failed, 4 something is held, 1 nothing done
  any      64 wrong usage, 75 somebody else is applying
"""


class _Commands(click.Group):
    """The commands, each imported when it is used and not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        import importlib

        # A word of Python's own cannot be a module.
        name = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name
        module = importlib.import_module(f"reconciler.cli.{name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in _COMMANDS:
            import difflib

            near = difflib.get_close_matches(name, _COMMANDS, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"There is no command {name!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    help=_HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="mailstack", message="%(prog)s %(version)s")
def commands() -> None:
    pass


def calm_collector() -> None:
    """Let Python's cycle collector look seldom.

    A run makes many objects, keeps them to its end, and makes hardly a circle of them.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return the exit code."""
    calm_collector()
    try:
        code = commands.main(list(arguments), prog_name="mailstack", standalone_mode=False)
        # A short text is written only now; a reader that is gone must be noticed here and not at exit.
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.UsageError as error:
        error.show()
        return USAGE
    except click.Abort:
        click.echo("Stopped; nothing was changed.", err=True)
        return NOTHING_DONE
    except click.ClickException as error:
        error.show()
        return NOTHING_DONE
    except BusyError as error:
        _tell(error)
        return BUSY
    except MailstackError as error:
        _tell(error)
        return NOTHING_DONE
    except BrokenPipeError:
        # Whoever read our output has seen enough (`mailstack plan | head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOTHING_DONE


def _tell(error: MailstackError) -> None:
    from reconciler.render.characters import printable_lines, unobeyed

    for problem in error.problems:
        head = click.style("error:", fg="red", bold=True)
        click.echo(
            f"{head} {unobeyed(chr(10).join(printable_lines(str(problem))))}", err=True, color=_colour()
        )
    if len(error.problems) > 1:
        click.echo(f"{len(error.problems)} errors; nothing was changed.", err=True)


def _colour() -> bool | None:
    return False if os.environ.get("NO_COLOR") else None
