"""The stacks of a folder and of everything below it, for a job that has to do something with each.

A file that is broken counts too: a job that left it out would call a pull request fine.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.config.load import load
from reconciler.errors import InputError

_NAMES = ("mailstack.yaml", "mailstack.yml")
# What a stack cannot do without, at the beginning of a line; no other kind of file has both.
_KEYS = re.compile(rb"^version\s*:.*?^domain\s*:|^domain\s*:.*?^version\s*:", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"^stack\s*:\s*[\"']?([a-z0-9._-]+)", re.MULTILINE)
_DOMAIN = re.compile(r"^domain\s*:\s*[\"']?([a-z0-9._-]+)", re.MULTILINE | re.IGNORECASE)
# Packages of others: node's, and an environment of Python's.
_FOREIGN = "node_modules"
_ENVIRONMENT = "pyvenv.cfg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A stack file, and the name of the stack in it."""

    name: str
    file: str  # below the folder that was searched, as that was named


def stacks(folder: str) -> tuple[Found, ...]:
    """Return the stacks below a folder, by file.  Hidden folders and those of packages are left out."""
    return tuple(Found(name=name_of(file), file=file) for file in sorted(_files(folder)))


def _files(folder: str) -> Iterator[str]:
    for root, folders, files in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".")
            and name != _FOREIGN
            and not os.path.exists(os.path.join(root, name, _ENVIRONMENT))
        ]
        for name in files:
            path = os.path.normpath(os.path.join(root, name))
            if name.endswith((".yaml", ".yml")) and (name in _NAMES or _KEYS.search(_bytes(path))):
                yield path


def name_of(file: str) -> str:
    """Return the stack's name; of a file that cannot be loaded, as much as can be told of it."""
    try:
        return load(file).stack.name
    except InputError:
        pass
    text = _bytes(file).decode("utf-8", "replace")
    told = _NAME.search(text) or _DOMAIN.search(text)
    return told[1].lower() if told else os.path.splitext(file)[0].replace(os.sep, "-")


def _bytes(file: str) -> bytes:
    try:
        with open(file, "rb") as stream:
            return stream.read()
    except OSError:
        return b""
