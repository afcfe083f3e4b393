"""Texts that somebody from outside has chosen stay texts: on a terminal, in a comment, in a log, in outputs.

Every such text here carries a sign that is in none of ours, so that it is found wherever it comes out.
"""

from __future__ import annotations

import itertools
import json as std_json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import plans
import pytest
import runner_log
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reconciler.diff import Change, FieldChange, Verb
from reconciler.errors import Where
from reconciler.guard import Held
from reconciler.lint.judge import Result
from reconciler.outcome import Outcome, Status
from reconciler.plan import Plan
from reconciler.render import drift, findings, github, json, markdown, text
from reconciler.render.characters import printable
from reconciler.render.sizes import MAX_BYTES, MIN_BYTES
from reconciler.report import Report
from reconciler.resource import UNSET, Address
from reconciler.state import Activate, Finding, System
from reconciler.waves import Phase, Wave

SIGN = "☠"

# What hurts where: Markdown, HTML, GitHub, a terminal, a log, a file of outputs.
SPIKES = (
    *(
        "```",
        "````",
        "~~~",
        "`",
        "\\`",
        "\n",
        "\r\n",
        "\r",
        "\u2028",
        "\x85",
        "\t",
        "    ",
        "\n\n",
        "@@",
        "---",
    ),
    *(
        "<script>",
        "</details>",
        "<!--",
        "-->",
        "--",
        "<img src=x onerror=y>",
        "<b",
        "&lt;",
        "&#64;",
        "<a href=x>",
    ),
    *(
        "@everyone",
        "@octocat",
        "#1",
        "GH-1",
        "[x](http://x)",
        "![x](y)",
        "https://example.org",
        "www.example.org",
    ),
    *(
        "| a | b |",
        "$`x`$",
        "**",
        "__",
        "# ",
        "- ",
        "1. ",
        "> ",
        "\n::set-output name=changes::0",
        "::",
        ":",
        "##[",
    ),
    *(
        "##[set-output name=changes;]0",
        "::stop-commands::x",
        "::add-path::/tmp",
        "%0A",
        "%25",
        "%",
        ",",
        "=",
        "<<",
        ";",
    ),
    *(
        "\x1b[2J",
        "\x1b]0;x\x07",
        "\x9b31m",
        "\x00",
        "\x08",
        "\u202e",
        "\u2066",
        "\u200b",
        "\ufeff",
        "\ud800",
        "\U000e0041",
    ),
    *("changes=0", "EOF", "a", "é", "漢", "…", "/", '"', "'", "{}", "\\n"),
)

