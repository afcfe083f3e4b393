"""The commands: wiring, exit codes, and the only place that prints or exits.  One file a command.

Start-up is a feature: `--version` imports nothing but this, and a command imports what it uses.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] == ["--version"]:
        from reconciler import __version__

        print(f"mailstack {__version__}")
        return
    from reconciler.cli.run import run

    sys.exit(run(sys.argv[1:]))
