"""Live states for Hypothesis: everything that a server can hold, also what no stack can say."""

from __future__ import annotations

import json

from hypothesis import strategies as st
from mail_server import HOSTNAME, MailServer, Principal

from reconciler.backends.dns.zonefile.marks import check_of
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.takeover.settings import DEFAULTS

HERE = ("example.org", "example.net", "xn--mnchen-3ya.example")
GONE = "gone.test"
LOCALS = ("alice", "bob", "007", "none", "no", "o'hara+x", "{domain}", "true", "carol")
NAMES = st.sampled_from(
    [
        "",
        "Alice",
        "a: b #c",
        "two\nlines",
        "\x1b[31mred",
        "!!python/object",
        "- x",
        '"',
        "\u202e",
        "Ünal",
        "x" * 300,
    ]
)
IPS = ("203.0.113.10", "203.0.113.0/24", "198.51.100.7", "2001:db8::1", "::ffff:1.2.3.4")
KEYS = [*list(DEFAULTS)[:6], "session.odd", "store.db.password"]


@st.composite
def addresses(draw: st.DrawFn) -> str:
    return f"{draw(st.sampled_from(LOCALS))}@{draw(st.sampled_from([*HERE, GONE]))}"


@st.composite
def servers(draw: st.DrawFn) -> MailServer:
    """Draw a server.  Addresses are unique on it, as on a real one."""
    server = MailServer()
    server.domains.update([*HERE, GONE])
    taken: set[str] = set()
    logins: set[str] = set(HERE)
    kinds = st.sampled_from(["account", "account", "account", "list", "group"])
    for number, kind in enumerate(draw(st.lists(kinds, max_size=8))):
        emails = [a for a in draw(st.lists(addresses(), max_size=3, unique=True)) if a not in taken]
        login = draw(
            st.sampled_from(
                [f"u{number}", f"U{number}", *emails[:1], *draw(st.lists(addresses(), max_size=1))]
            )
        )
        if login in logins:
            login = f"u{number}"
        taken.update(emails)
        logins.add(login)
        if draw(st.integers(0, 5)) == 0:
            catch = f"@{draw(st.sampled_from([*HERE, GONE]))}"
            if catch not in taken:
                emails.append(catch)
                taken.add(catch)
        server.make(
            Principal(
                kind=kind,
                login=login,
                emails=tuple(emails),
                name=draw(NAMES),
                quota=draw(st.sampled_from([0, 0, 5 << 30, 1500, 2**63])),
                enabled=draw(st.booleans()),
                admin=draw(st.booleans()),
                password=draw(st.sampled_from([None, "canary-password"])),
            )
        )
    _members(draw, server)
    _settings(draw, server)
    server.domains.discard(GONE)  # what was in a domain that goes stays behind
    server.count_now()
    if draw(st.integers(0, 4)) == 0:
        server.hostname = "old.example.org"  # another one is stored, perhaps, and not loaded yet
    return server


def _members(draw: st.DrawFn, server: MailServer) -> None:
    everybody = sorted(server.principals)
    outside = st.lists(
        st.sampled_from(["z@elsewhere.test", "Z@Elsewhere.test", "alice@example.org", "x@gone.test"]),
        unique=True,
    )
    for pid in everybody:
        principal = server.principals[pid]
        if principal.kind in ("list", "group"):
            members = draw(st.lists(st.sampled_from(everybody), max_size=3, unique=True))
            externals = draw(outside) if principal.kind == "list" else []
            server.edit(pid, members=frozenset(members), externals=frozenset(externals))


