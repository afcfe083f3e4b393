"""config.toml in the plan: edited in place, one restart, and the old file back where the server refuses the new one.

The server is the stand-in; test_config_file_real.py tells the same of real ones.
"""

from __future__ import annotations

import os
import stat

import cli
import pytest
from restarts import CONFIG, Restartable

HOSTNAME = "hostname: mail.example.org\n"
MEND_THE_DOOR = (
    HOSTNAME + "allowed_ips: [192.0.2.9, 203.0.113.10]\nsettings: {server.max-connections: 4096}\n"
)
REFUSED = 'settings: {storage.data: "nowhere"}\n'


@pytest.fixture
def server(tmp_path):
    with Restartable(tmp_path / "server") as server:
        yield server


@pytest.fixture
def project(tmp_path, server):
    (tmp_path / "project").mkdir()
    return cli.Project(tmp_path / "project", server.server.url, server.server)


def put(project, server, body, more=None):
    project.write("mailstack.yaml", server.stack(body, server.here() if more is None else more))


def planned(project):
    """Return the exit code of a plan and the lines that are changes."""
    ended = project.run("plan", "--detailed-exitcode")
    return ended.code, [
        line.strip() for line in ended.out.splitlines() if line[4:6] in ("+ ", "~ ", "- ", "* ", "> ")
    ]


def test_the_front_door_is_mended_in_one_apply(project, server):
    """Banned, not allowed, the wrong name in a file that somebody wrote: one apply, and the second plan is empty."""
    server.server.ban("203.0.113.10")
    put(project, server, MEND_THE_DOOR)

    applied = project.run("apply", "--yes")

    assert (0, "") == (applied.code, applied.err)
    assert (
        CONFIG.replace("old.example.org", "mail.example.org").replace(
            "# the printer\n", "# the printer\nserver.max-connections = 4096\n"
        )
        == server.config.read_text()
    )
    assert {} == project.api.below("server.blocked-ip")
    assert {"192.0.2.9": "", "203.0.113.10": "mailstack:home"} == project.api.below("server.allowed-ip")
    assert "10 mail.example.org." in [
        r["content"] for r in project.api.data("GET", "/api/dns/records/example.org")
    ]
    assert 1 == server.restarts
    assert (0, []) == planned(project)


def test_plan_says_that_it_restarts_and_writes_nothing(project, server):
    put(project, server, HOSTNAME)
    before = sorted(os.listdir(server.folder))

    ended = project.run("plan")

    assert "~ hostname    old.example.org -> mail.example.org" in ended.out
    assert "! This restarts Stalwart: connections drop for some seconds." in ended.out
    assert "restart Stalwart once" in ended.out
    assert (CONFIG, before) == (server.config.read_text(), sorted(os.listdir(server.folder)))
    assert [] == server.server.writes


def test_what_the_file_allows_is_a_finding_and_no_change(project, server):
    put(project, server, "allowed_ips: [192.0.2.9]\n")

    ended = project.run("plan", "--detailed-exitcode")

    assert 0 == ended.code
    assert "STW-07" in ended.out and "192.0.2.9 is allowed in config.toml" in ended.out


def test_a_database_key_that_the_file_sets_is_changed_in_the_file(project, server):
    server.config.write_text("session.rcpt.max-recipients = 30\n" + CONFIG)
    server.server.restart()
    put(project, server, "settings: {session.rcpt.max-recipients: 50}\n")

    plan, applied = project.run("plan"), project.run("apply", "--yes")

    assert "config.toml:1  session.rcpt.max-recipients stands in config.toml, which wins" in plan.out
    assert 0 == applied.code
    assert "session.rcpt.max-recipients = 50\n" + CONFIG == server.config.read_text()
    assert (0, []) == planned(project)


def test_a_hostname_that_the_file_sets_by_its_other_key_is_changed_in_the_file(project, server):
    text = CONFIG.replace("server.hostname =", "lookup.default.hostname =")
    server.config.write_text(text)
    server.server.restart()
    put(project, server, HOSTNAME)

    assert 0 == project.run("apply", "--yes").code

    assert text.replace("old.example.org", "mail.example.org") == server.config.read_text()
    assert (0, []) == planned(project)


def test_a_ban_that_stands_in_the_file_goes_from_the_file(project, server):
    server.config.write_text('server.blocked-ip."203.0.113.10" = ""\n' + CONFIG)
    server.server.restart()
    put(project, server, "allowed_ips: [203.0.113.10]\n")

    assert 0 == project.run("apply", "--yes").code

    assert CONFIG == server.config.read_text()
    assert (0, []) == planned(project)


