"""Files in a container, whether it runs or not, and where its data lies.

The stand-ins of docker and podman are those of fake_docker.py, which says how far they go.  Where this machine
runs the real ones, those must keep the same promises.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import subprocess
import tarfile

import pytest
from engine import engine
from fake_docker import FakeDocker
from restarts import CONFIG

from reconciler.backends.container_copies import Copies
from reconciler.backends.container_host import ContainerHost, container_trouble
from reconciler.backends.files import LocalHost
from reconciler.backends.reach import here
from reconciler.errors import BusyError, ReadError, WriteError

STORY = "hostname: mail.example.org\nallowed_ips: [192.0.2.9, 203.0.113.10]\n"
REFUSED = 'settings: {storage.data: "nowhere"}\n'


@pytest.fixture
def mail(project, server, docker):
    """The project, with its server in the container `stalwart`."""
    docker.container("stalwart", status=server.folder / "status", restart=server.folder / "restart")
    project.environ["PATH"] = docker.path
    return project


def put(project, server, body, more=""):
    place = f"config: {{container: stalwart, path: {server.config}}}, restart: [docker, restart, stalwart]"
    project.write("mailstack.yaml", server.stack(body, f", {place}{more}"))


@pytest.fixture(scope="session")
def engines(tmp_path_factory):
    """Return a real docker or podman with the container `bind9`, where this machine lets it run one, else None."""
    found = {}

    def made(name):
        if name not in found:
            folder, shared = tmp_path_factory.mktemp(f"real-{name}"), tmp_path_factory.getbasetemp()
            found[name] = engine(name, folder, shared, "bind9")
        return found[name]

    yield made
    for one in found.values():
        if one is not None:
            one.close()


@pytest.fixture(params=["stand-in docker", "stand-in podman", "docker", "podman"])
def program(request, engines, tmp_path, monkeypatch):
    """Return what makes `bind9` run or stand still.  Where the real one cannot be had, its stand-in is asked again."""
    name = request.param.rpartition(" ")[2]
    real = engines(name) if name == request.param else None
    if real is not None:
        monkeypatch.setenv("PATH", f"{real.programs}{os.pathsep}{os.environ['PATH']}")
        return name, real.set_running
    stand_in = FakeDocker(tmp_path / name, name)
    monkeypatch.setenv("PATH", stand_in.path)
    mounts = json.dumps([{"Type": "bind", "Destination": str(tmp_path)}])
    status = stand_in.container("bind9", mounts=mounts) / "status"
    return name, lambda runs: status.write_text("running\n" if runs else "exited\n")


@pytest.fixture(params=["running", "exited"])
def host(request, program):
    """The container `bind9`, once through a shell in it and once by copies."""
    name, set_running = program
    set_running(request.param == "running")
    return ContainerHost(name, "bind9", here, LocalHost(), lambda _: None)


@pytest.fixture
def stopped(docker, monkeypatch):
    monkeypatch.setenv("PATH", docker.path)
    docker.container("bind9")
    return Copies("docker", "bind9", here, lambda _: None)


def test_the_front_door_is_mended_in_a_container(mail, server, docker):
    server.server.ban("203.0.113.10")
    put(mail, server, STORY)

    applied = mail.run("apply", "--yes")

    assert (0, "") == (applied.code, applied.err)
    assert CONFIG.replace("old.example.org", "mail.example.org") == server.config.read_text()
    assert {} == mail.api.below("server.blocked-ip")
    assert 1 == docker.asked().count("restart stalwart")
    assert 0 == mail.run("plan", "--detailed-exitcode").code


def test_a_container_that_does_not_start_with_the_new_file_gets_the_old_one_by_copy(mail, server, docker):
    put(mail, server, REFUSED)
    (docker.folder / "stalwart" / "logs").write_text("ERROR no store called nowhere\n")

    ended = mail.run("apply", "--yes")

    assert 1 == ended.code
    assert "The server's last words:\n" in ended.out
    assert "  ERROR no store called nowhere\n" in ended.out
    assert "The old file was put back; the server runs with it." in ended.out
    assert (CONFIG, "running\n") == (server.config.read_text(), (server.folder / "status").read_text())
    assert any(line.startswith("cp --archive=false - stalwart:") for line in docker.asked())


def test_a_container_that_an_interrupted_run_left_down_is_started_with_the_old_file(mail, server, docker):
    put(mail, server, STORY)
    server.config.write_text(CONFIG.replace('data = "db"', 'data = "nowhere"'))
    server.config.with_name("config.toml.mailstack-backup").write_text(CONFIG)
    server.config.with_name("config.toml.mailstack-owed").touch()
    server.server.stop()
    (server.folder / "status").write_text("exited\n")

    ended = mail.run("apply", "--yes")

    assert (0, "") == (ended.code, ended.err)
    assert CONFIG.replace("old.example.org", "mail.example.org") == server.config.read_text()
    assert 0 == mail.run("plan", "--detailed-exitcode").code


def test_the_same_behind_ssh(mail, server, docker, sshd):
    """docker is the one on the PATH of the login there, and not ours."""
    program = sshd.folder / "bin" / "docker"
    program.symlink_to(docker.folder / "bin" / "docker")
    mail.environ["MAILSTACK_SSH_COMMAND"] = sshd.command
    del mail.environ["PATH"]
    put(mail, server, STORY, f", via: {sshd.via}")
    try:
        applied = mail.run("apply", "--yes")
    finally:
        program.unlink()

    assert (0, "") == (applied.code, applied.err)
    assert CONFIG.replace("old.example.org", "mail.example.org") == server.config.read_text()
    assert any(line.startswith("exec -i stalwart sh") for line in docker.asked())
    assert 1 == docker.asked().count("restart stalwart")


def test_podman_is_used_where_there_is_no_docker(project, server, tmp_path, monkeypatch):
    podman = FakeDocker(tmp_path / "podman", "podman")
    podman.container("stalwart", status=server.folder / "status", restart=server.folder / "restart")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sh", "cat", "tail", "tar", "dirname", "basename", "readlink", "cp", "mv", "rm", "ls"):
        (programs / name).symlink_to(shutil.which(name))
    for name in ("wc", "cut", "sha256sum", "sync", "sort", "flock", "head"):
        (programs / name).symlink_to(shutil.which(name))
    project.environ["PATH"] = f"{podman.path.split(os.pathsep)[0]}{os.pathsep}{programs}"
    place = f"config: {{container: stalwart, path: {server.config}}}, restart: [podman, restart, stalwart]"
    project.write("mailstack.yaml", server.stack(STORY, f", {place}"))

    assert 0 == project.run("apply", "--yes").code
    assert CONFIG.replace("old.example.org", "mail.example.org") == server.config.read_text()


@pytest.mark.parametrize("where", ["here", "ssh"])
def test_podman_is_used_where_docker_is_a_client_without_a_daemon(
    project, server, docker, tmp_path, sshd, where
):
    podman = FakeDocker(tmp_path / "podman", "podman")
    podman.container("stalwart", status=server.folder / "status", restart=server.folder / "restart")
    (docker.folder / "down").touch()
    # What the login there finds first, and what is found here.
    links = [sshd.folder / "bin" / name for name in ("docker", "podman")]
    for link, stand_in in zip(links, (docker, podman), strict=True):
        link.symlink_to(stand_in.folder / "bin" / link.name)
    project.environ["MAILSTACK_SSH_COMMAND"] = sshd.command
    if where == "here":
        project.environ["PATH"] = f"{links[0].parent}{os.pathsep}{os.environ['PATH']}"
    via = f", via: {sshd.via}" if where == "ssh" else ""
    place = f"config: {{container: stalwart, path: {server.config}}}, restart: [podman, restart, stalwart]"
    project.write("mailstack.yaml", server.stack(STORY, f", {place}{via}"))
    try:
        ended = project.run("apply", "--yes")
    finally:
        for link in links:
            link.unlink()

    assert (0, "") == (ended.code, ended.err)
    assert CONFIG.replace("old.example.org", "mail.example.org") == server.config.read_text()


def test_without_docker_or_podman_it_says_what_was_tried(project, server, tmp_path):
    project.environ["PATH"] = str(tmp_path)
    put(project, server, STORY)

    ended = project.run("plan")

    assert 1 == ended.code
    assert (
        "error: there is neither docker nor podman here\n"
        "    Tried: docker, podman, as the PATH of the login finds them. A container is reached through one of them.\n"
        "    Or give the path of the volume on the machine itself, without container:.\n"
    ) == ended.err


def test_a_container_that_is_not_there_is_told(mail, server):
    place = f", config: {{container: mail, path: {server.config}}}"
    mail.write("mailstack.yaml", server.stack(STORY, place))

    ended = mail.run("plan")

    assert (1, "error: there is no container mail\n") == (
        ended.code,
        ended.err[: len("error: there is no container mail\n")],
    )
    assert "        docker ps --all\n" in ended.err


def test_a_daemon_that_does_not_answer_is_told(mail, server, docker):
    (docker.folder / "down").touch()
    put(mail, server, STORY)

    ended = mail.run("plan")

    assert 1 == ended.code
    assert ended.err.startswith("error: docker does not answer\n")


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("Error response from daemon: No such container: mail", "no-container"),
        ('Error: no such object: "mail"', "no-container"),
        ('Error: no container with name or ID "mail" found: no such container', "no-container"),
        (
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
            "docker-down",
        ),
        (
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
            "docker-refused",
        ),
        (
            'OCI runtime exec failed: exec failed: unable to start container process: exec: "sh": '
            "executable file not found in $PATH: unknown",
            "no-shell",
        ),
        ("cat: /x: No such file or directory", None),
    ],
)
def test_the_words_of_docker_and_podman_are_translated(words, rule):
    problem = container_trouble("docker", "mail", words)

    assert rule == (problem.rule if problem else None)


def test_a_file_is_read_and_replaced_with_owner_and_mode_kept(host, tmp_path):
    owner = (65534, 65534) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    file = tmp_path / "zone"
    file.write_bytes(b"old\n")
    os.chown(file, *owner)
    file.chmod(0o640)

    backup = host.replace(str(file), b"new\n", expected=host.read(str(file)))

    status = file.stat()
    assert (b"new\n", b"old\n") == (host.read(str(file)), host.read(backup))
    assert (*owner, 0o640) == (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode))


def test_a_file_that_is_not_as_it_was_read_is_not_written(host, tmp_path):
    file = tmp_path / "zone"
    file.write_bytes(b"somebody else\n")

    with pytest.raises(WriteError):
        host.replace(str(file), b"new\n", expected=b"old\n")

    assert ["zone"] == [p.name for p in tmp_path.iterdir() if p.name.startswith("zone")]


def test_a_link_stays_one(host, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "zone").write_bytes(b"old\n")
    (tmp_path / "zone").symlink_to("real/zone")

    host.replace(str(tmp_path / "zone"), b"new\n", expected=b"old\n")

    assert (tmp_path / "zone").is_symlink()
    assert b"new\n" == (tmp_path / "real" / "zone").read_bytes()


def test_the_backup_is_put_back_and_what_is_owed_stays_until_it_is_settled(host, tmp_path):
    file = tmp_path / "zone"
    file.write_bytes(b"old\n")
    before = host.owes(str(file))
    host.replace(str(file), b"new\n", expected=b"old\n", owed=True)
    between = host.owes(str(file))

    host.restore(str(file))
    still = host.owes(str(file))
    host.settle(str(file))

    assert b"old\n" == file.read_bytes() == LocalHost().read(str(file))
    assert (False, True, True, False) == (before, between, still, host.owes(str(file)))
    assert not LocalHost().owes(str(file)), (
        "a link to nothing is nothing, also for who works on the volume itself"
    )


def test_what_is_not_there_is_not_there_and_cannot_be_read(host, tmp_path):
    with pytest.raises(ReadError):
        host.read(str(tmp_path / "none"))

    (tmp_path / "some").write_bytes(b"")
    assert not host.exists(str(tmp_path / "none"))
    assert host.exists(str(tmp_path / "some"))


def test_a_stream_that_is_cut_off_leaves_the_whole_text_beside_a_torn_file(stopped, tmp_path, monkeypatch):
    """As docker's client would leave it when it is killed: unpacked is what had arrived."""
    file = tmp_path / "zone"
    file.write_bytes(b"old\n" * 50_000)
    streams = []
    called = stopped._called

    def cutting(*words, data=b""):
        if data:
            streams.append(data)
            with tarfile.open(fileobj=io.BytesIO(data)) as tar:
                target = tar.getmember("zone")
            data = data[: target.offset_data + 70_000]
        return called(*words, data=data)

    stopped._called = cutting
    with pytest.raises(WriteError):
        stopped.replace(str(file), b"new\n" * 50_000, expected=b"old\n" * 50_000)
    stopped._called = called

    assert 0 < len(file.read_bytes()) < 200_000, "it is torn"
    assert b"new\n" * 50_000 == stopped.read(str(file)) == LocalHost().read(str(file))
    assert stopped.owes(str(file))
    stopped.finish(str(file))
    assert b"new\n" * 50_000 == file.read_bytes()
    assert not stopped.owes(str(file))


