"""Rules that this version does not check: they need the network, which it does not ask.

They are counted as skipped, never as passed; their pages say what to look at by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene


def fcrdns(scene: Scene) -> Iterator[Found]:
    """HOST-06: The address from which mail leaves has a name, and the name has the address.

    Severity: error
    Looks at: network

    For each address of the hostname there is a PTR record, and the name in it has that address.

    Why: Gmail, Yahoo and many others refuse mail from an address without one.

    Fix: Ask whoever gave you the address for the PTR: the plan notes which.

    Source: RFC 1912 §2.1
    """
    return iter(())


def ptr_name(scene: Scene) -> Iterator[Found]:
    """HOST-07: The PTR name is the one in EHLO.

    Severity: warning
    Looks at: network

    It is the hostname, and none that a provider makes for all its customers.

    Why: Filters take a generic name for a dial-up line and the mail for spam.

    Fix: Have the PTR set to the hostname.

    Source: M3AAWG Sender Best Common Practices
    """
    return iter(())


def ipv6_whole(scene: Scene) -> Iterator[Found]:
    """HOST-08: IPv6 is offered whole or not at all.

    Severity: warning
    Looks at: network

    Where the hostname has AAAA, that address has a PTR, passes SPF and is listened on.

    Why: Senders try IPv6 first; Gmail refuses what comes by it without a PTR.

    Fix: Complete it, or take the AAAA away.

    Source: RFC 5321 §5, Google's sender guidelines
    """
    return iter(())


def port_25_out(scene: Scene) -> Iterator[Found]:
    """NET-01: The server reaches port 25 of others.

    Severity: error
    Looks at: network

    A connection to a known MX comes about.

    Why: Many providers block it: mail waits in the queue for days and comes back.

    Fix: Have it opened, or send through a relay.

    Source: RFC 5321 §4.5.4
    """
    return iter(())


def ports_open(scene: Scene) -> Iterator[Found]:
    """NET-02: The ports that are declared can be reached, and no others.

    Severity: warning
    Looks at: network

    From outside, mail ports answer, and the management port (8080) does not.

    Why: Mail does not come in, or strangers guess the administrator's password.

    Fix: Mend the firewall.

    Source: RFC 8314 §3.3
    """
    return iter(())


def blocklists(scene: Scene) -> Iterator[Found]:
    """NET-03: The server's address is on no block list.

    Severity: warning
    Looks at: network

    The well-known lists answer that they do not have it. An answer in 127.255.255.0/24 says that the list
    refused the question, and counts as not asked.

    Why: Receivers that use the list refuse all mail.

    Fix: Ask the list to take the address off, once the cause is gone.

    Source: RFC 5782 §2.1
    """
    return iter(())


def egress(scene: Scene) -> Iterator[Found]:
    """NET-05: Mail leaves from the address that SPF names.

    Severity: warning
    Looks at: network

    The address that others see is one of the hostname's.

    Why: SPF fails at every receiver, although each record looks right.

    Fix: Send through the tunnel or relay whose address is published.

    Source: RFC 7208 §2.4
    """
    return iter(())


def delegation(scene: Scene) -> Iterator[Found]:
    """NS-01: The parent names the same name servers as the zone.

    Severity: error
    Looks at: network

    The NS set at the parent is that of the zone, and glue has the zone's addresses.

    Why: Resolvers go by the parent: a server that it does not name is never asked, one that is gone costs
    time-outs.

    Fix: Have the registrar's entry changed.

    Source: RFC 1034 §4.2.2, RFC 1912 §2.3
    """
    return iter(())


def two_servers(scene: Scene) -> Iterator[Found]:
    """NS-02: There are two name servers, in different places.

    Severity: warning
    Looks at: network

    The names of the NS set lead to two addresses at least, in different networks.

    Why: While the only one is down, mail to the domain waits, and some of it comes back.

    Fix: Take a secondary; several are free.

    Source: RFC 2182 §5
    """
    return iter(())


def name_server_open(scene: Scene) -> Iterator[Found]:
    """NS-05: The name server answers strangers for its own zones only.

    Severity: warning
    Looks at: network

    It gives no recursion and no zone transfer to everybody.

    Why: It is used to flood others, and everybody sees all names.

    Fix: `recursion no;` and `allow-transfer` in named.conf

    Source: RFC 5358 §4
    """
    return iter(())


def dnssec(scene: Scene) -> Iterator[Found]:
    """NS-06: A signed zone validates.

    Severity: error
    Looks at: network

    Where the parent has a DS, the zone's signatures fit it and last three days more at least.

    Why: Resolvers that validate answer SERVFAIL: the domain is gone for them.

    Fix: Sign anew, or have the DS taken away.

    Source: RFC 4035, RFC 6781
    """
    return iter(())


def dane_signed(scene: Scene) -> Iterator[Found]:
    """DANE-01: A TLSA record stands in a signed zone.

    Severity: error
    Looks at: network

    DNSSEC protects the zone of the MX host.

    Why: Without it, senders ignore the record.

    Fix: Sign the zone, or take the record away.

    Source: RFC 7672 §2.2
    """
    return iter(())


def dane_matches(scene: Scene) -> Iterator[Found]:
    """DANE-02: A TLSA record fits the certificate that is served.

    Severity: error
    Looks at: network

    One record of `_25._tcp` of the MX host matches what STARTTLS shows on port 25.

    Why: Senders that honour DANE refuse to deliver.

    Fix: Publish the record of the key in use; the next one before it is used.

    Source: RFC 7672 §3
    """
    return iter(())


def certificate_valid(scene: Scene) -> Iterator[Found]:
    """TLS-01: The certificate is valid for the names that programs use.

    Severity: error
    Looks at: network

    On 25, 465, 587, 993 and 443 the chain is whole, and the hostname is in it.

    Why: Programs warn or refuse, and people learn to click warnings away.

    Fix: Get one by ACME: `tls: {acme: letsencrypt, ...}`

    Source: RFC 8314 §5, RFC 9525
    """
    return iter(())


def certificate_fresh(scene: Scene) -> Iterator[Found]:
    """TLS-02: The certificate is renewed in time.

    Severity: warning
    Looks at: network

    A third of its life is left at least.

    Why: When it has run out, programs and strict senders refuse the server.

    Fix: Read the server's log for `acme`.

    Source: CA/Browser Forum ballot SC-081
    """
    return iter(())


def tls_recent(scene: Scene) -> Iterator[Found]:
    """TLS-03: TLS is recent, and logins need it.

    Severity: warning
    Looks at: network

    TLS before 1.2 is not offered, and AUTH only after STARTTLS.

    Why: Passwords can be read on the way.

    Fix: Leave Stalwart's defaults as they are.

    Source: RFC 8996, RFC 8314 §4
    """
    return iter(())


def autoconfig_answers(scene: Scene) -> Iterator[Found]:
    """AUTO-01: autoconfig answers with settings that work.

    Severity: warning
    Looks at: network

    `autoconfig.<domain>` serves the XML with the hostname and its ports.

    Why: Thunderbird asks people for ports, and they guess.

    Fix: Let the name lead to the server, and its certificate hold it.

    Source: draft-ietf-mailmaint-autoconfig
    """
    return iter(())


def pacc(scene: Scene) -> Iterator[Found]:
    """AUTO-04: The digest of the PACC document is that of what is served.

    Severity: hint
    Looks at: network

    Where `_ua-auto-config` is published, its digest fits.

    Why: Programs refuse the document.

    Fix: Publish it anew.

    Source: draft-ietf-mailmaint-pacc
    """
    return iter(())


def backup(scene: Scene) -> Iterator[Found]:
    """OPS-01: There is a backup from before a plan that deletes.

    Severity: warning
    Looks at: backups

    mailstack keeps the former zone file and config.toml beside the new ones. Of mail it makes no backup and
    knows of none.

    Why: What an account that goes takes along is gone for ever.

    Fix: Make one before you apply a plan with `-` in it.

    Source: the project's rules of removal
    """
    return iter(())


RULES: Final[tuple[Check, ...]] = (
    fcrdns,
    ptr_name,
    ipv6_whole,
    port_25_out,
    ports_open,
    blocklists,
    egress,
    delegation,
    two_servers,
    name_server_open,
    dnssec,
    dane_signed,
    dane_matches,
    certificate_valid,
    certificate_fresh,
    tls_recent,
    autoconfig_answers,
    pacc,
    backup,
)
