"""lint, validate, records and stacks run no command, open no secret and use no network: all three are cut."""

from __future__ import annotations

import os
import subprocess
import sys

import cli
import pytest

STACK = """\
version: 1
stack: home
domain: example.org
hostname: mail.example.org
stalwart:
  url: https://mail.example.org
  username: admin
  password: {command: [touch, RAN-ADMIN]}
  config: {container: stalwart, path: /etc/config.toml}
  restart: [touch, RAN-RESTART]
  via: ssh://root@tower
  container: stalwart
tls: {acme: letsencrypt, contact: postmaster}
dns:
  zonefile: db.example.org
  reload: [touch, RAN-RELOAD]
  servers: [ns.example.org]
  addresses: [203.0.113.10]
  mail: {mx: true, spf: true, mta_sts: true, caa: true}
domains:
  example.net: {dns: {zonefile: {container: bind, path: /db}, servers: [192.0.2.53], via: "ssh://root@ns"}}
accounts:
  alice: {password: {env: ALICE_PASSWORD}, aliases: [postmaster, abuse]}
  bob: {password: {file: secret-of-bob}}
  carol: {password: {command: [touch, RAN-CAROL]}}
settings: {a.token: {file: secret-of-setting}, b.token: {command: [touch, RAN-SETTING]}}
"""
ZONE = "$TTL 1h\n@ SOA ns root 1 1h 1h 1w 1h\n@ NS ns\nns A 192.0.2.1\n"

# Whatever Python does of these ends the process at once, also in a thread and below every `except`.
CUT = """\
import os, sys
def cut(event, arguments):
    is_secret = event == "open" and "secret-of" in str(arguments[0])
    if is_secret or event.startswith(("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system")):
        os.write(2, f"CUT: {event} {arguments}\\n".encode())
        os._exit(99)
class Environ(dict):
    def _no(self, name):
        if name in ("ALICE_PASSWORD", "STALWART_PASSWORD"):
            os.write(2, f"CUT: {name}\\n".encode())
            os._exit(99)
    def __getitem__(self, name):
        self._no(name)
        return super().__getitem__(name)
    def get(self, name, default=None):
        self._no(name)
        return super().get(name, default)
os.environ = Environ(os.environ)
sys.addaudithook(cut)
from reconciler.cli import main
main()
"""


def cut(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-c", CUT, *arguments],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(cli.ROOT),
            "ALICE_PASSWORD": cli.ALICE_PASSWORD,
            "STALWART_PASSWORD": cli.ADMIN_PASSWORD,
            "CI": "true",
            "GITHUB_BASE_REF": "main",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def folder(alone):
    alone.write("mailstack.yaml", STACK)
    alone.write("db.example.org", ZONE)
    alone.write("secret-of-bob", cli.BOB_PASSWORD)
    alone.write("secret-of-setting", cli.RELAY_PASSWORD)
    return alone.folder


@pytest.mark.parametrize(
    "arguments",
    [
        ("validate",),
        ("lint",),
        ("lint", "--format", "json"),
        ("lint", "--format", "github"),
        ("lint", "--zone", "db.example.org", "--hostname", "mail.example.org"),
        ("records",),
        ("stacks", "--json"),
    ],
    ids=" ".join,
)
def test_nothing_is_run_opened_or_sent(folder, arguments):
    before = sorted(os.listdir(folder))

    done = cut(folder, *arguments)

    assert "CUT" not in done.stderr
    assert (done.returncode in (0, 1), done.stdout != "") == (True, True)
    assert sorted(os.listdir(folder)) == before


def test_validate_opens_nothing_of_the_connections_either(folder, alone):
    alone.write(
        "c.yaml",
        "version: 1\nstacks: {home: {stalwart: {url: 'http://x', username: a, password: {file: secret-of-bob}}}}\n",
    )
    alone.write("mailstack.yaml", "version: 1\nstack: home\ndomain: example.org\n")

    done = cut(folder, "validate", "--connections", "c.yaml")

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("password", "cut_at"),
    [
        ("{env: STALWART_PASSWORD}", "CUT: STALWART_PASSWORD"),
        ("{file: secret-of-bob}", "CUT: open"),
        ("{command: [touch, RAN]}", "CUT: subprocess.Popen"),
    ],
)
def test_the_cuts_are_felt_by_a_command_that_connects(alone, folder, password, cut_at):
    """So the tests above would see them."""
    alone.write(
        "mailstack.yaml",
        f"version: 1\ndomain: example.org\nstalwart: {{url: 'http://127.0.0.1:1', username: a, password: {password}}}\n",
    )

    done = cut(folder, "drift")

    assert (done.returncode, done.stderr.startswith(cut_at)) == (99, True)


def test_the_network_is_cut_as_well(alone, folder):
    alone.write(
        "mailstack.yaml",
        "version: 1\ndomain: example.org\nstalwart: {url: 'http://127.0.0.1:1', username: a, password: {file: pw}}\n",
    )
    alone.write("pw", "x")

    done = cut(folder, "drift")

    assert (done.returncode, done.stderr.startswith("CUT: socket.")) == (99, True)
