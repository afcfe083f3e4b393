"""Every record type that named accepts survives the editing of others."""

from __future__ import annotations

from pathlib import Path

from reconciler.backends.dns.zonefile.check import check
from reconciler.backends.dns.zonefile.edits import Add, Adopt, Delete, Forget
from reconciler.backends.dns.zonefile.zone import Zone

TEXT = (Path(__file__).parent / "data" / "every_type.zone").read_bytes()
NEW = Add(owner="t-new.example.org.", rrtype="TXT", value='"new"')


def zone_of(text: bytes) -> Zone:
    return Zone.parse(text, name="example.org", file="db")


def test_every_type_is_known_and_nothing_is_wrong_with_it():
    assert check(zone_of(TEXT)) == ()


def test_every_line_keeps_its_bytes_when_others_change():
    gone = Delete(owner="t-ptr.example.org.", rrtype="PTR", value="t-a.example.org.")
    after = zone_of(TEXT).edit([gone, NEW]).splitlines(keepends=True)
    before = TEXT.splitlines(keepends=True)
    assert ([b"t-ptr PTR t-a\n"], [b't-new TXT "new"\n']) == (
        [line for line in before if line not in after],
        [line for line in after if line not in before],
    )


def test_bind_reads_every_other_record_as_before(compiled):
    before, after = compiled(TEXT), compiled(zone_of(TEXT).edit([NEW]))
    assert sorted([*before, ("t-new.example.org.", 3600, "TXT", '"new"')]) == after


def test_every_record_can_be_adopted_and_forgotten():
    records = [record for record in zone_of(TEXT).records if record.rrtype != "SOA"]
    keys = [{"owner": r.owner, "rrtype": r.rrtype, "value": r.value} for r in records]
    adopted = zone_of(TEXT).edit([Adopt(**key, stack="home") for key in keys])
    assert len(keys) == sum(record.mark.is_valid for record in zone_of(adopted).marked)
    assert TEXT == zone_of(adopted).edit([Forget(**key) for key in keys])
