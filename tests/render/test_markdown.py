"""The comment on a pull request: what ends mail first, whole changes only, never longer than it may be."""

from __future__ import annotations

import re

import plans
import pytest

from reconciler.outcome import Outcome, Status
from reconciler.render import markdown
from reconciler.render.sizes import MAX_BYTES, MIN_BYTES
from reconciler.report import Report
from reconciler.state import Finding

# What GitHub takes as a comment.
COMMENT = 65_536


def test_a_plan_of_ten_thousand_changes_fits_in_one_comment():
    plan = plans.plan(*(plans.added(f"alias{n:05}@example.org") for n in range(10_000)))

    text = markdown.plan(plan, max_bytes=MAX_BYTES)

    assert text.startswith("<!-- mailstack:home -->\n### mailstack plan `home`: 10,000 to add")
    assert len(text) <= COMMENT and len(text.encode()) <= MAX_BYTES
    assert len(text.encode()) > MAX_BYTES - 200  # what fits is told
    told = re.findall(r"^\+ alias  alias\d{5}@example\.org  -> alice@example\.org$", text, re.MULTILINE)
    assert f"\n… and {10_000 - len(told):,} more changes\n" in text
    assert text.endswith("plan id `0123456789ab`\n")


@pytest.mark.parametrize("max_bytes", [MIN_BYTES, 10_000, MAX_BYTES])
def test_what_is_long_is_cut_between_two_things_and_counted(max_bytes):
    plan = plans.plan(
        *(plans.removed(f"gone{n:04}@example.org") for n in range(1_000)),
        *(plans.added(f"alias{n:04}@example.org") for n in range(2_000)),
        held=[plans.held(f"held{n:04}@example.org", why="why " * 60) for n in range(500)],
        findings=[
            Finding(rule="ZONE-12", severity="error", text="text " * 40, fix="fix") for _ in range(700)
        ],
        notes=["a note"] * 900,
    )

    text = markdown.plan(plan, max_bytes=max_bytes)

    assert len(text.encode()) <= max_bytes
    for noun, total, told in (
        ("held changes", 500, r"^! - account  held"),
        ("such changes", 1_000, r"^- account  gone"),
        ("findings", 700, r"^- error ZONE-12"),
        ("notes", 900, r"^a note$"),
        ("changes", 2_000, r"^\+ alias "),
    ):
        shown = len(re.findall(told, text, re.MULTILINE))
        cut = re.search(rf"… and ([\d,]+) more {noun}$", text, re.MULTILINE)
        left = re.search(r": ([\d,]+), for which there is no room here", text)
        assert shown + int((cut or left)[1].replace(",", "")) == total or (left and not shown)
    for block in re.findall(r"```diff\n(.*?)\n```", text, re.DOTALL):
        assert block.splitlines()[-1].strip() in (
            *("To do it: --release it", "fix"),
            *(line.strip() for line in block.splitlines() if re.match(r"(- account  gone|\+ alias)", line)),
        )


def test_what_is_held_and_what_ends_mail_comes_before_the_rest():
    plan = plans.plan(
        plans.added("info@example.org"),
        plans.removed("bob@example.org"),
        held=[plans.held("carol@example.org")],
        notes=["set the PTR"],
    )

    text = markdown.plan(plan, max_bytes=MAX_BYTES)

    order = ["carol@", "bob@example.org", "set the PTR", "info@example.org"]
    assert sorted(order, key=text.index) == order
    assert "mailstack plan `home`: look twice at 1 · 1 held · 1 to add, 0 to change, 1 to delete\n" in text


def test_a_plan_that_does_nothing_says_so():
    assert markdown.plan(plans.plan(), max_bytes=MAX_BYTES) == (
        "<!-- mailstack:home -->\n"
        "### mailstack plan `home`: nothing to do\n"
        "\n"
        "`stalwart 0.15.5`\n"
        "\n"
        "Everything is as declared.\n"
        "\n"
        "plan id `0123456789ab`\n"
    )


def test_many_changes_are_folded_and_few_are_not():
    few = markdown.plan(plans.plan(*map(plans.added, map(str, range(39)))), max_bytes=MAX_BYTES)
    many = markdown.plan(plans.plan(*map(plans.added, map(str, range(50)))), max_bytes=MAX_BYTES)

    assert "<details>" not in few
    assert "<details><summary><b>Changes, in their order: 50</b></summary>\n\n```diff\n" in many
    assert "```\n\n</details>\n" in many


def test_the_marker_is_the_same_whatever_the_plan_and_is_of_one_stack_only():
    empty = markdown.plan(plans.plan(), max_bytes=MAX_BYTES)
    full = markdown.plan(plans.plan(plans.added("a@example.org")), max_bytes=MAX_BYTES)
    other = markdown.plan(plans.plan(stack="home2"), max_bytes=MAX_BYTES)

    assert [text.splitlines()[0] for text in (empty, full, other)] == [
        "<!-- mailstack:home -->",
        "<!-- mailstack:home -->",
        "<!-- mailstack:home2 -->",
    ]


def test_a_report_tells_what_failed_before_what_is_done():
    changes = [plans.added(f"{name}@example.org") for name in ("done", "failed", "skipped")]
    statuses = (Status.DONE, Status.FAILED, Status.SKIPPED)
    outcomes = tuple(
        Outcome(
            address=c.address, verb=c.verb, status=s, detail="" if s is Status.DONE else f"{s.value} it\nso"
        )
        for c, s in zip(changes, statuses, strict=True)
    )

    text = markdown.report(Report(plan=plans.plan(*changes), outcomes=outcomes), max_bytes=MAX_BYTES)

    assert "### mailstack apply `home`: 1 failed · 1 not tried · 1 added, 0 changed, 0 deleted\n" in text
    assert "```diff\n! + alias  failed@example.org\n      failed it\n      so\n```" in text
    assert text.index("failed@") < text.index("skipped@") < text.index("done@")


def test_a_report_of_ten_thousand_failures_fits():
    changes = [plans.added(f"alias{n}@example.org") for n in range(10_000)]
    outcomes = tuple(
        Outcome(address=c.address, verb=c.verb, status=Status.FAILED, detail=f"no {c.address}")
        for c in changes
    )

    text = markdown.report(Report(plan=plans.plan(*changes), outcomes=outcomes), max_bytes=MAX_BYTES)

    assert len(text.encode()) <= MAX_BYTES
    assert re.search(r"\n… and [\d,]+ more that failed\n", text)
