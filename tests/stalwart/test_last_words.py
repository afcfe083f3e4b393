"""What a server that did not come up said last, from the log file that its config.toml names."""

from __future__ import annotations

import pytest

from reconciler.backends.files import LocalHost
from reconciler.backends.stalwart import last_words
from reconciler.errors import Problem, ReadError

STARTED = "2026-11-25T17:03:24Z INFO Starting Stalwart Server v0.15.5"
LEFT = (
    '2026-11-25T17:03:43Z INFO Shutting down Stalwart Server v0.15.5 (server.shutdown) causedBy = "SIGTERM"'
)
SILENT = "It has logged nothing since. Why it does not start, it prints: docker logs, journalctl."


class Down:
    """A server that does not answer."""

    def status_without_login(self, path):
        raise ReadError(Problem(summary="down"))


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([LEFT, STARTED], [f"  {LEFT}", f"  {STARTED}"]),
        ([STARTED, LEFT], [f"  {STARTED}", f"  {LEFT}", SILENT]),
    ],
    ids=["it logged why", "it ended before it logged"],
)
def test_a_server_that_logged_nothing_since_it_was_stopped_is_told_as_one(tmp_path, lines, told):
    (tmp_path / "stalwart.2026-11-25").write_text("\n".join(lines) + "\n")
    values = {"tracer.log.type": "log", "tracer.log.path": str(tmp_path)}

    assert ["The server's last words:", *told] == last_words.told(Down(), LocalHost(), None, values, ())