def test_only_one_may_write_into_a_container_whether_it_runs_or_not(host, tmp_path):
    (tmp_path / "zone").write_bytes(b"")
    release = host.lock(str(tmp_path / "zone"), 0)
    other = ContainerHost(host._program, "bind9", here, LocalHost(), lambda _: None)

    with pytest.raises(BusyError):
        other.lock(str(tmp_path / "zone"), 0)
    release()
    other.lock(str(tmp_path / "zone"), 5)()


def test_a_command_beside_the_files_runs_in_the_container_or_nowhere(program, tmp_path):
    name, set_running = program
    host = ContainerHost(name, "bind9", here, LocalHost(), lambda _: None)
    (tmp_path / "zone").write_bytes(b"some\n")
    set_running(True)
    ran = host.run_beside(["cat", str(tmp_path / "zone"), "-"], text=b"more\n")
    missing = host.run_beside(["no-such-program"])
    set_running(False)

    assert ran is not None
    assert (0, "some\nmore\n") == (ran.code, ran.output)
    assert missing is None
    assert host.run_beside(["cat", str(tmp_path / "zone")]) is None


def test_podman_reaches_no_file_of_a_stopped_container_that_is_on_no_volume(program):
    name, set_running = program
    set_running(False)
    host = ContainerHost(name, "bind9", here, LocalHost(), lambda _: None)

    with pytest.raises(ReadError) as caught:
        host.read("/none/at/all")

    said = {
        "docker": "this file cannot be read",
        "podman": "the container bind9 does not run, and this file is on none of its volumes",
    }
    assert said[name] == caught.value.problems[0].summary


