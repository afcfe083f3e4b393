"""A zone that named signs inline: its file stays the person's, and its served serial is another one."""

from __future__ import annotations

API = ("api", "A", "203.0.113.30")
WWW = ("www", "A", "203.0.113.20")
SIGNED = ("dnssec-policy default;", "inline-signing yes;")


def test_records_prove_what_the_serial_cannot(served):
    with served(*SIGNED) as site:
        assert int(site.named.dig("example.org", "SOA")[0].split()[2]) > 2026010101
        site.records(WWW)
        assert site.apply().code == 0
        assert "2026010101 ; serial" in site.text
        assert site.plan("--detailed-exitcode").code == 0

        site.records(WWW, API)
        assert site.apply().code == 0
        assert site.named.dig("api.example.org", "A") == ["203.0.113.30"]
        assert site.plan("--detailed-exitcode").code == 0


def test_what_named_keeps_beside_the_file_does_not_make_it_dynamic(served):
    with served(*SIGNED) as site:
        for number in range(3):
            site.records(API, ("more", "A", f"203.0.113.{number}"))
            assert site.apply().code == 0

        assert {".jbk", ".jnl", ".signed"} <= {path.suffix for path in site.zonefile.parent.iterdir()}
        # Also where rndc cannot be asked.
        site.records(API, ("third", "A", "203.0.113.99"), reload=["true"], servers=[])
        assert site.plan().code == 0


def test_an_edit_by_hand_without_a_new_serial_is_loaded_by_the_next_apply(served):
    with served(*SIGNED) as site:
        site.records(API)
        site.apply()
        site.zonefile.write_text(site.text.replace("203.0.113.30", "203.0.113.31"))
        site.records(("api", "A", "203.0.113.31"))
        # named says "queued" and then: not loaded, new serial out of range.
        site.named.tell("reload", "example.org")

        assert site.apply().code == 0
        assert site.named.dig("api.example.org", "A") == ["203.0.113.31"]


def test_a_change_that_is_not_served_leaves_file_and_server_as_they_were(served):
    with served(*SIGNED) as site:
        site.records(("_api", "A", "203.0.113.30"), timeout="1s")
        before = site.text

        assert site.apply().code == 1
        assert site.text == before
        assert site.named.dig("www.example.org", "A") == ["203.0.113.20"]
        site.records(API)
        assert site.apply().code == 0
