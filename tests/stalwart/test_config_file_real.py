"""The guide's story on real servers, end to end: a hand-written config.toml and a front door that the server has banned."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess

import cli
import pytest
from real_stalwart import PASSWORD, RealStalwart, binaries
from restarts import RestartCommand
from sshd import Sshd, program

SERVERS = [pytest.param(path, id=version) for version, path in sorted(binaries().items())] or [
    pytest.param(None, marks=pytest.mark.skip(reason="no stalwart binary"), id="none")
]

BY_HAND = """\
# my own server, by hand
server.hostname = "old.example.org"   # was the old box
server.allowed-ip = { "192.0.2.9" }   # the printer

"""

STORY = (
    "hostname: mail.example.org\n"
    "accounts: {alice: {aliases: [postmaster]}}\n"
    "allowed_ips: [192.0.2.9, 203.0.113.10]\n"
    'settings: {spam-filter.pyzor.enable: "false", server.max-connections: "4096"}\n'
)


@contextlib.contextmanager
def running(binary, folder):
    """Yield a real server, a project for it, and the command that restarts it."""
    with RealStalwart(binary, folder / "server", extra=BY_HAND) as server:

        def restarted(_: int) -> str:
            # As docker does, it does not wait until the server is up.
            server.stop()
            with (server.folder / "output.log").open("ab") as log:
                server.process = subprocess.Popen(
                    [server.binary, "--config", str(server.config)], stdout=log, stderr=log, cwd=server.folder
                )
            return ""

        command = RestartCommand(folder / "server", restarted)
        (folder / "project").mkdir()
        project = cli.Project(folder / "project", server.url, environ={"STALWART_PASSWORD": PASSWORD})
        try:
            yield server, project, command.argv
        finally:
            command.close()


def put(server, project, restart, body, more="", timeout="20s"):
    project.write(
        "mailstack.yaml",
        "version: 1\nstack: home\ndomain: example.org\n"
        f'stalwart: {{url: "{server.url}", username: admin, password: {{env: STALWART_PASSWORD}}, timeout: {timeout}, '
        f"config: {server.config}, restart: {restart}{more}}}\n{body}",
    )


def api(server):
    return cli.Api(server.url, PASSWORD)


def greeting(server):
    """Return the name by which the server greets a mail client."""
    with socket.create_connection(("127.0.0.1", server.ports["smtp"]), timeout=10) as smtp:
        return smtp.recv(200).decode().split()[1]


@pytest.mark.parametrize("where", ["here", "ssh"])
@pytest.mark.parametrize("binary", SERVERS)
def test_the_front_door_is_mended_in_one_apply(binary, where, tmp_path):
    if where == "ssh" and program() is None:
        pytest.skip("no sshd (Debian: openssh-server)")
    with contextlib.ExitStack() as stack:
        server, project, restart = stack.enter_context(running(binary, tmp_path))
        via = ""
        if where == "ssh":
            (tmp_path / "sshd").mkdir()
            sshd = stack.enter_context(Sshd(tmp_path / "sshd"))
            via = f", via: {sshd.via}"
            project.environ["MAILSTACK_SSH_COMMAND"] = sshd.command
        before = server.config.read_text()
        api(server).store({"server.blocked-ip.203.0.113.10": "", "server.blocked-ip.198.51.100.1": ""})
        put(server, project, restart, STORY, via)

        applied = project.run("apply", "--yes")

        assert (0, "") == (applied.code, applied.err)
        assert (
            before.replace("old.example.org", "mail.example.org").replace(
                "# the printer\n", "# the printer\nserver.max-connections = 4096\n"
            )
            == server.config.read_text()
        )
        assert {"198.51.100.1": ""} == api(server).below("server.blocked-ip")
        assert {"192.0.2.9": "", "203.0.113.10": "mailstack:home"} == api(server).below("server.allowed-ip")
        records = api(server).data("GET", "/api/dns/records/example.org")
        assert ["10 mail.example.org."] == [r["content"] for r in records if r["type"] == "MX"]
        assert "mail.example.org" == greeting(server)
        assert 0 == project.run("plan", "--detailed-exitcode").code


@pytest.mark.parametrize("binary", SERVERS)
def test_a_file_with_which_it_does_not_run_is_put_back(binary, tmp_path):
    with running(binary, tmp_path) as (server, project, restart):
        before = server.config.read_bytes()
        put(server, project, restart, "settings: {store.db.path: /nowhere/at/all/mail.db}\n", timeout="4s")

        ended = project.run("apply", "--yes")

        assert 1 == ended.code
        assert "the server does not run with the new config.toml" in ended.out
        assert "The old file was put back; the server runs with it." in ended.out
        assert before == server.config.read_bytes()
        assert "old.example.org" == greeting(server)
        assert [] == [name for name in os.listdir(server.folder) if name.endswith("-owed")]


@pytest.mark.parametrize("binary", SERVERS)
def test_unblock_lifts_a_ban(binary, tmp_path):
    with running(binary, tmp_path) as (server, project, restart):
        api(server).store({"spam-filter.pyzor.enable": "false", "server.blocked-ip.203.0.113.10": ""})
        put(server, project, restart, STORY)

        ended = project.run("unblock", "203.0.113.10")

        assert (0, "") == (ended.code, ended.err)
        assert ended.out.startswith("lifted      203.0.113.10\n")
        assert {} == api(server).below("server.blocked-ip")
