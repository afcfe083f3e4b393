"""Import, then plan, is empty: over live states of every shape."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from large import worlds
from live_states import HERE, servers, zone_texts
from mail_server import HOSTNAME, MailServer
from memory import MemoryBackend
from proving import Proof, ZoneReader, proved, seed_of

from reconciler.config.dns import Dns

# One law gets all examples of the profile; the others take turns at the same machinery.
a_fifth = settings(max_examples=max(20, settings().max_examples // 5))


def imported(server: MailServer, domains: tuple[str, ...]) -> Proof:
    return proved(lambda: [MemoryBackend(server, "home")], seed_of(domains))


@given(servers())
def test_the_plan_after_an_import_is_empty(server):
    """Whatever a server holds: what is declared is as it is, and what cannot be declared is told."""
    before = server.frozen()
    proof = imported(server, HERE)

    assert proof.changes() == []
    assert before == server.frozen(), "an import has changed something"
    assert "canary-password" not in proof.text
    told = {one.address for one in proof.draft.left_out}
    for kind in ("account", "group", "list", "alias", "catch_all", "domain"):
        for name in proof.plan.unmanaged.get(kind, ()):
            assert any(str(address) == name for address in told), f"{name} was dropped in silence"
    assert all(line.isprintable() for line in proof.text.splitlines())


@a_fifth
@given(servers())
def test_two_imports_give_the_same_bytes(server):
    assert imported(server, HERE).text == imported(server.copy(), HERE).text


@a_fifth
@given(worlds())
def test_what_mailstack_has_made_itself_is_taken_over_as_well(world):
    """Also with this stack's own marks on the server, and with those of another one."""
    assert [
        c
        for c in imported(world.server, ("example.org", "example.net", "example.com")).changes()
        if not c.startswith("activate ")
    ] == []


@given(zone_texts(), st.booleans())
def test_a_zone_is_taken_over_with_all_its_records(data, with_server_keys):
    """Records as derivation gives them, other texts, odd types, doubles, marks: nothing is to be changed."""
    server = MailServer()
    server.domains.update(["example.org", "sub.example.org"])
    server.put((HOSTNAME, "mail.example.org"))
    server.count_now()
    if with_server_keys:
        server.put((("ban", "203.0.113.10"), ""))
    seed = seed_of(("example.org", "sub.example.org"), ("example.org",))
    sub = seed.domains["sub.example.org"]
    domains = {**seed.domains, sub.name: replace(sub, dns=Dns(zone="example.org"))}
    proof = proved(
        lambda: [MemoryBackend(server, "home"), ZoneReader("example.org", data)],
        replace(seed, domains=domains),
    )

    assert proof.changes() == []
    told = {str(one.address) for one in proof.draft.left_out}
    unsaid = [name for name in proof.plan.unmanaged.get("record", ()) if name not in told]
    assert [name for name in unsaid if "/SOA/" not in name and "/RRSIG/" not in name] == []