def _settings(draw: st.DrawFn, server: MailServer) -> None:
    for key in draw(st.lists(st.sampled_from(KEYS), unique=True)):
        server.put((("setting", key), draw(st.sampled_from(["1", "a: b", "true", "canary-setting", "0"]))))
        owner = draw(st.sampled_from([None, "home", "other"]))
        if owner is not None:
            server.put((("mark", owner, "setting", key), json.dumps({"was": None})))
    for ip in draw(st.lists(st.sampled_from(IPS), unique=True)):
        marks = ["", "", "other"] if ip.startswith("::") else ["", "", "home", "other"]  # never ours
        server.put((("allowed", ip), draw(st.sampled_from(marks))))
    for ip in draw(st.lists(st.sampled_from(["203.0.113.10", "203.0.113.99", "192.0.2.1"]), unique=True)):
        server.put((("ban", ip), ""))
    for domain in draw(st.lists(st.sampled_from(HERE), unique=True)):
        server.put((("dkim", domain, "rsa"), "theirs"))
    if draw(st.booleans()):
        server.put((HOSTNAME, draw(st.sampled_from(["mail.example.org", "9f31c0aa12bc", "m2"]))))
    for name in draw(st.lists(st.sampled_from(["letsencrypt", "own: ca"]), unique=True)):
        value = draw(
            st.sampled_from(
                [
                    "https://acme-v02.api.letsencrypt.org/directory tls-alpn-01 p@x.org mail.example.org",
                    "https://ca.example/dir http-01 p@x.org,q@x.org a.example.org b.example.org",
                    "ftp://ca http-01 p@x.org a.example.org",
                    "https://ca.example/dir http-01 mailto:p a.example.org",
                    "https://ca.example/dir http-01 p@x.org",
                ]
            )
        )
        server.put((("tls", name), value))
        if draw(st.booleans()):
            server.put((("mark", draw(st.sampled_from(["home", "other"])), "tls", name), "adopted"))
    for primary in draw(st.lists(addresses(), max_size=2, unique=True)):
        server.put((("mark", draw(st.sampled_from(["home", "other"])), "password", primary), "1"))


# What stands in zone files, at names that mean something and at others.
_DATA = {
    "A": ["203.0.113.10", "203.0.113.11"],
    "AAAA": ["2001:db8::1"],
    "MX": ["10 mail.example.org.", "20 mx2.example.net.", "0 .", "10 a_b.example.org."],
    "TXT": [
        *('"v=spf1 mx -all"', '"v=spf1 a -all"', '"v=spf1 mx ra=postmaster -all"', '"v=spf1" " mx -all"'),
        *('"v=DMARC1; p=none; rua=mailto:postmaster@example.org"', '"v=DMARC1; p=reject"', '"v=DMARC1"'),
        *(
            '"v=TLSRPTv1; rua=mailto:postmaster@example.org"',
            '"v=STSv1; id=1"',
            '"p=AAAA"',
            '"\\255"',
            '""',
            "x",
        ),
    ],
    "CNAME": ["mail.example.org.", "www"],
    "SRV": ["0 1 993 mail.example.org.", "0 1 465 mail.example.org.", "0 0 0 .", "5 1 993 mail.example.org."],
    "CAA": ['0 issue "letsencrypt.org"', '0 issue ";"', '128 tbs "x"', '0 iodef "mailto:a@example.org"'],
    "NS": ["ns1.example.org.", "ns.example.net."],
    "LOC": ["52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m"],
    "TYPE65400": ["\\# 2 abcd"],
    "RRSIG": ["A 8 2 3600 20300101000000 20200101000000 1 example.org. AAAA"],
}
_OWNERS = [
    *(
        "@",
        "@",
        "@",
        "mail",
        "www",
        "*",
        "_dmarc",
        "_smtp._tls",
        "_mta-sts",
        "mta-sts",
        "autoconfig",
        "autodiscover",
    ),
    *(
        "_imaps._tcp",
        "_submissions._tcp",
        "_pop3._tcp",
        "s._domainkey",
        "sub",
        "_dmarc.sub",
        "a\\032b",
        "x/y",
    ),
]
_MARKS = ["", "", "", "; a comment", "; mailstack:home:000000", "; mailstack:other:000000"]


@st.composite
def zone_texts(draw: st.DrawFn) -> bytes:
    """Draw a zone file of example.org; a mark on a line is whole or was copied from elsewhere."""
    lines = ["$TTL 3600", "@ IN SOA ns1 postmaster 1 2 3 4 5"]
    for _ in range(draw(st.integers(0, 14))):
        rrtype = draw(st.sampled_from(list(_DATA)))
        owner, value = draw(st.sampled_from(_OWNERS)), draw(st.sampled_from(_DATA[rrtype]))
        ttl = draw(st.sampled_from(["", "", "300"]))
        mark = draw(st.sampled_from(_MARKS)) if rrtype != "RRSIG" else ""  # which nobody could write
        lines.append(f"{owner} {ttl} IN {rrtype} {value} {mark}".rstrip())
    return _marked("\n".join(lines) + "\n")


def _marked(text: str) -> bytes:
    """Return the zone file with true check digits in half of its marks."""
    zone = Zone.parse(text.encode(), name="example.org", file="db")
    lines = text.splitlines()
    for number, record in enumerate(zone.marked):
        if number % 2 == 0 and record.mark is not None:
            digits = check_of(record.owner, record.rrtype, record.value)
            lines[record.line - 1] = lines[record.line - 1].replace(":000000", f":{digits}")
    return ("\n".join(lines) + "\n").encode()