def test_a_setting_that_is_no_longer_declared_gets_its_old_value_back(project, server):
    put(project, server, 'settings: {server.listener.smtp.bind: "[::]:2525"}\n')
    assert 0 == project.run("apply", "--yes").code
    assert 'bind = "[::]:2525"\n' in server.config.read_text()

    put(project, server, "")

    assert (
        2,
        [
            "- setting  server.listener.smtp.bind  [::]:2525 -> [::]:25, as it was before"
            " · written by mailstack, no longer declared"
        ],
    ) == planned(project)
    assert 0 == project.run("apply", "--yes").code
    assert CONFIG == server.config.read_text()
    assert (0, []) == planned(project)


def test_a_setting_that_was_not_there_is_gone_when_it_is_no_longer_declared(project, server):
    put(project, server, "settings: {server.max-connections: 4096}\n")
    assert 0 == project.run("apply", "--yes").code
    put(project, server, "")

    assert 0 == project.run("apply", "--yes").code

    assert CONFIG == server.config.read_text()
    assert (0, []) == planned(project)


def test_what_is_as_declared_is_adopted_without_a_restart(project, server):
    put(project, server, "hostname: old.example.org\n")

    assert 0 == project.run("apply", "--yes").code

    assert (CONFIG, 0) == (server.config.read_text(), server.restarts)
    assert (0, []) == planned(project)


def test_a_file_that_the_server_refuses_is_put_back_and_the_server_runs(project, server):
    put(project, server, REFUSED + HOSTNAME)

    ended = project.run("apply", "--yes")

    assert 1 == ended.code
    assert "the server does not run with the new config.toml" in ended.out
    assert "The old file was put back; the server runs with it." in ended.out
    assert (CONFIG, 2) == (server.config.read_text(), server.restarts)
    assert {"server.hostname": "old.example.org"} == project.api.keys("server.hostname")
    assert [] == [name for name in os.listdir(server.folder) if name.endswith(("-owed", "-new", "-sidecar"))]


def test_nothing_of_a_refused_file_is_remembered(project, server):
    """Taken out of the stack again, what was refused leaves an empty plan."""
    put(project, server, REFUSED)
    project.run("apply", "--yes")
    put(project, server, "")

    assert (0, []) == planned(project)


def test_the_error_has_the_last_lines_of_the_servers_log_without_its_secrets(project, server):
    log = server.folder / "stalwart.log.2026-01-02"
    log.write_text("ERROR storage.data: no such store, secret canary-admin-9d41\n")
    tracer = f'\n[tracer.log]\ntype = "log"\npath = "{server.folder}"\nprefix = "stalwart.log"\n'
    server.config.write_text(CONFIG + tracer)
    server.server.restart()
    put(project, server, REFUSED)

    ended = project.run("apply", "--yes")

    assert "The server's last words:" in ended.out
    assert "ERROR storage.data: no such store, secret (secret)" in ended.out


def test_a_restart_that_fails_is_told_with_its_own_words_and_the_servers(project, server):
    """It runs on, so its log is asked for by its API."""
    server.config.write_text(CONFIG + '\n[tracer.log]\ntype = "log"\n')
    server.server.restart()
    put(
        project,
        server,
        HOSTNAME,
        f", config: {server.config}, restart: [sh, -c, 'echo no such unit; exit 5']",
    )

    ended = project.run("apply", "--yes")

    assert 1 == ended.code
    assert "It runs, with the values from before.\n" in ended.out
    assert "sh ended with 5: no such unit\n" in ended.out
    assert "The server's last words:\n" in ended.out
    assert "INFO Starting Stalwart Server v0.15.5" in ended.out
    assert "old.example.org" in server.config.read_text()


def test_without_a_restart_command_the_change_is_held(project, server):
    put(project, server, HOSTNAME, f", config: {server.config}")

    ended = project.run("apply", "--yes")

    assert 4 == ended.code
    assert "the stack does not say how to restart it (stalwart.restart)" in ended.out
    assert CONFIG == server.config.read_text()


def test_released_without_a_restart_command_it_is_done_when_somebody_has_restarted(project, server):
    put(project, server, HOSTNAME, f", config: {server.config}")

    released = project.run("apply", "--yes", "--release", "hostname")
    assert 1 == released.code
    assert "Restart it, and apply again" in released.out
    server.server.restart()

    assert 0 == project.run("apply", "--yes").code
    assert (0, []) == planned(project)


def edited_before(server, post):
    """Let somebody else edit the file just before a POST to the settings, which count from 1; return the new text."""
    edited = CONFIG.replace("old.example.org", "newer.example.org")
    seen = []

    def edit(number, method, path, phase):
        if (method, path, phase) == ("POST", "/api/settings", "before"):
            seen.append(number)
            if len(seen) == post:
                server.config.write_text(edited)

    server.server.on_request = edit
    return edited


