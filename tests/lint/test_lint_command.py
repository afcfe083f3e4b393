"""`mailstack lint` and `explain`: what they print and how they end."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from lint_texts import CONFIG, STACK, ZONE

from reconciler.cli import explain, lint
from reconciler.errors import InputError
from reconciler.lint.rules import RULES


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """Return what runs a command in a folder with a stack and a zone file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    (tmp_path / "mailstack.yaml").write_text(STACK)
    (tmp_path / "db.example.org").write_text(ZONE)

    def run(command, *arguments):
        done = CliRunner().invoke(command, arguments, standalone_mode=False)
        if done.exception is not None:
            raise done.exception
        return done.return_value, done.stdout

    return run


def test_lint_ends_with_0_when_all_is_well(ran):
    code, out = ran(lint.command)

    assert (code, out.splitlines()[0]) == (0, "Nothing found.")


def test_lint_ends_with_1_on_an_error(ran, tmp_path):
    (tmp_path / "db.example.org").write_text(ZONE + '@ TXT "v=spf1 -all"\n')

    code, out = ran(lint.command, "--zone", "db.example.org")

    assert code == 1
    assert out.startswith("db.example.org:10: error SPF-01  example.org has 2 SPF texts")


def test_lint_ends_with_0_on_a_warning_and_with_1_when_strict(ran, tmp_path):
    (tmp_path / "db.example.org").write_text(ZONE + "www 30 A 192.0.2.1\n")

    assert ran(lint.command, "--zone", "db.example.org")[0] == 0
    assert ran(lint.command, "--zone", "db.example.org", "--strict")[0] == 1


def test_lint_reads_the_zone_file_that_the_stack_names(ran, tmp_path):
    named = STACK.replace("  addresses:", "  zonefile: db.example.org\n  addresses:")
    (tmp_path / "mailstack.yaml").write_text(named)
    (tmp_path / "db.example.org").write_text(ZONE + "x CNAME x\n")

    code, out = ran(lint.command)

    assert code == 1
    assert "error ZONE-03" in out


BROKEN_ADMIN = CONFIG.replace('user = "admin"', 'user = "Admin"')


def test_lint_reads_a_config_toml_alone(ran, tmp_path):
    (tmp_path / "config.toml").write_text(BROKEN_ADMIN)

    code, out = ran(lint.command, "--config", "config.toml")

    assert (code, out.splitlines()[0]) == (
        0,
        "config.toml:18:1: warning STW-12  the fallback admin Admin can never log in: "
        "the server makes logins lower-case",
    )


def test_lint_reads_the_config_toml_that_the_stack_names(ran, tmp_path):
    (tmp_path / "config.toml").write_text(BROKEN_ADMIN)
    (tmp_path / "mailstack.yaml").write_text(
        STACK.replace("username: admin", "username: admin, config: config.toml")
    )

    assert "STW-12" in ran(lint.command)[1]


def test_lint_tells_of_a_config_toml_that_cannot_be_read_and_goes_on(ran, tmp_path):
    (tmp_path / "config.toml").write_text("[server\n")
    (tmp_path / "mailstack.yaml").write_text(
        STACK.replace("username: admin", "username: admin, config: config.toml").replace("postmaster, ", "")
    )

    code, out = ran(lint.command)

    assert code == 1
    assert "config.toml:1" in out
    assert "ADDR-01" in out


SECRETS = """\
[authentication.fallback-admin]
user = "Admin"
secret = "letmein"
[store.files]
secret-key = "$hunter2"
password = "%{env:PREFIX}%hunter2"
[signature.rsa-example]
private-key = "hunter2"
"""


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif", "markdown"])
@pytest.mark.parametrize("text", [SECRETS, SECRETS + "[broken\npassword = 'hunter2"], ids=["whole", "broken"])
def test_no_secret_of_a_config_toml_is_shown(form, text, ran, tmp_path):
    (tmp_path / "config.toml").write_text(text)

    _, out = ran(lint.command, "--config", "config.toml", *(["--format", form] if form != "text" else []))

    assert "config.toml" in out
    assert "hunter2" not in out
    assert "letmein" not in out


def test_lint_tells_what_the_loader_refuses(ran, tmp_path):
    (tmp_path / "mailstack.yaml").write_text(STACK + "nonsense: 1\n")

    code, out = ran(lint.command)

    assert code == 1
    assert "error unknown-key" in out


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_lint_gives_json_that_can_be_read(form, ran):
    assert isinstance(json.loads(ran(lint.command, "--format", form)[1]), dict)


def test_a_zone_file_that_is_not_there_is_said(ran):
    with pytest.raises(InputError, match=r"this file cannot be read"):
        ran(lint.command, "--zone", "nowhere")


def test_explain_prints_the_page_of_a_rule(ran):
    code, out = ran(explain.command, "spf-01")

    assert (code, out.splitlines()[0]) == (0, "# SPF-01: A name has one SPF text")


def test_explain_lists_every_rule(ran):
    _, out = ran(explain.command)

    assert [line.split()[0] for line in out.splitlines()[: len(RULES)]] == list(RULES)


@pytest.mark.parametrize(
    ("name", "rule"), [("last-admin", "STW-12"), ("claimed-twice", "ADDR-03"), ("too-many-deletes", "STW-15")]
)
def test_explain_knows_the_short_names_of_loader_and_plan(name, rule, ran):
    assert ran(explain.command, name)[1].startswith(f"# {rule}: ")


def test_explain_says_of_a_rule_that_nobody_checks_that_it_is_not_checked(ran):
    _, out = ran(explain.command, "HOST-06")

    assert "Not checked by this version: nothing that it reads tells of the network." in out.splitlines()


def test_explain_suggests_the_nearest_rule():
    with pytest.raises(InputError, match=r"there is no rule SPF-0l\n    Did you mean SPF-0\d\?"):
        explain.command.main(["SPF-0l"], standalone_mode=False)
