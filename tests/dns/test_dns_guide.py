"""The files of people who followed the usual guide, with the traps that are in them."""

from __future__ import annotations

import pytest

# The template of a BIND package: everything under $ORIGIN . until the next one.
TEMPLATE = """\
$TTL 3600
$ORIGIN .
example.org             IN SOA  ns1.example.org. postmaster.example.org. (
                                2026010101 ; serial
                                43200      ; refresh
                                3600       ; retry
                                1209600    ; expire
                                3600       ; minimum
                                )
                        NS      ns1.example.org.
ns1.example.org         A       203.0.113.2
mail                    A       203.0.113.10
"""

PAGE = """\
$TTL    3600
@       IN      SOA     ns1.example.org. postmaster.example.org. (
                        2026010101      ; Serial
                        3600            ; Refresh
                        1800            ; Retry
                        604800          ; Expire
                        86400 )         ; Negative Cache TTL
;
@       IN      NS      ns1.example.org.
ns1     IN      A       203.0.113.2
mail    IN      A       203.0.113.10
@       IN      MX      10 mail.example.org.
"""

# What a server in a container proposes that does not know its name.
BAD_EXAMPLE = """\
example.org. IN MX 10 4f1c2b3a9d8e.
example.org. IN TXT "v=spf1 mx ra=postmaster -all"
mail.example.org. IN CNAME 4f1c2b3a9d8e.
"""
# And one that does, pasted as it is shown.
GOOD_EXAMPLE = """\
mail.example.org. IN CNAME mail.example.org.
autoconfig.example.org. IN CNAME mail.example.org.
"""


def test_a_name_that_falls_out_of_the_zone_is_not_taken_for_the_one_in_it(unserved):
    unserved.zonefile.write_text(TEMPLATE)
    unserved.records(("mail", "A", "203.0.113.10"), reload=["true"])

    assert unserved.apply().code == 0
    gone, new = unserved.difference(TEMPLATE)
    assert [line.split() for line in gone] == [["2026010101", ";", "serial"]]
    assert [line.split(" ; ")[0].split() for line in new if "serial" not in line] == [
        ["mail.example.org.", "A", "203.0.113.10"]
    ]


def test_the_zone_of_the_page_gets_the_mail_records_and_keeps_its_shape(site):
    site.zonefile.write_text(PAGE)
    site.named.tell("reload", "example.org")
    site.stack(
        "addresses: [203.0.113.10]",
        top="hostname: mail.example.org",
        mail=["mx", "spf", "dmarc", "tls_rpt", "srv"],
    )

    assert site.apply().code == 0
    gone, _ = site.difference(PAGE)
    # The serial, and two records that get the mark: what was as declared stays where it is.
    assert [line.split(";")[0].split() for line in gone] == [
        ["2026010101"],
        ["mail", "IN", "A", "203.0.113.10"],
        ["@", "IN", "MX", "10", "mail.example.org."],
    ]
    assert site.named.dig("_dmarc.example.org", "TXT") == [
        '"v=DMARC1; p=none; rua=mailto:postmaster@example.org"'
    ]
    assert site.plan("--detailed-exitcode").code == 0


@pytest.mark.parametrize("pasted", [GOOD_EXAMPLE, BAD_EXAMPLE], ids=["good example", "bad example"])
def test_an_alias_in_the_way_of_the_hostname_is_held_until_it_is_listed(unserved, pasted):
    unserved.zonefile.write_text(PAGE.replace("mail    IN      A       203.0.113.10\n", "") + pasted)
    top = "hostname: mail.example.org"
    unserved.stack("addresses: [203.0.113.10]", top=top, reload=["true"])

    ended = unserved.apply()
    assert ended.code == 4
    assert "removed: [record/example.org/mail/CNAME]" in ended.out

    unserved.stack(
        "addresses: [203.0.113.10]", top=f"{top}\nremoved: [record/example.org/mail/CNAME]", reload=["true"]
    )
    assert unserved.apply().code == 0
    assert "mail.example.org. IN CNAME" not in unserved.text


def test_an_alias_to_itself_is_held_with_words_that_help(unserved):
    unserved.zonefile.write_text(PAGE.replace("mail    IN      A       203.0.113.10\n", ""))
    unserved.records(("mail", "CNAME", "mail.example.org."), reload=["true"])
    before = unserved.text

    ended = unserved.apply()
    assert ended.code == 4
    assert unserved.text == before
    assert (
        "        ZONE-03  mailstack.yaml:10  mail.example.org -> mail.example.org: "
        "the alias leads back to itself, and nobody gets an address\n"
        "        To mend it: mail.example.org. IN A ...\n"
    ) in ended.out