NAMED = {"Type": "volume", "Name": "stalwart-data"}
UNNAMED = {"Type": "volume", "Name": "0" * 64}


@pytest.mark.parametrize(
    ("version", "mounts", "severity", "said"),
    [
        ("0.15.5", [], "error", "(/opt/stalwart) is not on a volume: "),
        (
            *("0.15.5", [{**NAMED, "Destination": "/opt/stalwart-mail"}], "error"),
            "is not on a volume; the volume is mounted at /opt/stalwart-mail, where this version keeps nothing",
        ),
        (
            *("0.11.8", [{**NAMED, "Destination": "/opt/stalwart"}], "error"),
            "(/opt/stalwart-mail) is not on a volume; the volume is mounted at /opt/stalwart,",
        ),
        ("0.15.5", [{**NAMED, "Destination": "/opt/stalwart/data"}], "error", "is not on a volume"),
        ("0.15.5", [{**UNNAMED, "Destination": "/opt/stalwart"}], "warning", "is on a volume without a name"),
        ("0.15.5", [{**NAMED, "Destination": "/opt/stalwart"}], "", ""),
        ("0.15.5", [{"Type": "bind", "Destination": "/opt"}], "", ""),
        ("0.11.8", [{**NAMED, "Destination": "/opt/stalwart-mail"}], "", ""),
        (
            "0.12.2",
            [{**NAMED, "Destination": "/opt/stalwart/data"}, {**NAMED, "Destination": "/opt/stalwart/etc/"}],
            *("", ""),
        ),
    ],
)
def test_where_the_data_of_the_image_lies_is_looked_at(docker, monkeypatch, version, mounts, severity, said):
    from reconciler.backends.stalwart.container import data_findings

    monkeypatch.setenv("PATH", docker.path)
    docker.container("stalwart", mounts=json.dumps(mounts))

    found = list(data_findings(LocalHost(), "docker", "stalwart", version))

    assert [severity] * bool(severity) == [finding.severity for finding in found]
    assert all(said in finding.text and finding.rule == "STW-03" for finding in found)
    assert all("docker cp -a stalwart:/opt/stalwart" in finding.fix for finding in found)


