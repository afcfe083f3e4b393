"""One comment a pull request, one issue a stack: found among others' in as few questions as it takes."""

from __future__ import annotations

import pytest
from github_server import BOT, REPOSITORY, GitHub, Issue
from servers import answering

from reconciler.config.secrets import Secret
from reconciler.forge import job, sticky
from reconciler.forge.wire import ForgeError, Wire

MARKER = "<!-- mailstack:home -->"
TOKEN = "ghs_canary"  # a name that no text may show


def connected(github: GitHub, **permissions: str):
    token = github.token(permissions or {"issues": "write", "pull-requests": "write"})
    told = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": github.api_url,
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_TOKEN": token,
    }
    forge = job.read(told).connect()
    assert forge is not None
    return forge


def keep(forge, body, number=1):
    text = f"{MARKER}\n{body}"
    return sticky.keep_comment(forge, number, text, sticky.comment_of(forge, number, MARKER))


def test_the_second_comment_takes_the_place_of_the_first(github):
    forge = connected(github)

    keep(forge, "one")
    keep(forge, "two")

    assert [(c.author, c.body) for c in github.comments] == [(BOT, f"{MARKER}\ntwo")]


def test_the_same_comment_is_not_written_again(github):
    forge = connected(github)
    keep(forge, "one")
    github.calls.clear()

    keep(forge, "one")

    assert github.calls == {("GET", "list_comments"): 1, ("POST", "viewer"): 1}


def test_our_comment_is_found_behind_hundreds_of_others_page_by_page(github):
    forge = connected(github)
    for count in range(250):
        github.say(1, f"me too {count}")
    keep(forge, "one")
    github.calls.clear()

    keep(forge, "two")

    assert len([c for c in github.comments if c.author == BOT]) == 1
    assert github.calls == {
        ("GET", "list_comments"): 3,
        ("POST", "viewer"): 1,
        ("PATCH", "change_comment"): 1,
    }


def test_a_strangers_comment_with_our_marker_is_never_taken_for_ours(github):
    """He could change it afterwards, and reviewers would read his plan."""
    forge = connected(github)
    github.say(1, f"{MARKER}\nplan: nothing to do, trust me")

    keep(forge, "the plan")

    assert [(c.author, c.body.splitlines()[1]) for c in github.comments] == [
        ("mallory", "plan: nothing to do, trust me"),
        (BOT, "the plan"),
    ]


def test_a_comment_that_quotes_our_marker_further_down_is_not_ours(github):
    forge = connected(github)
    github.say(1, f"see above\n{MARKER}\n", author=BOT)

    keep(forge, "the plan")

    assert len(github.comments) == 2


def test_one_comment_for_each_stack(github):
    forge = connected(github)
    other = "<!-- mailstack:work -->"
    sticky.keep_comment(forge, 1, f"{other}\nx", sticky.comment_of(forge, 1, other))

    keep(forge, "one")
    keep(forge, "two")

    assert [c.body for c in github.comments] == [f"{other}\nx", f"{MARKER}\ntwo"]


def issue(forge, body, *, is_open=True):
    return sticky.keep_issue(forge, MARKER, title="drift", body=f"{MARKER}\n{body}", is_open=is_open)


def test_an_issue_is_opened_changed_closed_and_opened_again_and_stays_one(github):
    forge = connected(github)

    def state():
        return [(i.body.splitlines()[1], i.state) for i in github.issues]

    issue(forge, "alias gone")
    assert state() == [("alias gone", "open")]
    issue(forge, "two aliases gone")
    assert state() == [("two aliases gone", "open")]
    issue(forge, "no drift", is_open=False)
    assert state() == [("no drift", "closed")]
    issue(forge, "quota changed")
    assert state() == [("quota changed", "open")]


def test_without_drift_no_issue_is_opened_and_a_closed_one_is_not_touched(github):
    forge = connected(github)
    assert issue(forge, "no drift", is_open=False) is None

    github.issues.append(Issue(7, BOT, "drift", f"{MARKER}\nclosed by hand", "closed"))
    github.calls.clear()
    issue(forge, "no drift", is_open=False)
    assert github.calls == {("GET", "list_issues"): 1}


