"""Generated zone files in the distribution of real ones, and edits of them."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from reconciler.backends.dns.zonefile.edits import Add, Adopt, Delete, Edit, Replace
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


def key_of(record) -> tuple[str, str, str]:
    return record.owner, record.rrtype, record.value


@st.composite
def cases(draw: st.DrawFn) -> Case:
    text = draw(zones())
    zone = Zone.parse(text, name="example.org", file="db")
    records = {key_of(r): r for r in zone.records if r.rrtype not in ("SOA", "NS", "CNAME")}
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


# With each of these, BIND 9.18 does not load a zone.  Data are not ours to judge: a name server does that.
BAD_DATA = ["broken IN A 192.0.2.256\n", "broken IN MX mail\n", "broken A\n"]
BREAKAGES = [
    "broken.x CNAME www\nbroken.x A 192.0.2.1\n",
    "@ CNAME www\n",
    "broken.y CNAME a\nbroken.y CNAME b\n",
    'broken TXT "left open\n',
    "broken TXT ( left open\n",
    "broken 1h30 IN A 192.0.2.1\n",
    "broken 60 IN 60 A 192.0.2.1\n",
    "broken BOGUS 1\n",
    "broken..name A 192.0.2.1\n",
    "b" * 64 + " A 192.0.2.1\n",
    f'broken TXT "{"x" * 256}"\n',
    "broken CH TXT x\n",
    "@ SOA ns1 host 1 2 3 4 5\n",
    "$ORIGIN a b c\n",
    "$TTL soon\n",
    "$BOGUS\n",
    "www.example.org. is here\n",
]


@st.composite
def broken(draw: st.DrawFn, breakages: list[str]) -> bytes:
    """Draw a file like the real ones with one of these lines in it."""
    lines = draw(zones()).decode().splitlines(keepends=True)
    newline = "\r\n" if lines[0].endswith("\r\n") else "\n"
    # Only where a record may end: not within the SOA, nor within a text in parentheses.
    places = [
        at for at, line in enumerate(lines) if at and lines[at - 1].strip().endswith("NS ns.example.net.")
    ]
    at = draw(st.sampled_from([*places, len(lines)]))
    before = "".join(lines[:at])
    if before and not before.endswith("\n"):
        before += newline
    return (before + draw(st.sampled_from(breakages)).replace("\n", newline) + "".join(lines[at:])).encode()
