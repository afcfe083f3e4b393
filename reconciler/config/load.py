"""A stack file in, a normalised Stack out, or every fault of the file at once.

    bytes -> tree (text with places) -> models (typed, as written) -> Stack -> cross-checks

Nothing here opens a secret, runs a command or uses the network.
"""

from __future__ import annotations

import gc
import os.path
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from reconciler.config import connections as connected
from reconciler.config.check.all import check
from reconciler.config.events import parse
from reconciler.config.faults import Faults, where_written
from reconciler.config.normal.names import domain
from reconciler.config.normal.resources import listed
from reconciler.config.normal.scope import Scope
from reconciler.config.normal.stack import stack
from reconciler.config.salvage import validated
from reconciler.config.stack import Stack
from reconciler.config.tree import NOTHING, Node, Path, Tree
from reconciler.errors import InputError, Problem, Where, collected

_START = "A stack begins like this:\n    version: 1\n    domain: example.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A stack and the way back to its file."""

    stack: Stack
    _tree: Tree = field(repr=False)
    connections: connected.Told | None = field(default=None, repr=False)

    def where(self, path: Path) -> Where:
        """Return the place of an item by the path that it carries, such as `account.at`.

        A deeper path, such as ``(*account.at, "quota")``, gives the place of that key's
        value; what nobody wrote is placed at the nearest thing above it.
        """
        tree = self._tree
        if self.connections is not None and path[:1] == (connected.AT,):
            tree = self.connections.tree
        return where_written(tree, path)[0] if path else Where(file=tree.file)


def load(file: str, connections: str | None = None) -> Loaded:
    """Return the stack in a file, which messages call by the name given here.

    connections is the file that says how its servers are reached; the stack may then not.  Raises
    InputError with all faults, in the order of their places.
    """
    with _no_collection():
        told = None
        if connections:
            told = connected.read(read(connections, "--connections FILE"), connections)
        return load_bytes(read(file), file, connections=told)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python's cycle collector still meanwhile.

    Loading makes some hundred thousand objects that all stay; the collector would walk over
    them again and again, for a third of the whole time (10,000 accounts).
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def read(file: str, flag: str = "-f FILE") -> bytes:
    """Return the text of a file that this flag names; InputError where it cannot be read."""
    try:
        with open(file, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        summary = "there is no such file"
        detail = f"Name it with {flag}."
        if flag == "-f FILE":
            detail = "Name the stack with -f FILE, or write one: mailstack.yaml is looked for here and above."
    except IsADirectoryError:
        summary, detail = "this is a folder", f"Name the file in it with {flag}."
    except PermissionError:
        summary, detail = "this file may not be read", "Its owner must allow it for this user."
    except (OSError, ValueError) as error:
        summary, detail = (
            "this file cannot be read",
            f"The system says: {getattr(error, 'strerror', None) or 'bad name'}.",
        )
    raise InputError(Problem(where=Where(file=file), summary=summary, detail=detail, rule="file"))


def load_bytes(
    data: bytes, file: str, *, fast: bool = True, connections: connected.Told | None = None
) -> Loaded:
    """Return the stack in these bytes; relative paths in it start at the folder of `file`.

    Without `fast`, the YAML parser that is written in Python is used.  Raises InputError.
    """
    tree = parse(data, file, fast=fast)
    if tree.root is NOTHING:
        raise InputError(
            Problem(where=Where(file=file), summary="the file is empty", detail=_START, rule="empty")
        )
    if not isinstance(tree.root, dict):
        raise InputError(
            Problem(
                where=Where(file=file, line=1, column=1),
                summary="this is no stack",
                detail=f'The file must be a mapping: lines of "key: value".  {_START}',
                rule="not-a-mapping",
            )
        )
    return _stack(tree, tree.root, os.path.dirname(os.path.abspath(file)), connections)


def _stack(tree: Tree, root: dict[str, Node], base: str, connections: connected.Told | None) -> Loaded:
    faults = Faults(tree)
    written, fit = validated(root, faults)
    home = faults.attempt(("domain",), domain, written.domain) if written else None
    if written and home:
        scope = Scope(faults=faults, base=base, home=home)
        entries = listed(written, scope)
        made, references = stack(written, fit, scope, entries)
        if connections is not None:
            made = connected.laid(connections, made, root, faults)
        check(made, references, entries, faults)
        if not faults.problems:
            return Loaded(stack=made, _tree=tree, connections=connections)
    raise InputError(*collected(faults.problems))
