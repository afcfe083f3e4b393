"""Killed before any step that writes: no file is torn, the zone is never lost, the next apply converges."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
import stops

# More steps than an apply has.
MANY = 200


@pytest.fixture
def killer(site):
    found = stops.Stops(site.project.environ)
    yield found
    found.close()


@pytest.fixture
def stride(pytestconfig):
    """Every step in CI and at night; every third where somebody waits."""
    return 1 if os.environ.get("CI") or pytestconfig.getoption("--nightly") else 3


def loads(text: bytes) -> bool:
    """Does BIND load this text?"""
    command = [shutil.which("named-checkzone") or "named-checkzone", "-q", "example.org", "/dev/stdin"]
    return subprocess.run(command, input=text, check=False, timeout=20).returncode == 0


@pytest.mark.parametrize("is_written_in_place", [False, True], ids=["renamed", "written in place"])
def test_an_apply_that_is_killed_anywhere(site, killer, is_written_in_place, stride):
    if is_written_in_place:
        # A second name of the file: a rename would cut it off, as it would a bind mount.
        os.link(site.zonefile, site.zonefile.with_name("second-name"))
    before_step, ended = 0, stops.KILLED
    while ended == stops.KILLED:
        assert before_step < MANY
        name = f"step{before_step}"
        old = site.zonefile.read_bytes()
        site.records((name, "A", "203.0.113.30"))

        ended = killer.run(site.project.folder, ["apply", "--yes"], before_step)

        now, sidecar = site.zonefile.read_bytes(), site.zonefile.with_name("db.example.org.mailstack-sidecar")
        assert loads(now) or (is_written_in_place and loads(sidecar.read_bytes())), before_step
        assert now == old or name.encode() in now or sidecar.exists(), before_step
        assert site.named.dig("www.example.org", "A") == ["203.0.113.20"], before_step
        assert site.apply().code == 0, before_step
        assert site.named.dig(f"{name}.example.org", "A") == ["203.0.113.30"], before_step
        assert site.plan("--detailed-exitcode").code == 0, before_step
        assert site.beside() == {"db.example.org.mailstack-backup"}, before_step
        before_step += stride
    assert ended == 0
    assert before_step > 15  # so many steps there are
    if is_written_in_place:
        assert site.zonefile.stat().st_nlink == 2


@pytest.mark.parametrize("written", [0, 1, 100, -1])
def test_a_file_that_was_torn_is_read_as_it_was_going_to_be_and_completed(site, written):
    site.records(("api", "A", "203.0.113.30"))
    site.apply()
    whole = site.zonefile.read_bytes()
    longer = whole.replace(b"203.0.113.30", b"203.0.113.31").replace(b"2026", b"2027", 1) + b"; more\n" * 9
    site.zonefile.with_name("db.example.org.mailstack-sidecar").write_bytes(longer)
    site.zonefile.write_bytes(longer[:written] + whole[written:])
    site.records(("api", "A", "203.0.113.31"))

    plan = site.plan()
    assert "left over" in plan.out
    assert site.zonefile.read_bytes() == longer[:written] + whole[written:]
    assert site.apply().code in (0, 4)
    assert b"; more\n" * 9 in site.zonefile.read_bytes()
    assert site.named.dig("api.example.org", "A") == ["203.0.113.31"]
    assert site.beside() == {"db.example.org.mailstack-backup"}
