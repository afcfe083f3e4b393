"""What golden files cannot show: bytes that editors hide, undoing, refusals."""

from __future__ import annotations

import pytest

from reconciler.backends.dns.zonefile.edits import Add, Adopt, Delete, Replace
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.errors import InputError, WriteError

HEAD = b"$TTL 3600\n@ IN SOA ns1 h 1 3600 900 1209600 300\n@ IN NS ns.example.net.\n"
NEW = Add(owner="n.example.org.", rrtype="A", value="192.0.2.9")
A = {"owner": "a.example.org.", "rrtype": "A"}


def zone_of(text: bytes) -> Zone:
    return Zone.parse(text, name="example.org", file="db.example.org")


def test_no_edits_give_the_same_bytes():
    text = HEAD + b"; \xe9\r\n\t \nx TXT ( y ; z\n )   \n   \n;end"
    assert text == zone_of(text).edit([])


BYTES = {
    "CR LF": (HEAD.replace(b"\n", b"\r\n"), b"n IN A 192.0.2.9\r\n"),
    "no last newline": (HEAD + b"a IN A 192.0.2.1", b"\nn IN A 192.0.2.9"),
    "CR LF and no last newline": (
        HEAD.replace(b"\n", b"\r\n") + b"a IN A 192.0.2.1",
        b"\r\nn IN A 192.0.2.9",
    ),
    "Latin-1": (HEAD + b"a IN A 192.0.2.1 ; \xe9\n", b"n IN A 192.0.2.9\n"),
}


@pytest.mark.parametrize(("before", "added"), BYTES.values(), ids=BYTES.keys())
def test_a_line_is_added_in_the_file_s_bytes_and_goes_without_trace(before, added):
    after = zone_of(before).edit([NEW])
    assert before + added == after
    assert before == zone_of(after).edit([Delete(owner=NEW.owner, rrtype="A", value=NEW.value)])


def test_a_mixed_file_takes_the_newline_of_its_neighbour():
    before = HEAD + b"a IN A 192.0.2.1\r\nb IN TXT x\n"
    assert HEAD + b"a IN A 192.0.2.1\r\nn IN A 192.0.2.9\r\nb IN TXT x\n" == zone_of(before).edit([NEW])


def test_long_text_takes_the_file_s_newline():
    before = HEAD.replace(b"\n", b"\r\n")
    after = zone_of(before).edit([Add(owner="t.example.org.", rrtype="TXT", value='"' + "x" * 256 + '"')])
    assert b'( "' + b"x" * 255 + b'"\r\n           "x" )\r\n' == after[len(before) + len(b"t IN TXT ") :]


def test_text_is_cut_by_octets_not_by_what_is_written():
    value = '"' + "\\195" * 255 + '"'
    after = zone_of(HEAD).edit([Add(owner="t.example.org.", rrtype="TXT", value=value)])
    assert HEAD + b"t IN TXT " + value.encode() + b"\n" == after


def test_a_whole_set_goes_and_comes_back_to_its_place():
    before = HEAD + b"a IN A 192.0.2.1\nb IN TXT x\n"
    gone = zone_of(before).edit([Delete(**A, value="192.0.2.1")])
    assert HEAD + b"b IN TXT x\n" == gone


def test_deleting_the_last_line_leaves_no_newline_where_none_was():
    before = HEAD + b"a IN A 192.0.2.1\nb IN TXT x"
    assert HEAD + b"a IN A 192.0.2.1" == zone_of(before).edit(
        [Delete(owner="b.example.org.", rrtype="TXT", value='"x"')]
    )


def test_deleting_the_line_behind_a_directive_leaves_its_newline():
    """BIND does not load a file whose last line is a directive without one."""
    before = HEAD + b"$TTL 5\na IN A 192.0.2.1"
    assert HEAD + b"$TTL 5\n" == zone_of(before).edit([Delete(**A, value="192.0.2.1")])


def test_only_the_digits_of_the_serial_change():
    text = b"$TTL 1h\n@ SOA a b(\r\n\t0012;keep 12\n 1h 15m\t2w 5m ) ; 12\n@ NS c.\n"
    assert text.replace(b"0012", b"2026082301") == zone_of(text).edit([], serial=2026082301)


def test_a_record_that_is_not_there_is_stale():
    with pytest.raises(WriteError) as caught:
        zone_of(HEAD).edit([Delete(**A, value="192.0.2.1")])
    assert (
        "db.example.org: record to be changed is not in the zone file\n"
        "    a.example.org. A 192.0.2.1\n"
        "    The file is not as it was when the plan was made; plan again."
    ) == str(caught.value)


