"""No stack and no config.toml makes a rule fail, whatever people have changed in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lint_texts import CONFIG, ZONE

from reconciler.cli import scenes
from reconciler.lint.judge import lint
from reconciler.lint.rules import RULES

STACKS = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("stacks/*"))]
LINES = sorted({line for text in STACKS for line in text.splitlines() if ":" in line})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("any")


def told(folder: Path, stack: str, config: str) -> list[str]:
    (folder / "stack.yaml").write_text(stack, encoding="utf-8")
    (folder / "zone").write_text(ZONE, encoding="utf-8")
    (folder / "config.toml").write_text(config, encoding="utf-8")
    scene, written = scenes.of_stack(
        str(folder / "stack.yaml"), str(folder / "zone"), None, str(folder / "config.toml")
    )
    ignore = written.ignore if written else ()
    return [f.severity for f in lint(scene, RULES.values(), ignore=ignore, today="2026-06-01").findings]


@given(
    stack=st.sampled_from(STACKS),
    out=st.integers(0, 12),
    put_in=st.lists(st.sampled_from(LINES), max_size=2),
    odd=st.sampled_from(["", "'", "0", "%{env:A}%", "é", "-1", "[]", "none", "::1/0", "."]),
)
def test_any_stack_is_judged(stack, out, put_in, odd, folder):
    lines = stack.splitlines()
    at = out % len(lines)
    key, colon, _ = lines[at].partition(": ")
    lines[at : at + 1] = [f"{key}{colon}{odd}", *put_in]

    assert set(told(folder, "\n".join(lines) + "\n", CONFIG)) <= {"error", "warning", "hint"}


@given(
    pairs=st.lists(
        st.tuples(
            st.sampled_from(
                [
                    *("server.listener.a.protocol", "server.listener.a.bind", "server.listener..protocol"),
                    *("server.proxy.trusted-networks", "authentication.fallback-admin.user"),
                    *("http.allowed-endpoint", "session.rcpt.catch-all", "acme.a.provider", "lookup.x_y"),
                ]
            ),
            st.sampled_from(["", "25", "[::]:25", "[::]:%{env:P}%", "::/0", "0.0.0.0/99", "Admin", "false"]),
        ),
        max_size=6,
        unique_by=lambda pair: pair[0],
    )
)
def test_any_config_is_judged(pairs, folder):
    config = "".join(f'{key} = "{value}"\n' for key, value in pairs)

    assert set(told(folder, STACKS[0], config)) <= {"error", "warning", "hint"}
