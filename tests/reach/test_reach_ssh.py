"""Everything through a real sshd on loopback: url, file, commands; and what is said where it cannot be."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import ssl
import stat
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cli
import pytest
from restarts import CONFIG

from reconciler.backends.files import LocalHost
from reconciler.backends.reach import SshLink
from reconciler.backends.shell_host import ShellHost
from reconciler.config.normal.network import ssh as where_of
from reconciler.errors import BusyError, ReadError, WriteError

STORY = "hostname: mail.example.org\nallowed_ips: [192.0.2.9, 203.0.113.10]\n"


def put(project, server, sshd, body, via=None):
    project.write("mailstack.yaml", server.stack(body, f"{server.here()}, via: {via or sshd.via}"))


@pytest.fixture
def link(sshd, monkeypatch):
    monkeypatch.setenv("MAILSTACK_SSH_COMMAND", sshd.command)
    link = SshLink(where_of(sshd.via))
    yield link
    link.close()


@pytest.fixture
def host(link):
    return ShellHost(link.way, link.explain)


def test_the_front_door_is_mended_through_ssh(by_ssh, server, sshd):
    server.server.ban("203.0.113.10")
    put(by_ssh, server, sshd, STORY)

    applied = by_ssh.run("apply", "--yes")

    assert (0, "") == (applied.code, applied.err)
    assert CONFIG.replace("old.example.org", "mail.example.org") == server.config.read_text()
    assert {} == by_ssh.api.below("server.blocked-ip")
    assert {"192.0.2.9": "", "203.0.113.10": "mailstack:home"} == by_ssh.api.below("server.allowed-ip")
    assert 0 == by_ssh.run("plan", "--detailed-exitcode").code


def test_a_ban_is_lifted_from_where_the_server_stands(by_ssh, server, sshd):
    server.server.ban("203.0.113.10")
    put(by_ssh, server, sshd, STORY)

    ended = by_ssh.run("unblock", "203.0.113.10")

    assert 0 == ended.code
    assert {} == by_ssh.api.below("server.blocked-ip")


def test_a_file_that_the_server_refuses_is_put_back_there(by_ssh, server, sshd):
    put(by_ssh, server, sshd, 'settings: {storage.data: "nowhere"}\n')

    ended = by_ssh.run("apply", "--yes")

    assert 1 == ended.code
    assert "The old file was put back; the server runs with it." in ended.out
    assert (CONFIG, 2) == (server.config.read_text(), server.restarts)


def test_a_server_that_an_interrupted_run_left_down_is_brought_back_through_ssh(by_ssh, server, sshd):
    """Behind a forwarded port, who is not there looks like who closes the connection."""
    put(by_ssh, server, sshd, STORY)
    server.config.write_text(CONFIG.replace('data = "db"', 'data = "nowhere"'))
    server.config.with_name("config.toml.mailstack-backup").write_text(CONFIG)
    server.config.with_name("config.toml.mailstack-owed").touch()
    server.server.stop()

    told, ended = by_ssh.run("plan"), by_ssh.run("apply", "--yes")

    assert "is down since an apply that was interrupted" in told.err
    assert 0 == ended.code
    assert CONFIG.replace("old.example.org", "mail.example.org") == server.config.read_text()
    assert 0 == by_ssh.run("plan", "--detailed-exitcode").code


def test_plan_leaves_nothing_there_and_no_connection_behind(by_ssh, server, sshd):
    put(by_ssh, server, sshd, STORY)
    before = sorted(os.listdir(server.folder)), set(Path("/tmp").glob("ms-*"))

    assert 0 == by_ssh.run("plan").code

    assert before == (sorted(os.listdir(server.folder)), set(Path("/tmp").glob("ms-*")))


def test_a_plan_through_ssh_is_the_same_bytes_every_time(by_ssh, server, sshd):
    """The port here that leads there is another one in every run, and nobody's business."""
    put(by_ssh, server, sshd, STORY)

    first, second = by_ssh.run("plan", "--format", "json"), by_ssh.run("plan", "--format", "json")

    assert 0 == first.code
    assert first.out == second.out
    assert server.server.url in first.out


