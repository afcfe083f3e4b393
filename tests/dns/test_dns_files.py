"""Files of this machine: replaced whole, keeping owner, mode, links and mounts; locked by folder."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.backends import mounts
from reconciler.backends.files import FileChanged, LocalHost
from reconciler.errors import BusyError, ReadError, WriteError

OLD, NEW = b"old text\n" * 9, b"new\n"


@pytest.fixture
def path(tmp_path):
    """A file in a folder of its own."""
    found = tmp_path / "there" / "file"
    found.parent.mkdir()
    found.write_bytes(OLD)
    return found


def beside(path) -> set[str]:
    return {one.name.partition(".")[2] for one in path.parent.iterdir()} - {""}


def bind_mount(path) -> list[str]:
    """Mount the file over another one, as into a container; return what takes it away again."""
    other = path.with_name("seen-inside")
    other.write_bytes(b"")
    subprocess.run(["mount", "--bind", path, other], check=True, capture_output=True)
    return ["umount", str(other)]


def mount_over_itself(path) -> list[str]:
    """Make the file itself a mount point, as it is seen inside of a container."""
    subprocess.run(["mount", "--bind", path, path], check=True, capture_output=True)
    return ["umount", str(path)]


def hard_link(path) -> list[str]:
    os.link(path, path.with_name("second-name"))
    return ["true"]


def may_mount(folder) -> bool:
    """May we mount here?  Root in most containers may not."""
    probe = folder / "probe"
    probe.write_bytes(b"")
    try:
        undo = mount_over_itself(probe)
    except (subprocess.CalledProcessError, OSError):
        return False
    subprocess.run(undo, check=True)
    return True


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Work as somebody whom the modes of files bind: root is not bound by any."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_file_is_replaced_and_the_one_from_before_kept(path):
    backup = LocalHost().replace(str(path), NEW, expected=OLD)

    assert path.read_bytes() == NEW
    assert (backup, Path(backup).read_bytes()) == (f"{path}.mailstack-backup", OLD)
    assert beside(path) == {"mailstack-backup"}


def test_restore_puts_the_backup_back(path):
    host = LocalHost()
    host.replace(str(path), NEW, expected=OLD)
    host.restore(str(path))

    assert path.read_bytes() == OLD


def test_a_second_write_may_keep_the_first_backup(path):
    host = LocalHost()
    backup = host.replace(str(path), NEW, expected=OLD)
    host.replace(str(path), b"newer", expected=NEW, backup=False)

    assert Path(backup).read_bytes() == OLD


def test_a_file_that_has_changed_is_left_alone(path):
    path.write_bytes(b"by hand")

    with pytest.raises(FileChanged, match="Somebody else wrote it meanwhile"):
        LocalHost().replace(str(path), NEW, expected=OLD)
    assert (path.read_bytes(), beside(path)) == (b"by hand", set())


def test_what_is_owed_is_remembered_until_it_is_settled(path):
    host = LocalHost()
    host.replace(str(path), NEW, expected=OLD, owed=True)
    assert host.owes(str(path))

    host.settle(str(path))
    assert not host.owes(str(path))
    host.settle(str(path))


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_the_mode_stays(path, mode):
    path.chmod(mode)
    LocalHost().replace(str(path), NEW, expected=OLD)

    assert path.stat().st_mode & 0o7777 == mode


def test_a_symbolic_link_stays_one(path, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(path)
    LocalHost().replace(str(link), NEW, expected=OLD)

    assert (link.is_symlink(), path.read_bytes()) == (True, NEW)
    assert LocalHost().read(str(link)) == NEW


def test_a_link_laid_where_the_new_text_goes_is_not_followed(path, tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    for trace in ("new", "backup"):
        path.with_name(f"file.mailstack-{trace}").symlink_to(victim)
    LocalHost().replace(str(path), NEW, expected=OLD)

    assert (victim.read_bytes(), path.read_bytes()) == (b"precious", NEW)


@pytest.mark.parametrize("arrange", [hard_link, bind_mount, mount_over_itself])
def test_who_sees_the_file_in_another_place_sees_the_new_text(path, tmp_path, arrange):
    if arrange is not hard_link and not may_mount(tmp_path):
        arrange = hard_link  # the same way of writing, for the same reason
    inode = path.stat().st_ino
    undo = arrange(path)
    try:
        LocalHost().replace(str(path), NEW, expected=OLD)

        others = [one for one in path.parent.iterdir() if one.stat().st_ino == inode]
        assert {one.read_bytes() for one in others} == {NEW}
        assert path.stat().st_ino == inode
        assert beside(path) == {"mailstack-backup"}
    finally:
        subprocess.run(undo, check=True)


def test_a_write_in_place_that_was_cut_off_is_read_whole_and_finished(path):
    path.write_bytes(NEW[:2] + OLD[2:])
    path.with_name("file.mailstack-sidecar").write_bytes(NEW)
    host = LocalHost()

    assert (host.read(str(path)), host.owes(str(path))) == (NEW, True)
    host.finish(str(path))
    assert (path.read_bytes(), host.owes(str(path)), beside(path)) == (NEW, False, set())


def test_a_folder_that_takes_no_file_leaves_everything_as_it_was(path):
    # A folder in the way of the new text stands for one that may not be written.
    path.with_name("file.mailstack-new").mkdir()

    with pytest.raises(WriteError, match="this file cannot be replaced"):
        LocalHost().replace(str(path), NEW, expected=OLD, backup=False)
    assert path.read_bytes() == OLD


def test_a_file_that_may_not_be_read_is_told(path):
    path.chmod(0)
    with as_nobody(), pytest.raises(ReadError) as caught:
        LocalHost().read(str(path))

    assert caught.value.problems[0].detail == (
        "Permission denied. Is the path right, seen from where mailstack runs, and may it read it?"
    )


def test_what_is_no_file_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(ReadError, match="It is no regular file"):
        LocalHost().read(str(tmp_path / "pipe"))


def test_two_files_of_one_folder_are_one_lock_which_another_run_waits_for(path):
    ours, theirs = LocalHost(), LocalHost()
    other = str(path.with_name("other"))
    first, second = ours.lock(str(path), 0), ours.lock(other, 0)

    for let_go in (first, second):
        with pytest.raises(BusyError, match="somebody else is writing"):
            theirs.lock(str(path), 0)
        let_go()
    theirs.lock(str(path), 0)()


@pytest.mark.parametrize(
    ("argv", "ended"),
    [
        (["sh", "-c", "echo out; echo err >&2; exit 3"], (3, "out\nerr\n")),
        (["sleep", "9"], (124, "it did not end within 0.05 seconds")),
        (["/"], (126, "[Errno 13] Permission denied: '/'")),
    ],
    ids=["an exit code", "too long", "no program"],
)
def test_how_a_command_ended(argv, ended):
    ran = LocalHost().run(argv, timeout=0.05 if argv[0] == "sleep" else 9)

    assert ran is not None
    assert (ran.code, ran.output) == ended


def test_a_program_that_is_not_there_is_none():
    assert LocalHost().run(["no-such-program"]) is None


TABLE = r"""
22 1 8:1 / / rw - ext4 /dev/sda1 rw
23 22 8:2 /@srv /srv rw - btrfs /dev/sda2 rw
24 22 8:2 /@srv/my\040zones/db.example.org /etc/bind/db.example.org rw - btrfs /dev/sda2 rw
25 22 8:3 / /srv/other rw - ext4 /dev/sdb1 rw
""".strip()


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/srv/my zones/db.example.org", ("8:2", "/@srv/my zones/db.example.org")),
        ("/etc/bind/db.example.org", ("8:2", "/@srv/my zones/db.example.org")),
        ("/srv/other/file", ("8:3", "/file")),
        ("/srvx/file", ("8:1", "/srvx/file")),
    ],
)
def test_where_a_path_lies_on_its_device(path, place):
    assert mounts.place_on_device(list(mounts.parsed(TABLE)), path) == place
