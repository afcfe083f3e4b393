"""plan changes nothing, and asks a number of questions that does not depend on how much there is."""

from __future__ import annotations

import cli
import pytest

from reconciler.sandbox import VERSIONS


def _seed(accounts: int) -> dict:
    people = [
        {
            "type": "individual",
            "name": f"u{number}@example.org",
            "emails": [f"u{number}@example.org", f"a{number}@example.org"],
            "roles": ["user"],
        }
        for number in range(accounts)
    ]
    lists = [
        {
            "type": "list",
            "name": f"l{number}@example.org",
            "emails": [f"l{number}@example.org"],
            "members": [f"u{number}@example.org"],
        }
        for number in range(accounts // 10)
    ]
    return {"domains": ["example.org"], "principals": [*people, *lists]}


def _stack(accounts: int) -> str:
    people = "".join(
        f"  u{n}: {{name: User {n}, aliases: [b{n}], password: {{env: ALICE_PASSWORD}}}}\n"
        for n in range(accounts)
    )
    return f"hostname: mail.example.org\nallowed_ips: [203.0.113.10]\naccounts:\n{people}"


@pytest.mark.parametrize("version", list(VERSIONS))
def test_plan_sends_no_write(tmp_path, version):
    with cli.sandbox(version, seed=_seed(10)) as server:
        project = cli.Project(tmp_path, server.url, server)
        project.stack(_stack(20) + "removed: [account/u5@example.net]\nsettings: {a.b: c}\n")
        before = server.state.settings.listed("")

        assert project.run("plan", "--unmanaged", "--out", "plan.json").code == 0

        assert server.writes == []
        assert server.state.settings.listed("") == before
        assert not any("reload" in path for _, path in server.requests)


def test_the_number_of_requests_does_not_depend_on_the_number_of_objects(tmp_path):
    asked = []
    for accounts in (10, 1000):
        with cli.sandbox(seed=_seed(accounts)) as server:
            project = cli.Project(tmp_path, server.url, server)
            project.stack(_stack(accounts))
            assert project.run("plan").code == 0
            asked.append([(method, path.partition("?")[0]) for method, path in server.requests])

    assert asked[0] == asked[1]
    assert asked[0] == [
        ("GET", "/api/principal"),
        ("POST", "/api/oauth"),
        ("GET", "/api/settings/keys"),
        ("GET", "/api/principal"),
        ("GET", "/api/principal"),
        ("GET", "/api/dns/records/example.org"),
    ]


def test_plan_needs_no_secret_but_the_login(project):
    """So every job sees the same plan."""
    project.stack("accounts: {alice: {password: {env: ALICE_PASSWORD}}}\n")
    rich = project.run("plan")
    del project.environ["ALICE_PASSWORD"]

    assert project.run("plan") == rich


def test_the_same_inputs_give_the_same_bytes(project):
    project.stack(_stack(20))

    for form in ([], ["--format", "json"]):
        assert project.run("plan", *form) == project.process("plan", *form)
