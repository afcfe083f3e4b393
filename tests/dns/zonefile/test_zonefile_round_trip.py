"""Generated zones, edited at random: what is not in the edits keeps bytes and meaning, and BIND agrees."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from zone_files import additions, cases, key_of, zones

from reconciler.backends.dns.zonefile.edits import Add, Adopt, Delete, Edit, Forget, Replace
from reconciler.backends.dns.zonefile.serial import next_serial
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.dnsdata.data import canonical


def expected(before: set[tuple[str, str, str]], edits: list[Edit]) -> set[tuple[str, str, str]]:
    after = set(before)
    for edit in edits:
        match edit:
            case Delete():
                after.remove((edit.owner, edit.rrtype, edit.value))
            case Replace():
                after.remove((edit.owner, edit.rrtype, edit.before))
                after.add((edit.owner, edit.rrtype, edit.value))
            case Add():
                after.add((edit.owner, edit.rrtype, edit.value))
    return after


def touched(edits: list[Edit]) -> set[tuple[str, str, str]]:
    keys = set()
    for edit in edits:
        if isinstance(edit, Replace):
            keys |= {(edit.owner, edit.rrtype, edit.before), (edit.owner, edit.rrtype, edit.value)}
        else:
            keys.add((edit.owner, edit.rrtype, edit.value))
    return keys


def read(text: bytes) -> Zone:
    zone = Zone.parse(text, name="example.org", file="db")
    assert [] == zone.problems
    return zone


@given(cases())
def test_the_records_after_are_those_before_and_the_edits(case):
    before = read(case.text)
    after = read(before.edit(case.edits))
    keys = {key_of(record) for record in before.records}
    assert expected(keys, case.edits) == {key_of(record) for record in after.records}
    own = touched(case.edits)
    ttls = Counter((*key_of(record), record.ttl) for record in before.records if key_of(record) not in own)
    assert ttls == Counter(
        (*key_of(record), record.ttl) for record in after.records if key_of(record) not in own
    )


@given(cases())
def test_lines_that_no_edit_is_about_keep_their_bytes_and_order(case):
    zone = read(case.text)
    after = iter(re.split(rb"\r?\n", zone.edit(case.edits)))
    own = touched(case.edits)
    spans = [(zone.scan.lines[i], zone.scan.logical(i)) for i in range(len(zone))]
    free: set[int] = set()
    changes = False
    for (line, logical), record in zip(spans, zone.records, strict=True):
        is_own = key_of(record) in own
        if is_own or changes:
            free.update(range(line, line + logical.lines))
        changes = is_own  # The next line may have to write out what it inherited.
    lines = re.split(rb"\r?\n", case.text)
    kept = [line for number, line in enumerate(lines) if number not in free]
    assert [] == [line for line in kept if line not in after]


@given(zones(), st.data())
def test_an_addition_undone_gives_the_old_bytes(text, data):
    zone = read(text)
    edits = data.draw(additions({key_of(record) for record in zone.records}))
    after = read(zone.edit(edits))
    undo = [Delete(owner=edit.owner, rrtype=edit.rrtype, value=edit.value) for edit in edits]
    assert text == after.edit(undo)


@given(zones())
def test_an_adoption_forgotten_gives_the_old_bytes(text):
    zone = read(text)
    keys = {key_of(record) for record in zone.records if record.rrtype != "SOA"}
    adopted = zone.edit([Adopt(owner=o, rrtype=t, value=v, stack="home") for o, t, v in sorted(keys)])
    assert keys == {key_of(record) for record in read(adopted).marked if record.mark.is_valid}
    assert text == read(adopted).edit([Forget(owner=o, rrtype=t, value=v) for o, t, v in sorted(keys)])


@given(zones())
def test_only_the_serial_changes_where_nothing_else_does(text):
    zone = read(text)
    serial = next_serial(zone.serial, (), None, None)
    after = zone.edit([], serial=serial)
    assert serial == read(after).serial
    assert text == re.sub(rb"\( \d+ ;", b"( %d ;" % zone.serial, after, count=1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(case=cases())
def test_bind_sees_the_planned_records_change_and_no_others(case, compiled):
    edited = read(case.text).edit(case.edits)
    before, after = compiled(case.text), compiled(edited)

    def keys(rows):
        return {(o, t, canonical(t, rdata, ".")) for o, _, t, rdata in rows}

    assert expected(keys(before), case.edits) == keys(after)
    own = {(o, t) for o, t, _ in touched(case.edits)}
    if has_one_ttl_a_set(read(case.text)) and has_one_ttl_a_set(read(edited)):
        event("TTLs compared")
        ttls = {(o, t, s) for o, s, t, _ in before if (o, t) not in own}
        assert ttls == {(o, t, s) for o, s, t, _ in after if (o, t) not in own}


def has_one_ttl_a_set(zone: Zone) -> bool:
    """Say whether BIND has no cause to change a TTL: in a mixed set it takes the first for all."""
    ttls = {(record.owner, record.rrtype, record.ttl) for record in zone.records}
    return len(ttls) == len({key[:2] for key in ttls})
