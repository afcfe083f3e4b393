"""`mailstack lint`, `explain` and `records`: what they print and how they end."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from click.testing import CliRunner
from lint_texts import CONFIG, STACK, ZONE

from reconciler.cli import explain, lint, records
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


def test_records_are_a_zone_file_with_absolute_names(ran):
    code, out = ran(records.command)

    assert code == 0
    assert out.splitlines()[:4] == [
        "; example.org: the DKIM records follow when the server has made the keys; `mailstack plan` shows them.",
        "example.org. 3600 IN MX 10 mail.example.org.",
        "mail.example.org. 3600 IN A 203.0.113.10",
        'mail.example.org. 3600 IN TXT "v=spf1 a -all"',
    ]


def test_records_of_one_domain_are_those_inside_it(ran, tmp_path):
    (tmp_path / "mailstack.yaml").write_text(STACK + "domains: {example.net: {type: parked, dns: {}}}\n")

    _, out = ran(records.command, "example.net")

    assert [line.split()[0] for line in out.splitlines()] == ["example.net."] * 2 + ["_dmarc.example.net."]


def test_records_of_a_strange_domain_are_refused(ran):
    with pytest.raises(InputError, match=r"example\.com is no domain of this stack"):
        ran(records.command, "example.com")


@pytest.mark.parametrize("form", ["octodns", "dnscontrol", "terraform", "json"])
def test_records_are_given_in_every_form(form, ran):
    code, out = ran(records.command, "--format", form)

    assert (code, out.count("mail.example.org") > 1) == (0, True)


FULL = """\
version: 1
domain: example.org
hostname: mail.example.org
dns:
  ttl: 1h
  addresses: [203.0.113.10, "2001:db8::10"]
  mail:
    mx: [mail.example.org, 20 backup.example.net]
    spf: {include: [_spf.example.net], addresses: [203.0.113.0/24]}
    dmarc: {policy: quarantine, reports: [postmaster, dmarc@example.net]}
    srv: {imaps: true, submissions: true, pop3: false, jmap: true}
    mta_sts: {mode: testing}
    autoconfig: true
    caa: [letsencrypt.org, ";"]
    tlsa: ["3 1 1 0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d"]
  records:
    - {name: www, type: A, value: 203.0.113.20}
    - {name: long, type: TXT, value: "LONG"}
""".replace("LONG", "x; " * 200)
DERIVED = {
    "the least": STACK,
    "everything": FULL,
    "parked": STACK.split("dns:")[0] + "type: parked\ndns: {}\n",
    "hostname is the domain": STACK.replace("mail.example.org", "example.org"),
    "below another zone": FULL.replace("domain: example.org", "domain: org.example.org").replace(
        "dns:\n", "dns:\n  zone: example.org\n"
    ),
}
STRICT = ["-kfail", "-mfail", "-Mfail", "-nfail", "-rfail", "-Sfail", "-Wwarn", "-ilocal"]


@pytest.mark.parametrize("stack", DERIVED.values(), ids=DERIVED)
def test_the_derived_records_load_in_a_name_server(stack, ran, tmp_path):
    if shutil.which("named-checkzone") is None:
        pytest.skip("no named-checkzone")
    (tmp_path / "mailstack.yaml").write_text(stack)
    head = "$TTL 3600\n@ IN SOA ns hostmaster 1 7200 3600 1209600 3600\n@ IN NS ns.example.net.\n"
    (tmp_path / "zone").write_text(head + ran(records.command)[1])

    done = subprocess.run(
        ["named-checkzone", *STRICT, "example.org", "zone"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "OK")
