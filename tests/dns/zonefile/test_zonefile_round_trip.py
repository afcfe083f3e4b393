"""Generated zones, edited at random: what is not in the edits keeps bytes and meaning, and BIND agrees."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from reconciler.backends.dns.zonefile.edits import Add, Adopt, Delete, Edit, Forget, Replace
from reconciler.backends.dns.zonefile.serial import next_serial
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.dnsdata.data import canonical

NAMES = ["@", "www", "mail", "_dmarc", "ms1._domainkey", "_imaps._tcp", "a.b", "*", "Host-1", "x\\.y"]
ALIASES = ["ftp", "autoconfig", "old.b"]
DATA = {
    "A": ["192.0.2.1", "192.0.2.2", "192.0.2.3"],
    "AAAA": ["2001:DB8::1", "2001:db8:0:0::2", "::ffff:192.0.2.1"],
    "MX": ["10 mail", "10 mail.example.net.", "020 Mail"],
    "TXT": [
        '"v=spf1 mx -all"',
        '"a" "b"',
        "bare",
        '"semi;colon"',
        '"q\\"uote"',
        f'"{"k" * 255}" "{"m" * 60}"',
    ],
    "SRV": ["0 1 993 mail", "5 1 443 @"],
    "CAA": ['0 issue "letsencrypt.org"', "128 iodef mailto:a@example.org"],
    "TLSA": ["3 1 1 " + "ab" * 32],
    "PTR": ["www", "host.example.net."],
    "HINFO": ['"PC" "Linux"'],
    "LOC": ["52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m"],
    "NAPTR": ['1 2 "s" "SIP+D2U" "" _sip._udp'],
    "SSHFP": ["1 1 " + "ab" * 20],
    "TYPE65280": ["\\# 2 ab cd", "\\# 0"],
    "CNAME": ["www", "host.example.net."],
}
PANEL = "; This file was written by a panel.\n; Do not edit: your changes ( will be lost\n\n"


@dataclass(frozen=True)
class Case:
    text: bytes
    edits: list[Edit]


def _now_and_then(draw: st.DrawFn, percent: int) -> bool:
    return draw(st.integers(1, 100)) > 100 - percent


@st.composite
def zones(draw: st.DrawFn) -> bytes:
    """Draw a file like the real ones: 40 % with $ORIGIN, 11 % of the lines with blank owners or units."""
    lines = [PANEL] if _now_and_then(draw, 30) else []
    has_ttl = _now_and_then(draw, 85)
    if has_ttl:
        lines.append(f"$TTL {draw(st.sampled_from(['3600', '1h', '86400']))}\n")
    has_origin = _now_and_then(draw, 40)
    if has_origin:
        lines.append("$ORIGIN example.org.\n")
    serial = draw(st.integers(1.4e9, 1.8e9)) if _now_and_then(draw, 90) else 2026082301
    soa_ttl = "" if has_ttl or _now_and_then(draw, 50) else "77 "
    lines.append(
        f"@ {soa_ttl}IN SOA ns1 host ( {serial} ; serial\n\t1h 15m 2w 5m )\n@ IN NS ns.example.net.\n"
    )
    blank = draw(st.sampled_from(["\t", " ", "   "]))
    rrclass = draw(st.sampled_from(["IN" + blank, "IN" + blank, ""]))
    last = "@"
    for _ in range(draw(st.integers(0, 12))):
        extra = draw(st.integers(1, 100))
        if extra > 95:
            lines.append(
                draw(st.sampled_from(["\n", "; hosts\n", "$TTL 2h\n", "  ; ( \n", "$TTL 300 ; less\n"]))
            )
        elif extra > 92 and has_origin:
            lines.append(draw(st.sampled_from(["$ORIGIN b.example.org.\n", "$ORIGIN example.org.\n"])))
        rrtype = draw(st.sampled_from(sorted(DATA)))
        owner = draw(st.sampled_from(ALIASES if rrtype == "CNAME" else NAMES))
        if rrtype == "CNAME" and any(line.lower().startswith(owner) for line in lines):
            continue
        if owner == last and rrtype != "CNAME" and _now_and_then(draw, 50):
            owner = ""
        last = owner or last
        seconds = draw(st.sampled_from(["300", "1d", "5"])) + blank if _now_and_then(draw, 11) else ""
        rdata = draw(st.sampled_from(DATA[rrtype]))
        if rrtype == "TXT" and " " in rdata and _now_and_then(draw, 50):
            rdata = "( " + rdata.replace('" "', '"\n\t"') + " )"
        comment = draw(st.sampled_from(["", "", "", " ; by hand", ";x", "  ; (old"]))
        lines.append(f"{owner}{blank}{seconds}{rrclass}{rrtype}{blank}{rdata}{comment}\n")
    text = "".join(lines)
    if _now_and_then(draw, 10) and not lines[-1].startswith("$"):
        text = text.rstrip("\n")
    return text.replace("\n", "\r\n" if _now_and_then(draw, 10) else "\n").encode()


def _key(record) -> tuple[str, str, str]:
    return record.owner, record.rrtype, record.value


@st.composite
def cases(draw: st.DrawFn) -> Case:
    text = draw(zones())
    zone = Zone.parse(text, name="example.org", file="db")
    records = {_key(r): r for r in zone.records if r.rrtype not in ("SOA", "NS", "CNAME")}
    taken = set(records)
    edits: list[Edit] = []
    for owner, rrtype, value in (
        draw(st.lists(st.sampled_from(sorted(records)), unique=True, max_size=3)) if records else []
    ):
        match draw(st.sampled_from(["delete", "replace", "ttl", "adopt"])):
            case "delete":
                edits.append(Delete(owner=owner, rrtype=rrtype, value=value))
            case "replace":
                other = canonical(rrtype, draw(st.sampled_from(DATA[rrtype])), "example.org.")
                if (owner, rrtype, other) not in taken:
                    taken.add((owner, rrtype, other))
                    edits.append(Replace(owner=owner, rrtype=rrtype, before=value, value=other, stack="home"))
            case "ttl":
                edits.append(Replace(owner=owner, rrtype=rrtype, before=value, value=value, ttl=60))
            case _:
                edits.append(Adopt(owner=owner, rrtype=rrtype, value=value, stack="home"))
    edits += draw(additions(taken))
    return Case(text, edits)


@st.composite
def additions(draw: st.DrawFn, taken: set[tuple[str, str, str]]) -> list[Edit]:
    edits: list[Edit] = []
    for _ in range(draw(st.integers(0, 3))):
        rrtype = draw(st.sampled_from(sorted(set(DATA) - {"CNAME"})))
        owner = draw(
            st.sampled_from(["example.org.", "www.example.org.", "new.example.org.", "n.b.example.org."])
        )
        value = canonical(rrtype, draw(st.sampled_from(DATA[rrtype])), "example.org.")
        if (owner, rrtype, value) not in taken:
            taken.add((owner, rrtype, value))
            ttl = draw(st.sampled_from([None, None, 60]))
            edits.append(Add(owner=owner, rrtype=rrtype, value=value, ttl=ttl, stack="home"))
    return edits


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
    keys = {_key(record) for record in before.records}
    assert expected(keys, case.edits) == {_key(record) for record in after.records}
    own = touched(case.edits)
    ttls = Counter((*_key(record), record.ttl) for record in before.records if _key(record) not in own)
    assert ttls == Counter((*_key(record), record.ttl) for record in after.records if _key(record) not in own)


@given(cases())
def test_lines_that_no_edit_is_about_keep_their_bytes_and_order(case):
    zone = read(case.text)
    after = iter(re.split(rb"\r?\n", zone.edit(case.edits)))
    own = touched(case.edits)
    spans = [(zone.scan.lines[i], zone.scan.logical(i)) for i in range(len(zone))]
    free: set[int] = set()
    changes = False
    for (line, logical), record in zip(spans, zone.records, strict=True):
        is_own = _key(record) in own
        if is_own or changes:
            free.update(range(line, line + logical.lines))
        changes = is_own  # The next line may have to write out what it inherited.
    lines = re.split(rb"\r?\n", case.text)
    kept = [line for number, line in enumerate(lines) if number not in free]
    assert [] == [line for line in kept if line not in after]


@given(zones(), st.data())
def test_an_addition_undone_gives_the_old_bytes(text, data):
    zone = read(text)
    edits = data.draw(additions({_key(record) for record in zone.records}))
    after = read(zone.edit(edits))
    undo = [Delete(owner=edit.owner, rrtype=edit.rrtype, value=edit.value) for edit in edits]
    assert text == after.edit(undo)


@given(zones())
def test_an_adoption_forgotten_gives_the_old_bytes(text):
    zone = read(text)
    keys = {_key(record) for record in zone.records if record.rrtype != "SOA"}
    adopted = zone.edit([Adopt(owner=o, rrtype=t, value=v, stack="home") for o, t, v in sorted(keys)])
    assert keys == {_key(record) for record in read(adopted).marked if record.mark.is_valid}
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