def test_the_merged_pull_request_of_a_commit_is_found_and_an_open_one_is_none(github):
    from github_server import Pull

    forge = connected(github)
    github.pulls[3] = Pull(3, "topic", "aaa", merge_sha="ccc", merged=True)
    github.pulls[4] = Pull(4, "other", "ddd", merge_sha="eee")

    assert [forge.pull_of(commit) for commit in ("ccc", "eee", "fff")] == [3, None, None]


def test_a_token_that_may_not_write_is_told_with_what_to_look_at(github):
    forge = connected(github, issues="read")

    with pytest.raises(ForgeError) as refused:
        keep(forge, "one")

    assert str(refused.value) == (
        "POST /repos/octavia/mail/issues/1/comments: 403 Resource not accessible by integration\n"
        "    The token may not do this: look at `permissions:` of the job, or the token's scopes."
    )


def wire(url):
    waited: list[float] = []
    return Wire(url, {}, Secret(TOKEN), pause=waited.append), waited


def test_a_read_that_fails_is_repeated_and_a_write_is_not():
    """A comment that was taken although the answer was lost would be there twice."""
    with answering(lambda *_: (502, "text/plain", "bad gateway")) as server:
        asking, waited = wire(server.url)
        for method in ("GET", "POST"):
            with pytest.raises(ForgeError, match="502"):
                asking.ask(method, "/x", {})

    assert [method for method, _ in server.asked] == ["GET", "GET", "GET", "POST"]
    assert waited == [1, 2]


def test_nobody_there_is_said_with_the_address_and_without_the_token():
    asking, _ = wire("http://127.0.0.1:9")

    with pytest.raises(ForgeError) as error:
        asking.ask("GET", "/x")

    assert str(error.value).startswith("http://127.0.0.1:9 does not answer\n")
    assert TOKEN not in repr(error.value) + repr(vars(asking))


def test_a_next_page_on_another_host_is_not_fetched_with_our_token():
    with answering(lambda *_: (200, "application/json", "[1]")) as server:
        asking, _ = wire(server.url)
        assert asking._inside("http://evil.example/page?2") is None
        assert asking._inside(f"{server.url}/page?2") == "/page?2"


@pytest.mark.parametrize(
    ("event", "is_fork"),
    [
        (
            '{"pull_request": {"number": 7, "head": {"sha": "abc", "repo": {"full_name": "octavia/mail"}}}}',
            False,
        ),
        (
            '{"pull_request": {"number": 7, "head": {"sha": "abc", "repo": {"full_name": "mallory/mail"}}}}',
            True,
        ),
        ('{"pull_request": {"number": 7, "head": {"sha": "abc", "repo": null}}}', True),
    ],
    ids=["branch", "fork", "fork that is gone"],
)
def test_a_pull_request_of_a_fork_is_told_from_one_of_a_branch(tmp_path, event, is_fork):
    (tmp_path / "event.json").write_text(event)

    found = job.read(
        {
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": "octavia/mail",
            "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        }
    )

    assert (found.pull, found.commit, found.is_fork) == (7, "abc", is_fork)


@pytest.mark.parametrize(
    ("variables", "forge"),
    [
        ({}, ""),
        ({"GITHUB_ACTIONS": "true"}, "github"),
        ({"GITHUB_ACTIONS": "true", "GITEA_ACTIONS": "true"}, "gitea"),
        ({"GITHUB_ACTIONS": "true", "GITEA_ACTIONS": "true", "FORGEJO_ACTIONS": "true"}, "forgejo"),
        ({"GITLAB_CI": "true"}, "gitlab"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_forge_is_told_by_the_variables_of_the_job(variables, forge):
    assert job.read(variables).forge == forge


def test_a_token_is_shown_nowhere():
    found = job.read({"GITHUB_ACTIONS": "true", "GITHUB_TOKEN": TOKEN})

    assert TOKEN not in repr(found)