def test_what_somebody_else_edits_while_the_lease_is_taken_is_planned_again(project, server):
    put(project, server, HOSTNAME)
    edited = edited_before(server, 1)

    ended = project.run("apply", "--yes")

    assert (0, "Somebody else has written meanwhile. The plan is another one now.\n") == (
        ended.code,
        ended.err,
    )
    assert edited.replace("newer.example.org", "mail.example.org") == server.config.read_text()


def test_what_somebody_else_edits_just_before_the_write_stays_and_ours_is_stale(project, server):
    put(project, server, HOSTNAME)
    edited = edited_before(server, 2)

    ended = project.run("apply", "--yes")

    assert 4 == ended.code
    assert "Not made, because it changed meanwhile" in ended.out
    assert "Somebody else wrote it meanwhile. Nothing was written; apply again." in ended.out
    assert (edited, 0) == (server.config.read_text(), server.restarts)
    assert {} == project.api.below("mailstack")


def test_a_file_that_cannot_be_written_is_not_torn_and_nothing_of_it_is_remembered(project, server):
    """The name of the new text is taken by a folder, so that root fails as well."""
    put(project, server, HOSTNAME)
    (server.folder / "config.toml.mailstack-new").mkdir()

    ended = project.run("apply", "--yes")

    assert 1 == ended.code
    assert f"{server.config}: this file cannot be replaced" in ended.out
    assert (CONFIG, 0) == (server.config.read_text(), server.restarts)
    assert {} == project.api.below("mailstack")


def test_two_applies_at_once_on_one_file_are_one(project, server):
    import fcntl

    put(project, server, HOSTNAME)
    folder = os.open(server.folder, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        ended = project.run("apply", "--yes")
    finally:
        os.close(folder)

    assert 75 == ended.code
    assert "somebody else is writing in the folder of" in ended.err
    assert CONFIG == server.config.read_text()


def test_two_applies_of_two_stacks_at_once_wait_for_each_other_and_lose_nothing(project, server):
    keys = {"home": "server.max-connections", "lab": "server.tls.timeout"}
    for name, key in keys.items():
        text = server.stack(f'settings: {{{key}: "4096"}}\n', server.here())
        project.write(f"{name}.yaml", text.replace("stack: home", f"stack: {name}"))

    both = [project.start("apply", "--yes", "--lock-timeout", "30", "-f", f"{name}.yaml") for name in keys]
    ended = [project.ended(process) for process in both]

    assert [(0, ""), (0, "")] == [(one.code, one.err) for one in ended]
    assert dict.fromkeys(keys.values(), "4096") == project.api.keys(",".join(keys.values()))
    assert 2 == server.config.read_text().count("4096")
    for name in keys:
        assert 0 == project.run("plan", "--detailed-exitcode", "-f", f"{name}.yaml").code


def test_the_file_keeps_its_owner_and_mode(project, server):
    owner = (65534, 65534) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    os.chown(server.config, *owner)
    server.config.chmod(0o640)
    put(project, server, HOSTNAME)

    assert 0 == project.run("apply", "--yes").code

    status = server.config.stat()
    assert (*owner, 0o640) == (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode))


def test_a_file_that_cannot_be_read_is_an_error_with_its_name(project, server):
    put(project, server, HOSTNAME, f", config: {server.folder}/none.toml, restart: {server.restart}")

    ended = project.run("plan")

    assert 1 == ended.code
    assert f"{server.folder}/none.toml: this file cannot be read" in ended.err


def test_a_file_that_the_reader_does_not_know_is_refused_with_its_place(project, server):
    server.config.write_text(CONFIG + "what is this\n")
    put(project, server, HOSTNAME)

    ended = project.run("apply", "--yes")

    assert 1 == ended.code
    assert f"error: {server.config}:{CONFIG.count(chr(10)) + 1}:" in ended.err


@pytest.mark.parametrize("version", ["0.11.8", "0.12.2"])
def test_up_to_0_13_0_a_local_key_is_held_without_the_file_and_edited_with_it(tmp_path, version):
    """Those servers rewrite the file without the quotes that they need to start again."""
    with Restartable(tmp_path / "server", version) as server:
        project = cli.Project(tmp_path, server.server.url, server.server)
        put(project, server, "settings: {server.max-connections: 4096}\n", "")
        held = project.run("apply", "--yes")
        put(project, server, "settings: {server.max-connections: 4096}\n")
        edited = project.run("apply", "--yes")

        assert (4, 0) == (held.code, edited.code)
        assert "the server does not start again" in held.out
        assert "server.max-connections = 4096\n" in server.config.read_text()
        assert (0, []) == planned(project)


def test_without_the_file_a_local_key_goes_through_the_api_with_a_note(project, server):
    put(project, server, "settings: {server.max-connections: 4096}\n", "")

    ended = project.run("apply", "--yes")

    assert 0 == ended.code
    assert "server.max-connections lives in config.toml: the server will rewrite that file flat" in ended.out
    assert {"server.max-connections": "4096"} == project.api.keys("server.max-connections")