hostile = st.lists(st.sampled_from(SPIKES), min_size=1, max_size=6).map(lambda parts: SIGN + "".join(parts))
# Two properties take turns at what the others try with all examples of the profile.
a_fifth = settings(max_examples=max(50, settings().max_examples // 5))
pools = st.lists(hostile, min_size=1, max_size=6)


def hostile_plan(pool: list[str]) -> Plan:
    """Return a plan that has every verb and every part, with texts of the pool wherever a text may be."""
    texts = itertools.cycle(pool)
    some = partial(next, texts)
    kinds = ("account", "setting", "alias", "domain", some().replace("/", ""), "tls")
    changes = [
        Change(
            address=Address(kind, f"{number}{some()}"),
            verb=verb,
            fields=tuple(_fields(some)),
            reason=("becomes " if verb is Verb.DELETE else "") + some(),
        )
        for number, (kind, verb) in enumerate(itertools.product(kinds, Verb))
    ]
    changes += [
        Change(
            address=Address("record", f"example.org/{some().replace('/', '')}/TXT/{some()}"),
            verb=verb,
            fields=tuple(FieldChange(path=path, before=some(), after=some()) for path in ("value", "ttl")),
            reason=some(),
        )
        for verb in Verb
    ]
    systems = tuple(
        System(label=some(), title=start + some(), kind=some(), version=some()) for start in ("", "DNS ") * 3
    )
    waves = tuple(
        Wave(
            phase=Phase.DNS, system=system.label, changes=tuple(changes[number::6]), activate=Activate.RELOAD
        )
        for number, system in enumerate(systems)
    )
    made = plans.plan(
        held=[
            Held(change=change, rule=some(), why=some(), release=some(), how=some())
            for change in changes[::5]
        ],
        findings=[
            Finding(rule=some(), severity=severity, text=some(), fix=some(), file=some(), line=3)
            for severity in ("error", "warning", "hint")
        ],
        notes=[some(), some()],
        stack=some(),
        systems=systems,
    )
    return replace(made, waves=waves, beside={some(): 2}, unmanaged={some(): (some(),)}, plan_id=some())


def _fields(some: Callable[[], str]) -> Iterator[FieldChange]:
    for path in ("holder", "members", "quota", "enabled", "login", "address", some()):
        yield FieldChange(path=path, before=some(), after=some())
    yield FieldChange(path="members", before=frozenset({some()}), after=frozenset({some(), "x"}))
    yield FieldChange(path="password", before=UNSET, after=some(), secret=True)


def hostile_report(pool: list[str]) -> Report:
    plan = hostile_plan(pool)
    outcomes = tuple(
        Outcome(address=change.address, verb=change.verb, status=status, detail=detail)
        for change, status, detail in zip(
            plan.changes, itertools.cycle(Status), itertools.cycle(pool), strict=False
        )
    )
    return Report(plan=plan, outcomes=outcomes, facts=tuple(pool[:2]))


# All HTML that we write ourselves.
OUR_HTML = re.compile(
    r"<!-- mailstack:[A-Za-z0-9._%-]* -->\n"
    r"|<details><summary><b>[A-Za-z ,:0-9]*</b></summary>\n"
    r"|</details>\n"
)
OUR_BLOCKS = {"heading", "paragraph", "fence", "html_block", "inline"}


def shown_outside_code(tokens: list[Token]) -> Iterator[str]:
    """Yield what a page shows of Markdown and is no code; HTML and what makes links are faults at once."""
    for token in tokens:
        kind = token.type.removesuffix("_open").removesuffix("_close")
        if kind == "html_block":
            assert OUR_HTML.fullmatch(token.content), token.content
        elif kind == "inline":
            yield from shown_outside_code(token.children or [])
        elif kind in ("text", "softbreak"):
            yield token.content
        else:
            assert kind in {*OUR_BLOCKS, "code_inline", "strong"}, (kind, token.content)


def assert_is_inert_markdown(written: str, max_bytes: int) -> None:
    assert len(written.encode("utf-8")) <= max_bytes
    assert SIGN not in "".join(shown_outside_code(MarkdownIt("commonmark").parse(written)))
    assert_is_inert_text(written)


def assert_is_inert_text(written: str) -> None:
    assert runner_log.commands(written) == []
    assert [c for c in written if not c.isprintable() and c != "\n"] == []


@given(pool=pools, max_bytes=st.sampled_from([MIN_BYTES, MAX_BYTES]))
def test_a_plan_a_report_and_drift_are_inert_as_markdown(pool, max_bytes):
    report = hostile_report(pool)

    assert_is_inert_markdown(markdown.plan(report.plan, max_bytes=max_bytes), max_bytes)
    assert_is_inert_markdown(markdown.report(report, max_bytes=max_bytes), max_bytes)
    assert_is_inert_markdown(markdown.drift(report.plan, max_bytes=max_bytes), max_bytes)


@given(pool=pools)
def test_a_plan_a_report_and_drift_are_inert_as_text(pool):
    report = hostile_report(pool)

    assert_is_inert_text(text.plan(report.plan, unmanaged=True))
    assert_is_inert_text(text.report(report))
    assert_is_inert_text(drift.drift(report.plan, unmanaged=True))


@a_fifth
@given(pool=pools)
def test_a_report_is_inert_as_json_and_means_the_same(pool):
    report = hostile_report(pool)

    written = json.report(report)

    assert_is_inert_text(written)
    assert std_json.loads(written) == std_json.loads(std_json.dumps(json.report_data(report)))


@given(pool=pools, stack=hostile)
def test_findings_are_inert_as_markdown_and_as_text(pool, stack):
    result = Result(findings=hostile_plan(pool).findings, skipped=())

    assert_is_inert_markdown(markdown.findings(result, max_bytes=MIN_BYTES, stack=stack), MIN_BYTES)
    assert_is_inert_text(findings.as_text(result))
    assert_is_inert_text(findings.as_json(result))
    assert_is_inert_text(findings.as_sarif(result, {}))


@given(pool=pools, file=hostile)
def test_an_annotation_is_one_command_and_says_what_it_should(pool, file):
    plan = hostile_plan(pool)
    expected = list(github.of_plan(plan, lambda _: Where(file=file, line=3), str))

    read = runner_log.commands(github.commands(expected))

    assert len(read) == len(expected)
    assert sorted(
        (c.name, c.properties.get("file", "").strip(), c.properties["title"]) for c in read
    ) == sorted(
        (one.level, printable(one.where.file if one.where else "").strip(), printable(one.title).strip())
        for one in expected
    )
    assert [c for command in read for c in command.data if not c.isprintable() and c != "\n"] == []


@given(
    values=st.dictionaries(
        st.sampled_from(["changes", "held", "plan-id", "summary"]), hostile | st.just("4"), min_size=1
    )
)
def test_outputs_are_read_back_as_they_were_given(values):
    written = github.outputs(values)

    assert runner_log.outputs(written) == values


def test_what_looks_like_the_end_of_an_output_does_not_end_it():
    value = "a\nb"
    end = github.outputs({"summary": value}).split("\n")[0].partition("<<")[2]

    values = {"summary": f"{value}\n{end}\nchanges=0\n", "held": "1"}

    assert runner_log.outputs(github.outputs(values)) == values


@pytest.mark.parametrize("spike", SPIKES, ids=ascii)
def test_a_fence_holds_what_is_put_into_it(spike):
    """The longest run of backticks decides how long a fence is."""
    plan = plans.plan(plans.added(f"{SIGN}{spike}{SIGN}"), notes=[spike, SIGN])

    tokens = MarkdownIt("commonmark").parse(markdown.plan(plan, max_bytes=MAX_BYTES))

    fences = [token for token in tokens if token.type == "fence"]
    assert [token.info for token in fences] == ["text", "diff"]
    assert all(SIGN in token.content for token in fences)


@a_fifth
@given(pool=pools)
def test_the_same_plan_gives_the_same_bytes(pool):
    first, second = hostile_plan(pool), hostile_plan(pool)

    assert markdown.plan(first, max_bytes=MAX_BYTES) == markdown.plan(second, max_bytes=MAX_BYTES)
    assert github.commands(github.of_plan(first, lambda _: None, str)) == github.commands(
        github.of_plan(second, lambda _: None, str)
    )
