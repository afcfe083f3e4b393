"""The shape of the code, read from the code: what may import what, how long a file may be, who may print."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "reconciler"

# From the ground up.  A part imports parts of the rows above its own, and parts of its own row where
# `SAME_ROW` says so.  Whoever adds a part gives it a place here.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors", "resource", "__version__"),
    ("state",),
    ("mail", "dnsdata"),
    ("config",),
    ("kinds",),
    ("lint",),
    ("desired",),
    ("diff", "conflict"),
    ("outcome", "order", "pending", "hints", "guard"),
    ("outlook",),
    ("waves",),
    ("plan",),
    ("report", "planfile", "reviewed", "takeover"),
    ("backends", "render", "sandbox", "forge"),
    ("live",),
    ("apply",),
    ("cli",),
)
SAME_ROW = {("mail", "dnsdata"), ("dnsdata", "mail"), ("order", "pending"), ("plan", "pending")}
RANK = {part: rank for rank, row in enumerate(LAYERS) for part in row}

# Which package of another project is imported where, and nowhere else.
ONLY_IN = {
    "yaml": ("reconciler.config.events",),
    "httpx": ("reconciler.backends.stalwart.http",),
    "dns": ("reconciler.backends.dns.", "reconciler.dnsdata.rdata", "reconciler.sandbox.nameserver"),
    "tomlkit": ("reconciler.backends.stalwart.",),
    "deepdiff": ("reconciler.reviewed",),
    "click": ("reconciler.cli.",),
    "rich": ("reconciler.cli.",),
    "pydantic": ("reconciler.config.",),
    "argon2": ("reconciler.backends.stalwart.passwords", "reconciler.sandbox.passwords"),
}
IN_ONE_FILE = ("yaml", "httpx", "tomlkit", "deepdiff")

IMPURE = {"os", "time", "random", "socket", "subprocess", "datetime", "secrets", "tempfile", "threading"}
PURE = (
    *(
        "errors",
        "resource",
        "state",
        "desired",
        "conflict",
        "diff",
        "order",
        "guard",
        "waves",
        "plan",
        "planfile",
    ),
    *("outcome", "report", "pending", "hints", "outlook", "mail", "dnsdata", "kinds", "render", "lint"),
    *("reviewed", "takeover"),
)

MODULES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Yield (absolute name, line) of everything that a file imports; of our own modules, the module."""
    inside = list(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = inside[: len(inside) - node.level + 1] if node.level else []
            base = ".".join([*above, *((node.module,) if node.module else ())])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield (whole if base == "reconciler" or is_module(whole) else base), node.lineno


def part_of(module: str) -> str:
    """Return the part of the package: `mail` of `reconciler.mail.spf`; the package itself has none."""
    return ([*module.split("."), ""])[1]


def test_every_part_of_the_package_has_a_layer():
    parts = {part_of(name_of(path)) for path in MODULES} - {""}

    assert sorted(parts - RANK.keys()) == []


def test_imports_go_downwards_only():
    upwards = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in MODULES
        if (mine := part_of(name_of(path)))
        for name, line in imports(path)
        if name.startswith("reconciler.")
        and (other := part_of(name)) != mine
        and (mine, other) not in SAME_ROW
        and RANK.get(other, 99) >= RANK.get(mine, -1)
    ]

    assert upwards == []


@pytest.mark.parametrize(
    ("parts", "shared"),
    [
        (("reconciler.backends.stalwart", "reconciler.backends.dns"), ()),
        (
            ("reconciler.render.text", "reconciler.render.json", "reconciler.render.markdown"),
            ("reconciler.render.words", "reconciler.render.characters"),
        ),
    ],
    ids=["backends", "renderers"],
)
def test_siblings_do_not_import_each_other(parts, shared):
    def owner(name):
        return next((part for part in parts if name == part or name.startswith(f"{part}.")), None)

    across = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in MODULES
        for name, line in imports(path)
        if owner(name_of(path)) and owner(name) not in (None, owner(name_of(path))) and name not in shared
    ]

    assert across == []


@pytest.mark.parametrize("package", ONLY_IN)
def test_a_foreign_package_is_imported_in_its_place_only(package):
    users = {name_of(path) for path in MODULES for name, _ in imports(path) if name.split(".")[0] == package}

    assert sorted(user for user in users if not f"{user}.".startswith(ONLY_IN[package])) == []
    if package in IN_ONE_FILE:
        assert len(users) <= 1, users


@pytest.mark.parametrize("part", PURE)
def test_a_pure_part_imports_nothing_that_reaches_outside(part):
    reaching = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in MODULES
        if part_of(name_of(path)) == part
        for name, line in imports(path)
        if name.split(".")[0] in IMPURE
    ]

    assert reaching == []


def test_no_file_is_longer_than_400_lines():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES
    }

    assert {path: length for path, length in lengths.items() if length > 400} == {}


def test_only_the_command_line_prints():
    def prints(node):
        match node:
            case ast.Call(func=ast.Name(id="print" | "breakpoint")):
                return True
            case ast.Attribute(value=ast.Name(id="sys"), attr="stdout" | "stderr" | "exit"):
                return True
        return False

    stray = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        if part_of(name_of(path)) != "cli"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if prints(node)
    ]

    assert stray == []


@pytest.mark.parametrize(
    ("module", "slow"),
    [
        ("reconciler.cli", "pydantic httpx dns deepdiff tomlkit yaml click rich argon2 asyncio"),
        ("reconciler.cli.run", "pydantic httpx dns deepdiff tomlkit yaml rich argon2 asyncio"),
        # A plan without changes has nothing to judge.
        ("reconciler.cli.session", "reconciler.lint.rules reconciler.outlook rich deepdiff argon2"),
    ],
)
def test_start_up_loads_nothing_slow(module, slow):
    """`mailstack --version` and completion answer at once."""
    code = f"import sys, {module}; print(*sorted(set(sys.modules) & set({slow.split()!r})))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout == "\n"
