from __future__ import annotations

import pytest

from reconciler.backends.dns.zonefile.edits import Adopt, Forget
from reconciler.backends.dns.zonefile.marks import Standing, check_of, remarked, standing
from reconciler.backends.dns.zonefile.zone import Zone

HEAD = b"$TTL 3600\n@ IN SOA ns1 h 1 3600 900 1209600 300\n@ NS ns.example.net.\n"
A = check_of("a.example.org.", "A", "192.0.2.1").encode()


def zone_of(text: bytes) -> Zone:
    return Zone.parse(HEAD + text, name="example.org", file="db")


def standings(text: bytes, stack: str = "home") -> list[Standing]:
    return [standing(record.mark, stack) for record in zone_of(text).records][2:]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"a A 192.0.2.1", Standing.UNMARKED),
        (b"a A 192.0.2.1 ; mine", Standing.UNMARKED),
        (b"a A 192.0.2.1 ; mailstack:home:" + A, Standing.MINE),
        (b"a 5 IN A 192.0.2.1 ; first ; mailstack:home:" + A, Standing.MINE),
        (b"A.Example.org. A 192.0.2.1;mailstack:home:" + A + b"  ", Standing.MINE),
        (b"a A ( 192.0.2.1 ; inner\n ) ; mailstack:home:" + A, Standing.MINE),
        (b"a A 192.0.2.1 ; mailstack:other.org:" + A, Standing.FOREIGN),
        (b"b A 192.0.2.1 ; mailstack:home:" + A, Standing.STALE),
        (b"a A 192.0.2.2 ; mailstack:home:" + A, Standing.STALE),
        (b"a A 192.0.2.1 ; mailstack:home:" + A[:5], Standing.STALE),
        (b"a A 192.0.2.1 ; mailstack:home:" + A + b" do not touch", Standing.STALE),
        (b"a A 192.0.2.1 ; mailstack:home:" + A + b" ; mailstack:other:" + A, Standing.STALE),
        (b'a TXT "; mailstack:home:' + A + b'"', Standing.UNMARKED),
    ],
)
def test_whose_a_record_is(line, expected):
    assert [expected] == standings(line + b"\n")


def test_a_copied_line_is_stale_and_the_first_stays_ours():
    line = b"A 192.0.2.1 ; mailstack:home:" + A + b"\n"
    assert [Standing.MINE, Standing.STALE] == standings(b"a " + line + b"b " + line)


def test_two_stacks_share_a_file():
    text = b"a A 192.0.2.1 ; mailstack:home:" + A + b"\n"
    assert [Standing.MINE] == standings(text, "home")
    assert [Standing.FOREIGN] == standings(text, "work")


def test_the_check_does_not_depend_on_how_the_datum_is_written():
    text = b'x TXT "v=DMARC1; " "p=none" ; mailstack:home:'
    mark = check_of("x.example.org.", "TXT", '"v=DMARC1; p=none"').encode()
    assert [Standing.MINE] == standings(text + mark + b"\n")


def test_marked_records_are_found_without_reading_the_others():
    zone = zone_of(b"a A 192.0.2.1 ; mailstack:home:" + A + b"\nb A 192.0.2.2\nc TXT mailstack:x\n")
    assert [("a.example.org.", 4)] == [(record.owner, record.line) for record in zone.marked]


@pytest.mark.parametrize(
    "text",
    [
        b";a A 192.0.2.1 ; mailstack:home:abcdef\n",
        b"x TXT y\n\n; mailstack:home:abcdef\n",
        b"$ORIGIN sub ; mailstack:home:abcdef\n",
        b"x TXT ( y ; mailstack:home:abcdef\n )\n",
    ],
)
def test_a_mark_on_no_record_is_stray(text):
    zone = zone_of(text)
    column = text.split(b"\n")[text[: text.find(b"mailstack")].count(b"\n")].find(b"mailstack") + 1
    assert ([], [column]) == (zone.marked, [where.column for where in zone.stray_marks])


LINES = {
    "plain": (b"a A 192.0.2.1\n", b"a A 192.0.2.1 ; mailstack:home:" + A + b"\n"),
    "comment": (b"a A 192.0.2.1 ; x\n", b"a A 192.0.2.1 ; x ; mailstack:home:" + A + b"\n"),
    "blanks": (b"a A 192.0.2.1  \n", b"a A 192.0.2.1   ; mailstack:home:" + A + b"\n"),
    "glued comment": (b"a A 192.0.2.1;x\n", b"a A 192.0.2.1;x ; mailstack:home:" + A + b"\n"),
    "CR LF": (b"a A 192.0.2.1\r\n", b"a A 192.0.2.1 ; mailstack:home:" + A + b"\r\n"),
    "no newline": (b"a A 192.0.2.1", b"a A 192.0.2.1 ; mailstack:home:" + A),
    "parentheses": (b"a A ( 192.0.2.1 ; x\n)\n", b"a A ( 192.0.2.1 ; x\n) ; mailstack:home:" + A + b"\n"),
    "Latin-1": (b"a A 192.0.2.1 ; \xe9\n", b"a A 192.0.2.1 ; \xe9 ; mailstack:home:" + A + b"\n"),
}


@pytest.mark.parametrize(("before", "after"), LINES.values(), ids=LINES.keys())
def test_adopting_adds_the_mark_and_forgetting_gives_the_old_bytes(before, after):
    record = {"owner": "a.example.org.", "rrtype": "A", "value": "192.0.2.1"}
    adopted = zone_of(before).edit([Adopt(**record, stack="home")])
    assert HEAD + after == adopted
    assert [Standing.MINE] == standings(after)
    assert HEAD + before == zone_of(after).edit([Forget(**record)])


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        (b" ; mailstack:home:abcdef", b" ; mailstack:home:000000"),
        (b" ; x ; mailstack:home:abc", b" ; x ; mailstack:home:000000"),
        (b" ; mailstack:home:abcdef do not touch", b" ; do not touch ; mailstack:home:000000"),
        (b" ;mailstack:a:1 ; mailstack:b:2", b" ; mailstack:home:000000"),
    ],
)
def test_a_mangled_mark_is_replaced_and_words_stay_a_comment(tail, expected):
    assert expected == remarked(tail, b"; mailstack:home:000000")