@contextlib.contextmanager
def https(folder):
    """Answer everything with 200 as https://localhost; yield the port.  The certificate is cert.pem."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            return

    key, certificate = folder / "key.pem", folder / "cert.pem"
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    more = ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate]
    subprocess.run([*made.split(), *more], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("name", "said"), [("localhost", "is no Stalwart"), ("127.0.0.1", "is not trusted")])
def test_a_certificate_is_checked_against_the_name_in_the_url(by_ssh, sshd, tmp_path, name, said):
    """Through the forwarded port whoever answers has no name of his own."""
    with https(tmp_path) as port:
        by_ssh.write(
            "mailstack.yaml",
            "version: 1\nstack: home\ndomain: example.org\nstalwart: {username: admin, "
            f'url: "https://{name}:{port}", password: {{env: STALWART_PASSWORD}}, via: {sshd.via}, '
            f"verify: {tmp_path}/cert.pem}}\n",
        )
        ended = by_ssh.run("plan")

    assert 1 == ended.code
    assert f"https://{name}:{port}" in ended.err
    assert said in ended.err


@pytest.mark.parametrize(
    ("client", "said"),
    [
        (
            {"known": "empty"},
            "error: the host key of {via} is not known\n"
            "    Its host key is not known here. Compare it once, with somebody who knows it, and keep it:\n"
            "\n"
            "        ssh-keyscan -p {port} 127.0.0.1 >> ~/.ssh/known_hosts\n",
        ),
        (
            {"known": "changed"},
            "error: the host key of {via} is another one than before\n"
            "    Either the machine was set up anew, or somebody stands in between. Ask whoever runs it; only then\n"
            "    forget the key that is known here:\n"
            "\n"
            "        ssh-keygen -R '[127.0.0.1]:{port}'\n",
        ),
        (
            {"key": "stranger"},
            "error: {via} refused our key\n"
            "    Is the key in the agent (ssh-add -l), and in authorized_keys there? Passwords are not asked for.\n",
        ),
    ],
    ids=["unknown host", "another host key", "key refused"],
)
def test_what_ssh_says_is_told_with_what_to_do(by_ssh, server, sshd, client, said):
    by_ssh.environ["MAILSTACK_SSH_COMMAND"] = sshd.command_with(**client)
    put(by_ssh, server, sshd, STORY)

    ended = by_ssh.run("plan")

    assert (1, said.format(via=sshd.via, port=sshd.port)) == (ended.code, ended.err)


def test_a_machine_that_is_not_there_is_told(by_ssh, server, sshd):
    put(by_ssh, server, sshd, STORY, via="ssh://127.0.0.1:1")

    ended = by_ssh.run("plan")

    assert 1 == ended.code
    assert ended.err.startswith(
        "error: ssh://127.0.0.1:1 cannot be reached\n    ssh: connect to host 127.0.0.1 port 1"
    )


def test_without_an_ssh_here_it_says_so(by_ssh, server, sshd):
    by_ssh.environ["MAILSTACK_SSH_COMMAND"] = "no-such-ssh"
    put(by_ssh, server, sshd, STORY)

    ended = by_ssh.run("plan")

    assert 1 == ended.code
    assert ended.err.startswith("error: there is no program no-such-ssh here\n")


def test_a_key_that_may_only_run_one_command_changes_nothing(by_ssh, server, sshd):
    """A forced command answers everything with its own words, which are never taken for an answer."""
    by_ssh.environ["MAILSTACK_SSH_COMMAND"] = sshd.command_with(key="restricted")
    put(by_ssh, server, sshd, STORY)

    ended = by_ssh.run("apply", "--yes")

    assert 1 == ended.code
    assert CONFIG == server.config.read_text()


def test_a_forced_command_is_never_an_answer(sshd, monkeypatch):
    monkeypatch.setenv("MAILSTACK_SSH_COMMAND", sshd.command_with(key="restricted"))
    link = SshLink(where_of(sshd.via))
    host = ShellHost(link.way, link.explain)
    try:
        with pytest.raises(ReadError):
            host.exists("/etc/passwd")
        with pytest.raises(ReadError):
            host.owes("/etc/passwd")
    finally:
        link.close()


def test_a_connection_that_is_cut_in_the_middle_of_a_write_leaves_the_old_file(link, tmp_path):
    """ssh is killed when the first 64 KiB of 4 MiB have gone through it."""
    old, new = b"old\n" * 100_000, b"new\n" * 1_000_000
    file = tmp_path / "zone"
    file.write_bytes(old)
    pid = tmp_path / "pid"
    cut = (
        '{ head -c 65536; until [ -s "$0" ]; do :; done; kill -9 "$(cat "$0")"; } | '
        '{ echo $$ > "$0"; exec sh -c \'echo $$ > "$0"; exec "$@"\' "$0" "$@"; }'
    )

    def cutting(argv):
        is_write = "arrived cut off" in argv[2]
        return ["sh", "-c", cut, str(pid), *link.way(argv)] if is_write else link.way(argv)

    with pytest.raises((ReadError, WriteError)):
        ShellHost(cutting, link.explain).replace(str(file), new, expected=old)

    assert old == file.read_bytes()
    ShellHost(link.way, link.explain).replace(str(file), new, expected=old)
    assert (new, old) == (file.read_bytes(), (tmp_path / "zone.mailstack-backup").read_bytes())
    assert ["pid", "zone", "zone.mailstack-backup"] == sorted(os.listdir(tmp_path))


def test_a_file_there_keeps_owner_and_mode_and_names_with_blanks_and_quotes(host, tmp_path):
    owner = (65534, 65534) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    file = tmp_path / 'it\'s a $(file); "really"'
    file.write_bytes(b"old\n")
    os.chown(file, *owner)
    file.chmod(0o640)

    host.replace(str(file), b"new\0\xff\n", expected=b"old\n")

    status = file.stat()
    assert b"new\0\xff\n" == file.read_bytes() == host.read(str(file))
    assert (*owner, 0o640) == (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode))


def test_a_file_that_is_not_as_it_was_read_is_not_written(host, tmp_path):
    file = tmp_path / "zone"
    file.write_bytes(b"somebody else\n")

    with pytest.raises(WriteError) as caught:
        host.replace(str(file), b"new\n", expected=b"old\n")

    assert "this file has changed since it was read" == caught.value.problems[0].summary
    assert ["zone"] == os.listdir(tmp_path)


def test_a_link_stays_one_and_a_second_name_goes_on_naming_the_file(host, tmp_path):
    file, second, link = tmp_path / "zone", tmp_path / "second", tmp_path / "link"
    file.write_bytes(b"old\n")
    os.link(file, second)
    link.symlink_to("zone")

    host.replace(str(link), b"new\n", expected=b"old\n", backup=False)

    assert link.is_symlink()
    assert (b"new\n", b"new\n") == (file.read_bytes(), second.read_bytes())
    assert ["link", "second", "zone"] == sorted(os.listdir(tmp_path))


def test_what_a_run_left_in_the_middle_of_a_write_in_place_is_read_whole_and_completed(host, tmp_path):
    file = tmp_path / "zone"
    file.write_bytes(b"ne")
    (tmp_path / "zone.mailstack-sidecar").write_bytes(b"new\n")

    assert (b"new\n", True) == (host.read(str(file)), host.owes(str(file)))
    host.finish(str(file))

    assert b"new\n" == file.read_bytes()
    assert ["zone"] == os.listdir(tmp_path)


def test_a_trace_of_what_is_owed_stays_until_it_is_settled(host, tmp_path):
    file = tmp_path / "zone"
    file.write_bytes(b"old\n")

    before = host.owes(str(file))
    host.replace(str(file), b"new\n", expected=b"old\n", owed=True)
    between = host.owes(str(file))
    host.settle(str(file))

    assert (False, True, False) == (before, between, host.owes(str(file)))


def test_the_backup_is_put_back(host, tmp_path):
    file = tmp_path / "zone"
    file.write_bytes(b"old\n")
    host.replace(str(file), b"new\n", expected=b"old\n")

    host.restore(str(file))

    assert b"old\n" == file.read_bytes()


def test_only_one_may_write_in_a_folder_and_he_may_twice(host, link, tmp_path):
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "b").write_bytes(b"")
    first = host.lock(str(tmp_path / "a"), 0)
    second = host.lock(str(tmp_path / "b"), 0)
    other = ShellHost(link.way, link.explain)

    with pytest.raises(BusyError):
        other.lock(str(tmp_path / "a"), 0)
    first()
    with pytest.raises(BusyError):
        other.lock(str(tmp_path / "a"), 0)
    second()
    other.lock(str(tmp_path / "a"), 5)()


def test_a_lock_there_is_the_lock_of_whoever_works_there(host, tmp_path):
    import fcntl

    (tmp_path / "a").write_bytes(b"")
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        with pytest.raises(BusyError):
            host.lock(str(tmp_path / "a"), 0)
    finally:
        os.close(folder)


@pytest.mark.parametrize("what", ["nothing", "folder"])
def test_what_is_no_file_cannot_be_read(host, tmp_path, what):
    if what == "folder":
        (tmp_path / what).mkdir()

    with pytest.raises(ReadError) as caught:
        host.read(str(tmp_path / what))

    assert "this file cannot be read" == caught.value.problems[0].summary


def test_a_login_that_may_not_write_there_leaves_the_file_as_it_was(tmp_path):
    """As root it becomes nobody; else the folder is made read-only for oneself."""
    folder = tmp_path / "etc"
    folder.mkdir()
    file = folder / "zone"
    file.write_bytes(b"old\n")
    for parent in (folder, *list(folder.parents)[:3]):
        parent.chmod(0o555 if parent == folder else 0o755)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    host = ShellHost(lambda argv: [*nobody, *argv], lambda _: None)
    try:
        with pytest.raises(WriteError) as caught:
            host.replace(str(file), b"new\n", expected=b"old\n")
    finally:
        folder.chmod(0o755)

    assert "this file cannot be replaced" == caught.value.problems[0].summary
    assert "Permission denied" in caught.value.problems[0].detail
    assert ["zone"] == os.listdir(folder)
    assert b"old\n" == file.read_bytes()


def test_a_command_there_is_run_as_its_words(host):
    ran = host.run(["printf", "%s|", "a b", "$HOME", "it's", "*"])

    assert ran is not None
    assert (0, "a b|$HOME|it's|*|") == (ran.code, ran.output)
    assert host.run(["no-such-program"]) is None


def test_a_command_there_that_does_not_end_is_not_waited_for(host):
    ran = host.run(["sleep", "30"], timeout=0.3)

    assert ran is not None
    assert (124, "it did not end within 0.3 seconds") == (ran.code, ran.output)


def test_all_commands_of_a_run_share_one_connection(link, host, sshd):
    """sshd logs each connection; the commands of one link are one of them."""
    log = sshd.folder / "log"
    before = log.read_text().count("Accepted publickey")

    for _ in range(3):
        host.run(["true"])

    assert 1 == log.read_text().count("Accepted publickey") - before


def test_a_connection_that_ends_there_is_an_error_and_no_answer(link, host, tmp_path):
    (tmp_path / "a").write_bytes(b"")
    assert host.exists(str(tmp_path / "a"))
    subprocess.run([*link._ssh(), "-O", "exit", "--", "127.0.0.1"], check=True, capture_output=True)

    assert host.exists(str(tmp_path / "a")), "a new connection is made"


HOLDER = """\
import sys, time
from reconciler.backends.shell_host import ShellHost
ShellHost(lambda argv: list(argv), lambda _: None, lock_seconds=1).lock(sys.argv[1], 0)
print("locked", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "without a sign of life"])
def test_a_lock_does_not_outlive_its_holder(tmp_path, number):
    """A machine that lost its power closes no connection; it only says nothing any more."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "a")], stdout=subprocess.PIPE, cwd=cli.ROOT
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"locked\n"
        other = ShellHost(lambda argv: list(argv), lambda _: None)
        # It lives, so its lock lasts for longer than a sign of life may take.
        with pytest.raises(BusyError):
            other.lock(str(tmp_path / "a"), 1.5)

        holder.send_signal(number)
        other.lock(str(tmp_path / "a"), 10)()
        holder.kill()


@pytest.mark.parametrize(
    "host_of", [LocalHost, lambda: ShellHost(lambda argv: list(argv), lambda _: None)], ids=["here", "there"]
)
def test_who_is_told_to_wait_is_told_for_whom(tmp_path, host_of):
    release = ShellHost(lambda argv: list(argv), lambda _: None).lock(str(tmp_path / "a"), 0)

    with pytest.raises(BusyError) as error:
        host_of().lock(str(tmp_path / "a"), 0)
    release()

    told = re.fullmatch(
        rf"somebody else is writing in the folder of {tmp_path}/a\n    Another apply holds its lock. "
        r"It is the process (\d+) there, since \d+ seconds. Wait for it with --lock-timeout SECONDS.",
        str(error.value),
    )
    assert told is not None
