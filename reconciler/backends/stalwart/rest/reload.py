"""Activation: stored is not active.

`/api/reload` answers 200 also when it applied nothing: any single error in it, old or new, makes
the server keep the settings that it runs with.  So the answer is read, and what was there before is
told apart from what this run has brought.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.backends.stalwart.http import Wire
from reconciler.errors import Problem, WriteError

_PYZOR = "spam-filter.pyzor."


def standing_errors(wire: Wire) -> dict[str, str]:
    """Return the errors that a reload would have now, by key.

    Not for plan: even a dry run replaces the blocked addresses and merges certificates in memory.
    (`dry-run` without a value would be no dry run: the server drops empty query values.)
    """
    return _errors(wire.get("/api/reload", {"dry-run": "true"}))


def reload(wire: Wire, before: Mapping[str, str]) -> None:
    """Make the server use what is stored.  Raises WriteError when it did not."""
    errors = _errors(wire.get("/api/reload"))
    if errors:
        raise WriteError(_problem(errors, before))


def _errors(answer: Mapping[str, Mapping[str, Mapping[str, str]]]) -> dict[str, str]:
    return {key: error.get("error", "") for key, error in sorted(answer.get("errors", {}).items())}


def _problem(errors: Mapping[str, str], before: Mapping[str, str]) -> Problem:
    old = {key: text for key, text in errors.items() if key in before}
    new = {key: text for key, text in errors.items() if key not in before}
    lines = [
        "Stalwart applies nothing while one setting holds an error. What was written is stored and not active."
    ]
    if new:
        lines += ["New with this run:", *_listed(new)]
    if old:
        lines += ["There before this run:", *_listed(old)]
    lines += ["Mend it and apply again, or restart the server: at its start the same errors are only logged."]
    if any(key.startswith(_PYZOR) for key in errors):
        lines += [
            "The server cannot resolve public.pyzor.org. If it has no name resolution, switch the check off in the",
            "stack, under settings:",
            "",
            '    spam-filter.pyzor.enable: "false"',
        ]
    return Problem(
        summary="the reload applied nothing",
        detail="\n".join(lines),
        rule="reload-errors",
    )


def _listed(errors: Mapping[str, str]) -> list[str]:
    return [f"  {key}: {text}" for key, text in errors.items()]
