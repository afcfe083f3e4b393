"""No secret on a command line: what every process of a run was started with, here, behind ssh and into a container."""

from __future__ import annotations

import sys

import cli
import pytest

STARTED: list[list[str]] = []


def _note(event, arguments):
    if event == "subprocess.Popen":
        STARTED.append([str(word) for word in (arguments[0], *arguments[1])])


sys.addaudithook(_note)

STACK = """\
hostname: mail.example.org
accounts: {alice: {password: {env: ALICE_PASSWORD}}}
settings:
  server.listener.smtp.bind: "[::]:2525"
  store.relay.password: {env: RELAY_PASSWORD}
  session.auth.token: {env: BOB_PASSWORD}
"""


@pytest.mark.parametrize("where", ["here", "ssh", "container"])
def test_no_process_is_started_with_a_secret(where, by_ssh, server, sshd, docker):
    docker.container("stalwart", status=server.folder / "status", restart=server.folder / "restart")
    by_ssh.environ["PATH"] = docker.path
    file = f"{{container: stalwart, path: {server.config}}}" if where == "container" else server.config
    via = f", via: {sshd.via}" if where == "ssh" else ""
    more = f", config: {file}, restart: {server.restart}, container: stalwart{via}"
    by_ssh.write("mailstack.yaml", server.stack(STACK, more))
    STARTED.clear()

    applied = by_ssh.run("apply", "--yes")

    assert 0 == applied.code, applied.out
    assert cli.RELAY_PASSWORD in server.config.read_text(), "the secret did go the way that is looked at"
    words = [word for argv in STARTED for word in argv]
    assert [] == [word for word in words for secret in cli.ENVIRON.values() if secret in word]
    assert len(STARTED) > 1
