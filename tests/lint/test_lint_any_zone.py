"""No zone file makes a rule fail: whatever people have written, lint says something or nothing."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from lint_texts import ZONE

from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.cli import scenes
from reconciler.lint.judge import lint
from reconciler.lint.rules import RULES
from reconciler.lint.scene import Scene

LINES = [
    line
    for path in sorted(Path(__file__).parent.glob("corpus/*"))
    for line in path.read_text(encoding="utf-8").splitlines()
]
WORDS = sorted({word for line in (*LINES, *ZONE.splitlines()) for word in line.split()})


@given(
    st.lists(
        st.one_of(
            st.sampled_from(LINES),
            st.lists(st.sampled_from(WORDS), min_size=3, max_size=8).map(" ".join),
            st.tuples(
                st.sampled_from(LINES), st.integers(0, 200), st.text('();"\\@.* \t;=:-%{0', max_size=3)
            ).map(lambda t: t[0][: t[1]] + t[2] + t[0][t[1] + 1 :]),
        ),
        max_size=12,
    )
)
def test_any_zone_is_judged(lines):
    text = (ZONE + "\n".join(lines) + "\n").encode()
    zone = scenes.zone_text(Zone.parse(text, name="example.org", file="db"))
    scene = Scene(hostname="mail.example.org", domains=("example.org",), zones=(zone,), lines=zone.lines)

    result = lint(scene, RULES.values(), today="2026-06-01")

    assert all(
        finding.text and finding.severity in ("error", "warning", "hint") for finding in result.findings
    )
