"""`make demo`: plan, apply and a mended drift on a stand-in server, in half a minute and on one screen.

Long output is shown by its first and last lines, with how much is left out in between.  Everything lives
in a temporary folder and on free ports of loopback, and is gone at the end.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EXAMPLE = Path(__file__).with_name("mailstack.yaml")
MAILSTACK = str(Path(sys.executable).with_name("mailstack"))  # of the same environment
ZONE = """\
$TTL 1h
@      SOA    ns1 hostmaster 2026010101 1d 2h 4w 1h
       NS     ns1
ns1    A      203.0.113.2
www    A      203.0.113.20    ; the old web server, keep!
"""
WIDTH = 140
LOGIN = base64.b64encode(b"admin:admin-pw").decode()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="mailstack-demo-") as name:
        folder = Path(name)
        zonefile = folder / "db.example.org"
        zonefile.write_text(ZONE, encoding="utf-8")
        with servers(zonefile) as (url, dns_server):
            replaced = {"url: http://127.0.0.1:8080": f"url: {url}", **places(zonefile, dns_server)}
            (folder / EXAMPLE.name).write_text(example_with(replaced), encoding="utf-8")
            show(folder, url)


def show(folder: Path, url: str) -> None:
    """Walk through the steps, each with a headline."""
    headline("1. An empty server, and examples/mailstack.yaml: what is missing?")
    run(folder, "plan", first=13, last=7)
    headline("2. Make it so.")
    run(folder, "apply", "--yes", last=1)
    headline("3. The zone file: what was written by hand has not moved, and all of it is served.")
    excerpt((folder / "db.example.org").read_text(encoding="utf-8"), first=9)
    headline("4. Again: nothing is left to do.")
    run(folder, "plan", last=1)
    headline("5. Somebody clicks: postmaster@ is dropped, alice gets another quota. It is seen ...")
    click_around(url)
    run(folder, "plan", first=5, last=2)
    headline("6. ... and mended.")
    run(folder, "apply", "--yes", last=1)
    run(folder, "plan", last=1)


@contextmanager
def servers(zonefile: Path) -> Iterator[tuple[str, str]]:
    """Run the stand-in Stalwart and the small name server while the block lasts; yield where they are."""
    options = ["--port", "0", "--dns-port", "0", "--zone", f"example.org={zonefile}"]
    command = [MAILSTACK, "sandbox", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            # It tells where it listens once it does, first the mail server and then the zone.
            url = next(word for word in server.stdout.readline().split() if "://" in word)
            place = next(word for word in server.stdout.readline().split() if "127.0.0.1:" in word)
            yield url.rstrip(","), place.rstrip(",")
        finally:
            server.terminate()


def places(zonefile: Path, dns_server: str) -> dict[str, str]:
    """Return how the example is to find the zone file and the name server that serves it."""
    port = dns_server.rpartition(":")[2]
    reload = [MAILSTACK, "sandbox", "--reload", "--zone", "{zone}", "--dns-port", port]
    return {
        "zonefile: /srv/bind/db.example.org": f"zonefile: {zonefile.name}",
        'reload: [docker, exec, bind, rndc, reload, "{zone}"]': f"reload: {json.dumps(reload)}",
        "servers: [127.0.0.1]": f'servers: ["{dns_server}"]',
    }


def example_with(replaced: dict[str, str]) -> str:
    """Return the example's text with its places on the machine exchanged for those of the demo."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for there, here in replaced.items():
        if text.count(there) != 1:
            sys.exit(f"{EXAMPLE} does not hold {there!r} once")
        text = text.replace(there, here)
    return text


def run(folder: Path, *arguments: str, first: int = 0, last: int = 0) -> None:
    """Run a command in front of the viewer, and show so many of its lines.  A failure ends the demo."""
    said = " ".join(["mailstack", *arguments])
    say(paint("36", f"$ {said}"))
    secrets = {"STALWART_PASSWORD": "admin-pw", "ALICE_PASSWORD": "correct horse battery staple"}
    done = subprocess.run(
        [MAILSTACK, *arguments], cwd=folder, env=os.environ | secrets, text=True, capture_output=True
    )
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}{said}: this ended with {done.returncode}")
    excerpt(done.stdout, first=first, last=last)


def excerpt(text: str, *, first: int = 0, last: int = 0) -> None:
    """Show the first and last lines that are not empty; a line between them says what was left out."""
    lines = [line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…" for line in text.splitlines() if line]
    left_out = len(lines) - first - last
    shown = lines[:first]
    if first and left_out > 0:
        shown.append(paint("2", f"    … {left_out} more line{'s' * (left_out > 1)}"))
    for line in [*shown, *lines[len(lines) - last :]]:
        say(line)


def click_around(url: str) -> None:
    """Change an account as a person in the web interface would."""
    changes = [
        {"action": "removeItem", "field": "emails", "value": "postmaster@example.org"},
        {"action": "set", "field": "quota", "value": 1024**3},
    ]
    request = urllib.request.Request(
        f"{url}/api/principal/alice@example.org",
        method="PATCH",
        data=json.dumps(changes).encode(),
        headers={"Authorization": f"Basic {LOGIN}"},
    )
    with urllib.request.urlopen(request) as answer:
        problem = json.load(answer).get("error")
    if problem:
        sys.exit(f"the stand-in server refused the change: {problem}")


def headline(text: str) -> None:
    say("\n" + paint("1", text))


def say(text: str) -> None:
    # At once: the commands write to the same place.
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def paint(code: str, text: str) -> str:
    is_coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return f"\033[{code}m{text}\033[0m" if is_coloured else text


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
