"""A record's line says its type and its name, also where a name or a zone has a slash in it (RFC 2317)."""

from __future__ import annotations

import plans
import pytest

from reconciler.diff import Change, Verb
from reconciler.kinds.record import Parts, parts_of, set_of
from reconciler.render import text
from reconciler.resource import Address


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("example.org/www/CNAME", ("example.org", "www", "CNAME", "")),
        ("example.org/@/MX/10 mail.example.org.", ("example.org", "@", "MX", "10 mail.example.org.")),
        ('example.org/@/TXT/"a/B"', ("example.org", "@", "TXT", '"a/B"')),
        (
            "0/25.2.0.192.in-addr.arpa/7/PTR/a.example.org.",
            ("0/25.2.0.192.in-addr.arpa", "7", "PTR", "a.example.org."),
        ),
        (
            "2.0.192.in-addr.arpa/0/25/NS/ns.example.org.",
            ("2.0.192.in-addr.arpa", "0/25", "NS", "ns.example.org."),
        ),
        ("lab/a.b/A/192.0.2.1", ("lab", "a.b", "A", "192.0.2.1")),
    ],
)
def test_an_address_has_its_parts(address, parts):
    assert parts_of(Address("record", address)) == Parts(*parts)


def test_the_set_of_a_name_with_a_slash_is_in_its_zone():
    address = Address("record", "0/25.2.0.192.in-addr.arpa/7/PTR/a.example.org.")

    assert set_of(address) == ("0/25.2.0.192.in-addr.arpa.", "7.0/25.2.0.192.in-addr.arpa.", "PTR")


@pytest.mark.parametrize("name", ["", "example.org", "example.org/@", "example.org/www/cname"])
def test_what_has_no_type_is_no_records_address(name):
    assert parts_of(Address("record", name)) is None


def test_a_plan_calls_such_a_record_by_its_name():
    gone = Change(address=Address("record", "2.0.192.in-addr.arpa/0/25/NS/ns.example.org."), verb=Verb.DELETE)

    assert "    - NS  0/25  ns.example.org.\n" in text.plan(plans.plan(gone))
