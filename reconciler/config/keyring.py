"""Secrets opened, as late as possible: only `apply` asks, and only for what it is about to send.

A Keyring runs each command once, however many secrets come out of it, and keeps what it
printed as a Secret.  What a command says on stderr goes to the terminal unseen: a password
manager may ask there, and nothing of it enters our own texts.
"""

from __future__ import annotations

import json
import os.path
import subprocess
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from reconciler.config.faults import UnfitError
from reconciler.config.secrets import FromCommand, FromEnv, FromFile, Given, Secret, SecretRef
from reconciler.config.tree import Path
from reconciler.errors import InputError, Problem, Where

# A password manager may wait for a finger on a key; nobody waits longer than this.
COMMAND_SECONDS = 120
# No password is longer; a path to a device or a log by mistake is not read to its end.
FILE_MAX = 64 * 1024


class Keyring:
    """Opens the secrets of one stack, for one process."""

    def __init__(
        self,
        *,
        base: str,
        environ: Mapping[str, str],
        where: Callable[[Path], Where],
        secrets: Mapping[str, SecretRef] | None = None,
        command_seconds: float = COMMAND_SECONDS,
    ) -> None:
        self._base = base
        self._environ = environ
        self._where = where
        self._secrets = secrets or {}
        self._command_seconds = command_seconds
        self._printed: dict[tuple[str, tuple[str, ...]], Secret | UnfitError] = {}

    def resolve(self, ref: SecretRef) -> Secret:
        """Return the secret.  Raises InputError, with the place of the reference, when there is none."""
        problem: Problem
        try:
            return self._opened(ref)
        except UnfitError as error:
            summary, detail, rule = error.told
            problem = Problem(where=self._where(ref.at), summary=summary, detail=detail, rule=rule)
        # Raised here and not above: the context of an exception keeps what was being read.
        raise InputError(problem)

    def missing(self, refs: Iterable[SecretRef]) -> tuple[Problem, ...]:
        """Return a problem for each secret that cannot be had, before anything is written."""
        problems: list[Problem] = []
        for ref in refs:
            try:
                self.resolve(ref)
            except InputError as error:
                problems.extend(error.problems)
        return tuple(problems)

    def _opened(self, ref: SecretRef) -> Secret:
        match ref:
            case Given():
                return ref.secret
            case FromEnv():
                return self._from_env(ref)
            case FromFile():
                return self._from_file(ref)
            case FromCommand():
                return self._from_command(ref)

    def _from_env(self, ref: FromEnv) -> Secret:
        if ref.env in self._secrets and self._secrets[ref.env] is not ref:
            return self._opened(self._secrets[ref.env])
        text = self._environ.get(ref.env)
        if text is None:
            raise _no_secret(f"The environment variable {ref.env} is not set.")
        return _filled(text, ref)

    def _from_file(self, ref: FromFile) -> Secret:
        path = os.path.normpath(os.path.join(self._base, os.path.expanduser(ref.file)))
        try:
            with open(path, "rb") as stream:
                data = stream.read(FILE_MAX + 1)
        except FileNotFoundError:
            why = f"There is no file {path}."
        except IsADirectoryError:
            why = f"{path} is a folder."
        except PermissionError:
            why = f"The file {path} may not be read by this user."
        except (OSError, ValueError):
            why = f"The file {path} cannot be read."
        else:
            if len(data) > FILE_MAX:
                raise _no_secret(f"The file {path} is longer than {FILE_MAX} bytes: that is no password.")
            return _filled(_text(data, f"The file {path}"), ref)
        raise _no_secret(why)

    def _from_command(self, ref: FromCommand) -> Secret:
        base = ref.base or self._base
        printed = self._printed.get((base, ref.command))
        if printed is None:
            try:
                printed = Secret(self._run(ref.command, base))
            except UnfitError as error:
                printed = UnfitError(*error.told)
            self._printed[base, ref.command] = printed
        if isinstance(printed, UnfitError):
            raise UnfitError(*printed.told)
        if ref.key is None:
            return _filled(printed.reveal(), ref)
        return _filled(_picked(printed, ref.key, ref.command[0]), ref)

    def _run(self, command: tuple[str, ...], base: str) -> str:
        """Return what the command prints.  It runs in that folder, with no input and no shell."""
        program = command[0]
        try:
            process = subprocess.Popen(
                command,
                cwd=base,
                env=dict(self._environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
            )
        except FileNotFoundError:
            why = f"There is no program {program}."
        except (OSError, ValueError):
            why = f"The program {program} cannot be run."
        else:
            return _text(_output(process, program, self._command_seconds), f"What {program} printed")
        raise _no_secret(why)


def _output(process: subprocess.Popen[bytes], program: str, seconds: float) -> bytes:
    with process:
        try:
            data, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            late = True
        else:
            late = False
    if late:
        raise _no_secret(f"The program {program} did not end within {seconds:g} seconds.")
    if process.returncode:
        raise _no_secret(f"The program {program} ended with exit code {process.returncode}.")
    return data


def _no_secret(why: str) -> UnfitError:
    return UnfitError("a secret that cannot be had", why, "secret-missing")


def _filled(text: str, ref: SecretRef) -> Secret:
    """Return the secret without its last line end, which editors and `echo` add."""
    text = text.removesuffix("\n").removesuffix("\r")
    source = str(ref)
    source = source[0].upper() + source[1:]
    if not text:
        raise UnfitError("an empty secret", f"{source} holds nothing.", "secret-empty")
    if not text.isprintable() and any("\ud800" <= sign <= "\udfff" for sign in text):
        # Python's stand-ins for bytes of the environment that are no UTF-8.
        raise _no_secret(f"{source} is not UTF-8 text.")
    return Secret(text)


def _text(data: bytes, source: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    raise _no_secret(f"{source} is not UTF-8 text.")


def _picked(printed: Secret, key: str, program: str) -> str:
    """Return one value of JSON or YAML; the key is taken as a whole first, then at its dots."""
    tree = _parsed(printed, program)
    if isinstance(tree, dict) and key in tree:
        found = tree[key]
    else:
        found = tree
        for step in key.split("."):
            if not isinstance(found, dict) or step not in found:
                raise _no_secret(f"What {program} printed has no key {key}.")
            found = found[step]
    if not isinstance(found, str):
        raise _no_secret(f"In what {program} printed, the key {key} has no single value.")
    return found


def _parsed(printed: Secret, program: str) -> Any:
    """Return dicts, lists and texts.  Nothing of the input is told when it is neither JSON nor YAML."""
    try:
        return json.loads(
            printed.reveal(), parse_int=str, parse_float=str, parse_constant=str, object_hook=_words
        )
    except (ValueError, RecursionError):
        pass
    from reconciler.config.events import parse

    try:
        return parse(printed.reveal().encode(), program).root
    except InputError:
        pass
    raise _no_secret(f"What {program} printed is neither JSON nor YAML, so there is no key in it.")


def _words(mapping: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON object with true and false as the words that they are in the text."""
    return {key: str(value).lower() if isinstance(value, bool) else value for key, value in mapping.items()}