def test_a_record_that_is_there_cannot_be_added():
    with pytest.raises(WriteError, match="to be added is in the zone file already"):
        zone_of(HEAD + b"A IN A 192.0.2.1\n").edit([Add(**A, value="192.0.2.1")])


def test_a_record_may_go_and_come_in_one_run():
    before = HEAD + b"a 5 IN A 192.0.2.1 ; x\n"
    edits = [Delete(**A, value="192.0.2.1"), Add(**A, value="192.0.2.1", ttl=3600)]
    assert HEAD + b"a IN A 192.0.2.1\n" == zone_of(before).edit(edits)


def test_two_edits_of_one_record_are_an_error_of_the_caller():
    edits = [Delete(**A, value="192.0.2.1"), Adopt(**A, value="192.0.2.1", stack="home")]
    with pytest.raises(ValueError, match="two edits of one record"):
        zone_of(HEAD + b"a IN A 192.0.2.1\n").edit(edits)


def test_the_soa_is_not_edited():
    with pytest.raises(ValueError, match="SOA"):
        zone_of(HEAD).edit([Delete(owner="example.org.", rrtype="SOA", value="x")])


@pytest.mark.parametrize("text", [HEAD + b"a IN TXT ( x\n", HEAD + b'a IN TXT "x\n', b"", b"; nothing\n"])
def test_a_file_that_cannot_be_read_is_not_edited(text):
    with pytest.raises(InputError):
        zone_of(text).edit([NEW])


CHAIN = b"@ 77 IN SOA ns1 h 1 3600 900 1209600 300\n@ IN NS ns.example.net.\na 5 IN A 192.0.2.1\n"


@pytest.mark.parametrize(
    "text",
    [
        CHAIN + b"$INCLUDE hosts\n",
        CHAIN + b"$GENERATE 1-3 h$ A 192.0.2.$\n",
        CHAIN + b"$GENERATE 1-3 h$ A 192.0.2.$\nb IN TXT x\n",
        b"@ 77 IN SOA a b 1 2 3 4 5\n$INCLUDE hosts\na 5 IN A 192.0.2.1\nb IN TXT x\n",
    ],
)
def test_a_ttl_that_only_an_include_or_a_generate_line_inherits_is_not_changed(text):
    for edit in [Delete(**A, value="192.0.2.1"), Replace(**A, before="192.0.2.1", value="192.0.2.1", ttl=6)]:
        with pytest.raises(WriteError, match="inherits its TTL"):
            zone_of(text).edit([edit])


@pytest.mark.parametrize(
    "text",
    [
        CHAIN + b"$TTL 9\n$INCLUDE hosts\n",
        CHAIN + b"$GENERATE 1-3 h$ 8 A 192.0.2.$\nb IN TXT x\n",
        b"$TTL 7\n@ IN SOA a b 1 2 3 4 5\n$INCLUDE hosts\na 5 IN A 192.0.2.1\nb IN TXT x\n",
    ],
)
def test_a_ttl_that_nothing_inherits_may_go(text):
    line = b"a 5 IN A 192.0.2.1\n"
    assert text.replace(line, b"") == zone_of(text).edit([Delete(**A, value="192.0.2.1")])


def test_a_changed_ttl_is_written_out_where_it_was_inherited():
    before = CHAIN + b"b IN TXT x\nc IN TXT x\n"
    after = zone_of(before).edit([Replace(**A, before="192.0.2.1", value="192.0.2.1", ttl=6)])
    assert CHAIN.replace(b"a 5", b"a 6") + b"b 5 IN TXT x\nc IN TXT x\n" == after


@pytest.mark.parametrize("stack", [None, "home"])
def test_a_replaced_record_has_the_mark_that_the_edit_says(stack):
    before = HEAD + b"a IN A 192.0.2.1 ; x ; mailstack:home:abcdef\n"
    after = zone_of(before).edit([Replace(**A, before="192.0.2.1", value="192.0.2.2", stack=stack)])
    marks = [record.mark.stack for record in zone_of(after).marked if record.mark.is_valid]
    assert ([stack] if stack else []) == marks
    assert b"a IN A 192.0.2.2 ; x" in after


def test_data_are_split_where_parentheses_were_closed_before_them():
    before = HEAD + b'a ( IN ) TXT "x" "y"\n'
    value = '"' + "z" * 600 + '"'
    edit = Replace(owner="a.example.org.", rrtype="TXT", before='"xy"', value=value)
    (record,) = zone_of(zone_of(before).edit([edit])).find("a.example.org.", "TXT")
    assert value == record.value


def test_data_come_where_none_were():
    edit = Replace(owner="a.example.org.", rrtype="APL", before="", value="1:192.0.2.0/24")
    assert HEAD + b"a APL 1:192.0.2.0/24\n" == zone_of(HEAD + b"a APL\n").edit([edit])
