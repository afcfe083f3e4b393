"""Names that come from $INCLUDE or $GENERATE: satisfied where they are as declared, else refused."""

from __future__ import annotations

import pytest

GENERATED = "$GENERATE 1-3 host$ A 10.0.0.$\n"
INCLUDED = 'mail A 203.0.113.10\n@ TXT "v=spf1 -all"\n@ MX 10 mail\n'


@pytest.fixture
def zone(unserved):
    """The zone file with a template and an included file; nobody serves it."""
    unserved.zonefile.write_text(unserved.text + GENERATED + "$INCLUDE mail.inc\n")
    unserved.zonefile.with_name("mail.inc").write_text(INCLUDED)
    return unserved


@pytest.mark.parametrize(
    "one",
    [
        ("host2", "A", "10.0.0.2"),
        ("mail", "A", "203.0.113.10"),
        ("@", "TXT", "v=spf1 -all"),
        ("@", "MX", "10 mail.example.org."),
    ],
    ids=["generated", "included", "text", "mx"],
)
def test_what_is_as_declared_is_satisfied_elsewhere(zone, one):
    zone.records(one)
    before = zone.text

    assert zone.plan("--detailed-exitcode").code == 0
    assert zone.apply().code == 0
    assert zone.text == before


@pytest.mark.parametrize(
    ("one", "place", "said"),
    [
        (("host2", "A", "10.0.0.9"), "db.example.org:12", "The zone says host2.example.org. A 10.0.0.2."),
        (
            ("host2", "CNAME", "www.example.org."),
            "db.example.org:12",
            "it is one of many of a $GENERATE line",
        ),
        (("mail", "A", "203.0.113.11"), "mail.inc:1", "it stands in an included file"),
        (("@", "TXT", "v=spf1 mx -all"), "mail.inc:2", 'The zone says example.org. TXT "v=spf1 -all".'),
        (("@", "MX", "20 www.example.org."), "mail.inc:3", "The zone says example.org. MX 10 mail."),
    ],
    ids=["value", "alias", "included", "text", "another of its set"],
)
def test_what_is_not_as_declared_is_refused_with_the_line_to_change(zone, one, place, said):
    zone.records(one, ("other", "A", "203.0.113.50"))

    ended = zone.apply()
    assert ended.code == 4
    assert said in ended.out
    assert f"{place} by hand" in ended.out
    assert "203.0.113.50" in zone.text  # the others are made
    assert one[2] not in zone.text


def test_no_release_lets_it_be_written(zone):
    zone.records(("host2", "CNAME", "www.example.org."))

    assert "CNAME" not in zone.apply("--release", "record/example.org/host2/CNAME").out.partition("Held")[0]


def test_a_removal_of_it_is_refused(zone):
    zone.stack(top="removed: [record/example.org/host2/A/10.0.0.2]")

    ended = zone.apply()
    assert ended.code == 4
    assert "db.example.org:12 by hand" in ended.out


def test_another_record_beside_an_included_text_may_be_added(zone):
    zone.records(("@", "TXT", "hello"))

    assert zone.apply().code == 0


def test_an_included_file_that_cannot_be_read_is_a_finding(zone):
    zone.zonefile.with_name("mail.inc").unlink()
    zone.records(("www", "A", "203.0.113.20"))

    ended = zone.plan()
    assert ended.code == 0
    assert (
        f"! ZONE-15  {zone.zonefile}:13  the included {zone.zonefile.with_name('mail.inc')} cannot be read"
        in (ended.out)
    )


def test_a_file_that_includes_itself_is_read_once(zone):
    zone.zonefile.with_name("mail.inc").write_text(INCLUDED + "$INCLUDE mail.inc\n")
    zone.records(("mail", "A", "203.0.113.10"))

    assert zone.plan("--detailed-exitcode").code == 0


def test_an_soa_in_an_included_file_is_told(unserved):
    unserved.zonefile.with_name("soa.inc").write_text("@ SOA ns1 h 1 1d 2h 4w 1h\n@ NS ns1\n")
    unserved.zonefile.write_text("$TTL 1h\n$INCLUDE soa.inc\nns1 A 203.0.113.2\n")
    unserved.records(("www", "A", "203.0.113.20"))

    assert "It may stand in an included file (soa.inc)" in unserved.plan().err