def test_the_plan_has_the_finding_and_the_command_that_saves_the_data(mail, server, docker):
    put(mail, server, STORY, ", container: stalwart")

    ended = mail.run("plan")

    assert 0 == ended.code
    assert "! STW-03  the data of the container stalwart (/opt/stalwart) is not on a volume: " in ended.out
    assert (
        "docker stop stalwart && docker cp -a stalwart:/opt/stalwart ./stalwart-data && docker start stalwart"
        in ended.out
    )


def test_a_container_that_cannot_be_looked_at_is_a_finding_and_no_error(mail, server):
    mail.write("mailstack.yaml", server.stack(STORY, f"{server.here()}, container: mail"))

    ended = mail.run("plan")

    assert 0 == ended.code
    assert (
        "whether the data of the container mail is on a volume is not known: there is no container mail"
        in ended.out
    )


def test_the_stand_in_and_the_real_program_say_the_same_of_a_daemon_that_is_down(docker, tmp_path):
    """Where there is a real docker client: its words, which `container_trouble` must know."""
    real = shutil.which("docker")
    (docker.folder / "down").touch()
    program = real or str(docker.folder / "bin" / "docker")
    environ = {**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/none.sock"}

    done = subprocess.run(
        [program, "inspect", "--type", "container", "x"], capture_output=True, text=True, env=environ
    )

    problem = container_trouble("docker", "x", done.stderr)
    assert 0 != done.returncode
    assert problem is not None and "docker-down" == problem.rule, done.stderr
