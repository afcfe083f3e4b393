"""The pages for the first hour, executed: what they show is what happens."""

from __future__ import annotations

from pathlib import Path

import cli
from walked import Walk

DOCS = Path(__file__).parents[2] / "docs"
SCHEMAS = DOCS.parent / "schemas"
WRITTEN_URL = "http://127.0.0.1:8080"
ZONE = """\
$TTL 3600
@       IN      SOA     ns1.example.org. postmaster.example.org. (
                        2026010101 3600 1800 604800 86400 )
@       IN      NS      ns1.example.org.
ns1     IN      A       203.0.113.2
mail    IN      A       203.0.113.10
@       IN      MX      10 mail.example.org.
@       IN      TXT     "v=spf1 mx ra=postmaster -all"
_dmarc  IN      TXT     "v=DMARC1; p=reject; rua=mailto:postmaster@example.org"
www     IN      A       203.0.113.20
"""


def test_taking_over_a_server_that_runs(tmp_path: Path):
    """docs/take-over.md: the server of somebody who has followed the guide, from its containers to a first change."""
    page = DOCS / "take-over.md"
    with cli.sandbox("0.15.5") as server:
        project = cli.Project(tmp_path / "stack", server.url, server)
        project.folder.mkdir()
        api = project.api
        api.create("domain", "example.org")
        api.create(
            "individual",
            "alice",
            *("alice@example.org", "postmaster@example.org", "abuse@example.org"),
            description="Alice Example",
            secrets=[cli.ALICE_PASSWORD],
            quota=5 << 30,
        )
        api.create(
            "individual", "bob", "bob@example.org", description="Bob Example", secrets=[cli.BOB_PASSWORD]
        )
        api.create("individual", "scanner", secrets=[cli.BOB_PASSWORD])
        api.create("list", "team@example.org", "team@example.org", members=["alice", "bob"])
        api.store(
            {
                "server.allowed-ip.203.0.113.10": "",
                "server.allowed-ip.172.18.0.0/16": "",
                "lookup.default.hostname": "mail.example.org",
                "session.rcpt.max-recipients": "50",
            }
        )
        assert api.data("GET", "/api/reload")["errors"] == {}
        bind = tmp_path / "bind"
        bind.mkdir()
        (bind / "db.example.org").write_text(ZONE)
        walk = Walk(page, project, {WRITTEN_URL: server.url, "/srv/bind": str(bind)})

        assert walk.walk() == page.read_text(encoding="utf-8")
        assert "info@example.org" in api.principal("alice")["emails"]
        assert (project.folder / "mailstack.schema.json").read_text() == (
            SCHEMAS / "mailstack.schema.json"
        ).read_text()


def test_beginning_with_an_empty_server(tmp_path: Path):
    """docs/start.md: from an empty server to a first account that can log in."""
    page = DOCS / "start.md"
    with cli.sandbox("0.15.5") as server:
        project = cli.Project(tmp_path, server.url, server)
        project.environ["PATH"] = str(tmp_path / "no-programs")
        walk = Walk(page, project, {WRITTEN_URL: server.url})

        assert walk.walk() == page.read_text(encoding="utf-8")
        assert project.api.may_log_in("alice@example.org", "a-long-one")
