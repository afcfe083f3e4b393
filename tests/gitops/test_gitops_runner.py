"""The stand-ins themselves: expressions, steps and the API behave as GitHub's documents say."""

from __future__ import annotations

from pathlib import Path

import pytest
from actions_expressions import Unknown, condition, evaluate, filled
from actions_runner import Event, Runner
from github_server import BOT, Refused

CONTEXTS = {
    "github": {"event_name": "pull_request", "event": {"pull_request": {"number": 7.0}}},
    "matrix": {"stack": {"name": "home"}},
    "steps": {"plan": {"outputs": {"changes": "2"}}},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("github.event_name == 'PULL_REQUEST'", True),
        ("github.event.pull_request.number", 7.0),
        ("github.event.issue.number || 'none'", "none"),
        ("matrix.stack['name']", "home"),
        ("steps.plan.outputs.changes > 1 && 'some' || 'none'", "some"),
        ("!(1 == 1) || false", False),
        ("'it''s'", "it's"),
        ('fromJSON(\'["a", "b"]\')[1]', "b"),
        ("contains(fromJSON('[\"push\"]'), 'push')", True),
        ("format('{0}-{1}', 'a', github.event.pull_request.number)", "a-7"),
        ("null == 0", True),
    ],
)
def test_an_expression_has_the_value_that_github_gives_it(text, value):
    assert evaluate(text, CONTEXTS) == value


def test_a_text_of_one_expression_becomes_its_value_and_a_longer_text_stays_a_text():
    assert filled("${{ github.event.pull_request.number }}", CONTEXTS) == 7.0
    assert filled("pr-${{ github.event.pull_request.number }}", CONTEXTS) == "pr-7"


@pytest.mark.parametrize("text", ["secrets.X", "hashFiles('a')", "a b", "github..x"])
def test_what_the_stand_in_does_not_know_is_an_error_and_never_empty(text):
    with pytest.raises((Unknown, IndexError)):
        evaluate(text, CONTEXTS)


def test_a_condition_without_a_function_of_the_status_wants_success():
    def failed():
        return {"success": lambda: False, "always": lambda: True}

    assert not condition("1 == 1", CONTEXTS, failed())
    assert condition("always() && 1 == 1", CONTEXTS, failed())


WORKFLOW = """\
on: {push: {branches: [main]}}
env: {GREETING: hello}
jobs:
  first:
    outputs: {list: "${{ steps.make.outputs.list }}"}
    steps:
      - id: make
        run: |
          echo 'list=["a", "b"]' >>"$GITHUB_OUTPUT"
          echo "# $GREETING $NAME" >>"$GITHUB_STEP_SUMMARY"
        env: {NAME: "${{ secrets.NAME }}"}
  each:
    needs: first
    strategy: {matrix: {letter: "${{ fromJSON(needs.first.outputs.list) }}"}}
    steps:
      - run: echo "letter $LETTER" && test "$LETTER" = a
        env: {LETTER: "${{ matrix.letter }}"}
      - run: echo never
      - if: failure()
        run: echo "at last"
  after:
    needs: each
    steps: [{run: echo never}]
"""


def test_the_runner_runs_steps_matrices_and_outputs_and_stops_where_one_fails(tmp_path: Path, github):
    runner = Runner(
        folder=tmp_path,
        repository="octavia/mail",
        git=github.git,
        server=github,
        secrets={"NAME": "you"},
    )
    event = Event(name="push", ref="refs/heads/main", sha="0")

    first, a, b, after = runner.run("w.yml", event, text=WORKFLOW)

    assert first.summary == "# hello you\n"
    assert [(a.name, a.result, a.log), (b.name, b.result, b.log)] == [
        ("each (a)", "success", "letter a\nnever\n"),
        ("each (b)", "failure", "letter b\nat last\n"),
    ]
    assert (after.name, after.result, after.steps) == ("after", "skipped", [])


def test_the_runner_hears_only_the_events_that_the_workflow_names(tmp_path: Path, github):
    runner = Runner(folder=tmp_path, repository="octavia/mail", git=github.git, server=github)

    assert runner.run("w.yml", Event(name="push", ref="refs/heads/other", sha="0"), text=WORKFLOW) == []
    assert runner.run("w.yml", Event(name="schedule", ref="refs/heads/main", sha="0"), text=WORKFLOW) == []


def test_the_api_refuses_long_texts_and_what_a_token_was_not_given(github):
    reads, writes = github.token({"issues": "read"}), github.token({"issues": "write"})
    comments = "/api/v3/repos/octavia/mail/issues/1/comments"

    def refusal(token, body):
        with pytest.raises(Refused) as refused:
            github.answer("POST", comments, token, {"body": body})
        return refused.value.status, refused.value.message

    assert refusal(reads, "x") == (403, "Resource not accessible by integration")
    assert refusal("stolen", "x") == (401, "Bad credentials")
    assert refusal(writes, "é" * 65_537)[0] == 422
    assert github.answer("POST", comments, writes, {"body": "é" * 65_536})[0] == 201
    assert github.comments[0].author == BOT


def test_the_api_hands_lists_out_in_pages(github):
    token = github.token({"issues": "read"})
    for count in range(5):
        github.say(1, str(count))
    github.page_size = 2

    def page(number):
        target = f"/api/v3/repos/octavia/mail/issues/1/comments?page={number}"
        _, items, headers = github.answer("GET", target, token, None)
        return [item["body"] for item in items], "Link" in headers

    assert [page(1), page(2), page(3)] == [(["0", "1"], True), (["2", "3"], True), (["4"], False)]
