"""The whole round, as docs/gitops.md tells it: reviewed, merged, applied, drifted, mended.

The blocks of that document under `<!-- told: NAME -->` are what is said here, word for word but for
commits and addresses.  After a change of the texts:

    GITOPS_DOCS=write .venv/bin/python -m pytest tests/gitops/test_gitops_story.py
"""

from __future__ import annotations

import json
import os
import re

import cli
from gitops_site import Site

STACK = """\
version: 1
stack: home
domain: example.org
stalwart: {{url: "{url}", username: admin, password: {{env: STALWART_PASSWORD}}}}
accounts: {{alice: {{aliases: [postmaster, abuse]}}}}
"""
DOCUMENT = cli.ROOT / "docs" / "gitops.md"


def seen(text: str) -> str:
    """Return what a reader sees of Markdown, with commits and addresses that are always the same."""
    text = re.sub(r"<!--.*?-->\n?", "", text)
    text = re.sub(r"\bcommit [0-9a-f]{12}", "commit 4f1d0c7be2a9", text)
    return re.sub(r"http://127\.0\.0\.1:\d+", "https://github.com", text).strip()


def told(name: str, text: str) -> None:
    """Hold the document to what is said, or write it there."""
    document = DOCUMENT.read_text(encoding="utf-8")
    block = re.compile(rf"(<!-- told: {name} -->\n`{{4}}\w+\n)(.*?)^(`{{4}}\n)", re.DOTALL | re.MULTILINE)
    found = block.search(document)
    assert found is not None, f"{DOCUMENT.name} does not tell {name}"
    if os.environ.get("GITOPS_DOCS") == "write":
        DOCUMENT.write_text(block.sub(lambda m: m[1] + seen(text) + "\n" + m[3], document), encoding="utf-8")
        return
    assert found[2] == seen(text) + "\n", (
        f"{name} in {DOCUMENT.name} is out of date; the head of this file says how"
    )


def aliases(site: Site) -> list[str]:
    return sorted(site.api.principal("alice@example.org")["emails"][1:])


def test_a_change_is_reviewed_merged_applied_and_watched(tmp_path, github, server):
    site = Site(tmp_path, github, server)
    stack = STACK.format(url=server.url)
    site.begin({"mailstack.yaml": stack})
    assert site.on_main()["apply home"].result == "success"
    assert github.comments == []

    # A branch with one new alias gets a plan.  Nothing has changed yet.
    with_info = stack + "aliases: {info: alice}\n"
    first = site.branch("info", **{"mailstack.yaml": with_info})
    jobs = site.on_pull(first)
    assert {name: job.result for name, job in jobs.items()} == {
        "stacks": "success",
        "lint home": "success",
        "plan home": "success",
        "apply": "skipped",
        "drift": "skipped",
    }
    (comment,) = github.of(first.number)
    told("plan", comment.body)
    assert aliases(site) == ["abuse@example.org", "postmaster@example.org"]

    # The merge does exactly that, and says so where it was reviewed.
    plan_id = jobs["plan home"].steps[-1].outputs["plan-id"]
    merge = github.merge(first)
    applied = site.on_main()["apply home"]
    assert applied.result == "success"
    report = json.loads(applied.artifacts["mailstack-report-home"])
    assert (report["plan"]["plan_id"], report["run"]["commit"], report["run"]["actor"]) == (
        plan_id,
        merge,
        "octavia",
    )
    assert aliases(site) == ["abuse@example.org", "info@example.org", "postmaster@example.org"]
    told("applied", applied.summary)
    assert github.of(first.number) == [comment]
    told("applied-comment", comment.body.rpartition("\n\n")[2])

    # Somebody clicks: it is one issue, on this night and the next.
    site.api.patch("alice@example.org", "removeItem", "emails", "info@example.org")
    for _ in range(2):
        assert site.on_main("schedule")["drift home"].result == "success"
    (issue,) = github.issues
    assert (issue.title, issue.state) == ("mailstack: home is not as declared", "open")
    assert github.calls["PATCH", "change_issue"] == 0
    told("drift", issue.body)

    # A second pull request has one comment as well, which changes with every push.
    with_sales = with_info.replace("info: alice", "info: alice, sales: alice")
    second = site.branch("sales", **{"mailstack.yaml": with_sales})
    site.on_pull(second)
    before = github.of(second.number)[0].body
    site.push("sales", {"mailstack.yaml": with_sales.replace("sales: alice", "sales: alice, jobs: alice")})
    site.on_pull(second)
    (update,) = github.of(second.number)
    assert "jobs@example.org" in update.body and "jobs@example.org" not in before
    assert github.of(first.number) == [comment]
    told("second", update.body)

    # The drift is mended by hand, with the id that the issue names; the next night closes the issue.
    mended = site.on_main("workflow_dispatch", **{"plan-id": re.findall("plan-id `(.*?)`", issue.body)[0]})
    assert mended["apply home"].result == "success"
    assert aliases(site) == ["abuse@example.org", "info@example.org", "postmaster@example.org"]
    site.on_main("schedule")
    assert [(i.number, i.state) for i in github.issues] == [(issue.number, "closed")]

    # What is left of the second pull request's plan is done by its merge.
    github.merge(second)
    assert site.on_main()["apply home"].result == "success"
    assert {"jobs@example.org", "sales@example.org"} <= set(aliases(site))

    # A third is merged when something has happened that nobody has seen: nothing is done.
    with_press = with_sales.replace("sales: alice", "sales: alice, jobs: alice, press: alice")
    third = site.branch("press", **{"mailstack.yaml": with_press})
    site.on_pull(third)
    site.api.patch("alice@example.org", "removeItem", "emails", "abuse@example.org")
    github.merge(third)
    refused = site.on_main()["apply home"]
    assert refused.result == "failure"
    assert "press@example.org" not in aliases(site)
    told("refused", refused.summary)

    # Who finds it right says so with its id.
    by_hand = re.findall("plan-id `(.*?)`", refused.summary)[0]
    assert site.on_main("workflow_dispatch", **{"plan-id": by_hand})["apply home"].result == "success"
    assert {"abuse@example.org", "press@example.org"} <= set(aliases(site))
