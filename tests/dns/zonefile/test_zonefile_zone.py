from __future__ import annotations

import pytest

from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.errors import InputError

TEXT = b"""$ORIGIN example.org.
$TTL 1h
@ IN SOA ns1 h ( 2026082301 ; serial
  1h 15m 2w 5m )
@ IN NS ns1
ns1 300 IN A 192.0.2.1 ; first
    IN AAAA 2001:DB8::1
$INCLUDE hosts.db sub ; more
$GENERATE 1-2 dyn$ A 192.0.2.$
"""


@pytest.mark.parametrize("name", ["example.org", "example.org.", "Example.ORG", None])
def test_the_name_is_absolute_and_lower_case(name):
    assert "example.org." == Zone.parse(TEXT, name=name, file="db").name


def test_a_record_says_what_it_is_and_where():
    zone = Zone.parse(TEXT, name="example.org", file="db")
    (record,) = zone.find("ns1.example.org.", "AAAA")
    assert ("ns1.example.org.", "AAAA", None, "2001:DB8::1", "2001:db8::1", 7, None) == (
        record.owner,
        record.rrtype,
        record.ttl if record.ttl != 3600 else None,
        record.rdata,
        record.value,
        record.line,
        record.mark,
    )


def test_a_name_is_found_with_all_its_records_in_order():
    zone = Zone.parse(TEXT, name="example.org", file="db")
    assert ["A", "AAAA"] == [record.rrtype for record in zone.find("ns1.example.org.")]
    assert [] == zone.find("nobody.example.org.")
    assert (4, 4) == (len(zone), len(list(zone.records)))


def test_what_the_file_brings_in_is_told():
    zone = Zone.parse(TEXT, name="example.org", file="db")
    assert [(8, "hosts.db", "sub.example.org.")] == [(i.line, i.file, i.origin) for i in zone.includes]
    assert {"dyn1.example.org.": "192.0.2.1", "dyn2.example.org.": "192.0.2.2"} == {
        owner: found[0].value for owner, found in zone.generated.items()
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TEXT, 2026082301),
        (b"@ SOA a b 1 2 3 4 5", 1),
        (b"@ SOA a b 1h 2 3 4 5", None),
        (b"@ SOA a b 4294967296 2 3 4 5", None),
        (b"@ SOA a b", None),
        (b"", None),
    ],
)
def test_the_serial_is_read(text, expected):
    assert expected == Zone.parse(text, name="example.org", file="db").serial


def test_data_that_nobody_can_read_stand_for_themselves():
    text = b"$TTL 1\n@ SOA a b 1 2 3 4 5\nx A  1.2.3\ny TALINK a  b\n"
    zone = Zone.parse(text, name="example.org", file="db")
    assert ["1.2.3", "a b"] == [record.value for record in zone.records][1:]


@pytest.mark.parametrize("text", [b"", b"@ SOA a b 1 2 3 4 5\n", b"; only a comment"])
def test_without_a_name_the_soa_must_say_it(text):
    with pytest.raises(InputError) as caught:
        Zone.parse(text, name=None, file="db.example.org")
    assert "db.example.org: zone name not in the file" in str(caught.value)


def test_a_file_of_another_zone_is_refused():
    with pytest.raises(InputError) as caught:
        Zone.parse(TEXT, name="example.net", file="db.example.org")
    assert (
        "db.example.org:3: zone file of another zone\n"
        "    The SOA here is that of example.org., and example.net. is expected.\n"
        "    Correct `zone:` or `zonefile:` in the stack, or the $ORIGIN above the SOA."
    ) == str(caught.value)
