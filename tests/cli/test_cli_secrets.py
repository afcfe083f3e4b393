"""No secret in anything that a run says or writes, whether it ends well or not.

`Project` searches everything after every run of every test; here are the runs where a secret is near.
"""

from __future__ import annotations

import pytest
from cli import ALICE_PASSWORD, HASH, RELAY_PASSWORD

STACK = f"""\
hostname: mail.example.org
dns: {{mail: {{dkim: [rsa, ed25519]}}}}
accounts:
  alice: {{password: {{env: ALICE_PASSWORD}}}}
  bob: {{password: "{HASH}"}}
settings:
  queue.route.relay.auth.secret: {{env: RELAY_PASSWORD}}
  queue.route.other.auth.secret: canary-inline-2266
"""
EVERYTHING = ["--debug", "--unmanaged", "--json-into", "report.json"]


@pytest.fixture
def rich(project):
    project.stack(STACK)
    project.environ["INLINE"] = "canary-inline-2266"  # stands in the stack, so it is one of the canaries
    return project


def test_the_canaries_reach_the_server(rich):
    """Otherwise the searches of this file would prove nothing."""
    assert rich.run("apply", "--yes", *EVERYTHING).code == 0

    assert rich.api.keys("queue.route.relay.auth.secret") == {"queue.route.relay.auth.secret": RELAY_PASSWORD}
    assert rich.api.may_log_in("alice@example.org", ALICE_PASSWORD)
    assert rich.api.principal("bob@example.org")["secrets"] == [HASH]
    assert len(rich.api.below("signature")) > 10


@pytest.mark.parametrize("form", [[], ["--format", "json"]])
def test_plan_apply_and_second_plan_show_none(rich, form):
    assert rich.run("plan", "--out", "plan.json", *EVERYTHING, *form).code == 0
    assert rich.run("show", "plan.json", "--unmanaged").code == 0
    assert rich.run("apply", "plan.json", *EVERYTHING, *form).code == 0
    assert rich.run("plan", *EVERYTHING, *form).code == 0


def test_a_changed_secret_is_told_and_not_shown(rich):
    rich.run("apply", "--yes")
    rich.api.store({"queue.route.other.auth.secret": "canary-theirs-8181"})
    rich.environ["THEIRS"] = "canary-theirs-8181"

    ended = rich.run("plan", *EVERYTHING)

    assert "~ setting  queue.route.other.auth.secret  (changed)\n" in ended.out


def test_a_setting_from_the_environment_is_set_again_when_its_revision_rises_and_not_before(rich):
    key = "queue.route.relay.auth.secret"
    rich.run("apply", "--yes")
    rich.environ["RELAY_PASSWORD"] = "canary-newer-4711"
    assert "\nNothing to do: all that mailstack keeps is as declared." in rich.run("plan").out

    rich.stack(STACK.replace("{env: RELAY_PASSWORD}", "{env: RELAY_PASSWORD, revision: 2}"))

    assert f"    ~ setting  {key}  (changed)\n" in rich.run("plan", *EVERYTHING).out
    assert rich.run("apply", "--yes", *EVERYTHING).code == 0
    assert rich.api.keys(key) == {key: "canary-newer-4711"}
    assert "\nNothing to do: all that mailstack keeps is as declared." in rich.run("plan").out


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("how", ["500", "close"])
@pytest.mark.parametrize("write", range(1, 9))
def test_a_run_that_fails_shows_none(rich, write, when, how):
    rich.server.fail_write(write, when, how)
    rich.server.fail_write(write + 1, when, how)

    rich.run("apply", "--yes", *EVERYTHING)


def test_a_refused_dkim_key_does_not_bring_the_existing_one_along(rich):
    """The server's refusal carries the private key that it has already."""

    def meddle(number, method, path, phase):
        if (method, path, phase) == ("POST", "/api/dkim", "before") and not seen:
            seen.append(number)
            rich.api.data(
                "POST",
                "/api/dkim",
                {"id": None, "algorithm": "Ed25519", "domain": "example.org", "selector": "x"},
            )

    seen: list[int] = []
    rich.server.on_request = meddle

    ended = rich.run("apply", "--yes", *EVERYTHING)

    assert seen != []
    assert ended.err.count("POST /api/dkim -> 200") == 2


def test_a_secret_that_is_missing_stops_apply_before_the_first_write(rich):
    for name in ("ALICE_PASSWORD", "RELAY_PASSWORD"):
        del rich.environ[name]

    ended = rich.run("apply", "--yes", *EVERYTHING)

    assert (ended.code, rich.server.writes) == (1, [])
    assert [line for line in ended.err.splitlines() if line.startswith("    ")] == [
        "    The environment variable ALICE_PASSWORD is not set.",
        "    The environment variable RELAY_PASSWORD is not set.",
    ]
    assert ended.err.splitlines()[-1] == "2 errors; nothing was changed."


def test_a_traceback_shows_none(rich):
    """Should the program itself break, in the middle of a write, its traceback is searched as well."""
    rich.write("sitecustomize.py", _BREAKS)
    rich.environ["PYTHONPATH"] = f"{rich.folder}:{_root()}"

    ended = rich.process("apply", "--yes", *EVERYTHING)

    assert ended.code == 1
    assert ended.err.splitlines()[-1] == "RuntimeError: broken on purpose"


def _root():
    from cli import ROOT

    return ROOT


# A process that breaks when it has opened a secret and sends it.
_BREAKS = """\
import json
real = json.dumps
def broken(value, **keywords):
    text = real(value, **keywords)
    if "canary" in text:
        raise RuntimeError("broken on purpose")
    return text
json.dumps = broken
"""
