"""`--metrics FILE`: what Prometheus reads is right, whole, and honest about what is not known."""

from __future__ import annotations

import os
import signal

import pytest
from prometheus_client.parser import text_string_to_metric_families

STACK = "accounts: {alice: {aliases: [postmaster]}}\n"
SERIES = {"stack": "home", "command": "drift"}


def samples(project, name="m.prom"):
    """Return the samples of a file as Prometheus's own parser reads them."""
    text = (project.folder / name).read_text()
    return {
        (sample.name, *(value for key, value in sample.labels.items() if key not in SERIES)): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_is_to_be_made_held_found_and_left_alone_is_counted(project):
    project.api.create("individual", "carol", "carol@example.org", "info@example.org")
    project.api.create("domain", "example.net")
    project.api.create("individual", "dave", "dave@example.net")
    project.stack(STACK + "removed: [domain/example.net]\n")

    assert project.run("drift", "--metrics", "m.prom").code == 0

    found = samples(project)
    assert found["mailstack_changes", "add"] == 2
    assert found["mailstack_changes", "delete"] == 0
    assert found["mailstack_held",] == 1
    assert found["mailstack_findings", "error"] == 0
    assert found["mailstack_unmanaged", "account"] == 2
    assert found["mailstack_complete",] == 1
    assert found["mailstack_run_success",] == 1
    assert (
        found["mailstack_last_success_timestamp_seconds",] == found["mailstack_last_run_timestamp_seconds",]
    )


def test_every_series_carries_stack_and_command(project):
    """The collector refuses two files with the same series."""
    project.run("plan", "--metrics", "m.prom")

    labels = [
        sample.labels
        for family in text_string_to_metric_families((project.folder / "m.prom").read_text())
        for sample in family.samples
    ]
    assert {(one["stack"], one["command"]) for one in labels} == {("home", "plan")}


def test_a_run_that_fails_counts_nothing_and_remembers_the_last_success(project):
    """Unknown is not zero."""
    project.run("drift", "--metrics", "m.prom")
    before = samples(project)
    project.server.stop()

    assert project.run("drift", "--metrics", "m.prom").code == 1

    after = samples(project)
    last = "mailstack_last_success_timestamp_seconds"
    assert after["mailstack_run_success",] == 0
    assert after[last,] == before[last,]
    assert [name for name in after if name[0] == "mailstack_changes"] == []


def test_a_first_run_that_fails_has_no_last_success(project):
    project.server.stop()

    project.run("drift", "--metrics", "m.prom")

    assert ("mailstack_last_success_timestamp_seconds",) not in samples(project)


def test_a_stack_that_cannot_be_loaded_is_a_failed_run_of_its_name(project):
    project.stack("accounts: {alice: {}, alice: {}}\n")

    assert project.run("drift", "--metrics", "m.prom").code == 1

    assert samples(project)["mailstack_run_success",] == 0
    assert 'stack="home"' in (project.folder / "m.prom").read_text()


def test_the_file_is_replaced_whole_and_keeps_its_mode(project):
    """A reader finds the former metrics or the new ones; nothing else is left in the folder."""
    file = project.write("metrics/m.prom", "")
    file.chmod(0o640)
    inode = file.stat().st_ino

    project.run("drift", "--metrics", "metrics/m.prom")

    assert os.listdir(file.parent) == ["m.prom"]
    assert file.stat().st_mode & 0o777 == 0o640
    assert file.stat().st_ino != inode


def test_what_is_no_file_is_written_to(project):
    ended = project.process("drift", "--format", "json", "--metrics", "/dev/stderr")

    assert (ended.code, "mailstack_run_success" in ended.err) == (0, True)


def test_a_folder_that_is_not_there_is_an_error(project):
    ended = project.run("drift", "--metrics", "none/m.prom")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        "error: none/m.prom cannot be written\n    The system says: No such file or directory.\n"
    )


@pytest.mark.parametrize("value", ['a"b', "a\\b", "a\nb"], ids=["quote", "backslash", "line end"])
def test_a_label_reads_back_as_it_was(value):
    from reconciler.render.metrics import Measured, metrics

    text = metrics(
        Measured(stack=value, command="plan", started=1.0, ended=2.5, is_success=True, last_success=None)
    )

    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert families["mailstack_run_duration_seconds"].samples[0].labels["stack"] == value
    assert families["mailstack_run_duration_seconds"].samples[0].value == 1.5


def test_a_run_that_is_told_to_end_is_no_success(project):
    """What it has opened is closed, and its metrics are written."""
    process = []

    def hook(_, method, path, phase):
        if path.startswith("/api/settings/keys") and phase == "before" and not sent:
            sent.append(path)
            process[0].send_signal(signal.SIGTERM)
        return False

    sent: list[str] = []
    project.server.on_request = hook
    process.append(project.start("drift", "--metrics", "m.prom"))
    ended = project.ended(process[0])

    assert (ended.code, ended.err) == (1, "\nStopped; nothing was changed.\n")
    assert samples(project)["mailstack_run_success",] == 0


def test_several_stacks_have_a_file_each(project):
    """Also the one that cannot be loaded."""
    project.environ["MAILSTACK_METRICS"] = "{stack}.prom"
    project.stack(STACK)
    project.write("broken.yaml", "version: 1\ndomain: example.net\nacounts: {}\n")

    assert project.run("drift").code == 0
    assert project.run("drift", "-f", "broken.yaml").code == 1

    assert samples(project, "home.prom")["mailstack_run_success",] == 1
    assert 'stack="example.net"' in (project.folder / "example.net.prom").read_text()
