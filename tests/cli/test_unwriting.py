"""What comes back, or goes for good, when the stack no longer names a setting that mailstack wrote."""

from __future__ import annotations

KEY = "session.rcpt.max-recipients"
DEFAULT = "30"  # of the server itself


def test_a_setting_that_is_no_longer_named_gets_back_the_value_from_before(project):
    project.api.store({KEY: DEFAULT})
    project.stack(f"settings: {{{KEY}: 50}}\n")
    project.run("apply", "--yes")

    project.stack("")
    planned = project.run("plan")

    told = "50 -> 30, as it was before · written by mailstack, no longer declared"
    assert f"    - setting  {KEY}  {told}\n" in planned.out
    assert project.run("apply", "--yes").code == 0
    assert project.api.keys(KEY) == {KEY: DEFAULT}


def test_a_setting_that_was_not_there_before_goes(project):
    project.stack("settings: {spam-filter.pyzor.enable: 'false'}\n")
    project.run("apply", "--yes")

    project.stack("")

    assert "the server's own default counts again" in project.run("plan").out
    assert project.run("apply", "--yes").code == 0
    assert project.api.keys("spam-filter.pyzor.enable") == {}


def test_a_listed_setting_goes_for_good_and_nothing_comes_back(project):
    project.api.store({KEY: DEFAULT})
    project.stack(f"settings: {{{KEY}: 50}}\n")
    project.run("apply", "--yes")

    project.stack(f"removed: [setting/{KEY}]\n")
    applied = project.run("apply", "--yes")

    assert (applied.code, project.api.keys(KEY)) == (0, {})


def test_a_listed_setting_that_mailstack_has_not_written_goes_as_well(project):
    project.api.store({KEY: DEFAULT})
    project.stack(f"removed: [setting/{KEY}]\n")

    applied = project.run("apply", "--yes")

    assert (applied.code, project.api.keys(KEY)) == (0, {})
