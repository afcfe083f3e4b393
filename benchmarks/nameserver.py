"""A BIND that serves one zone file on loopback."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

_CONF = """\
options {{
  directory "{folder}"; pid-file none; session-keyfile none; managed-keys-directory "{folder}";
  listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
  recursion no; dnssec-validation no; notify no;
}};
controls {{ }};
zone "example.org" {{ type primary; file "{zone}"; }};
"""


@contextlib.contextmanager
def serving(folder: Path, zone: Path) -> Iterator[str]:
    """Serve the file as example.org while the block lasts; yield host:port, or nothing where there is no BIND."""
    # The folder is in root's PATH only.
    program = shutil.which("named") or shutil.which("named", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        yield ""
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    conf = folder / "named.conf"
    conf.write_text(_CONF.format(folder=folder, port=port, zone=zone), encoding="utf-8")
    command = [program, "-g", "-4", "-n", "1", "-c", str(conf)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            for line in process.stderr:
                if line.rstrip().endswith(" running"):
                    break
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()
