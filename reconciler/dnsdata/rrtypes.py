"""The mnemonics of record types and their numbers (IANA "Resource Record (RR) TYPEs").

The numbers are needed because ``TYPE1`` and ``A`` are one type (RFC 3597 §5).  A type that is
not here is written ``TYPE65280``; the lexer keeps an unknown mnemonic, `check` reports it.
"""

from __future__ import annotations

import re
from typing import Final

NUMBERS: Final = {
    "A": 1, "NS": 2, "MD": 3, "MF": 4, "CNAME": 5, "SOA": 6, "MB": 7, "MG": 8, "MR": 9, "NULL": 10,
    "WKS": 11, "PTR": 12, "HINFO": 13, "MINFO": 14, "MX": 15, "TXT": 16, "RP": 17, "AFSDB": 18,
    "X25": 19, "ISDN": 20, "RT": 21, "NSAP": 22, "NSAP-PTR": 23, "SIG": 24, "KEY": 25, "PX": 26,
    "GPOS": 27, "AAAA": 28, "LOC": 29, "NXT": 30, "EID": 31, "NIMLOC": 32, "SRV": 33, "ATMA": 34,
    "NAPTR": 35, "KX": 36, "CERT": 37, "A6": 38, "DNAME": 39, "SINK": 40, "APL": 42, "DS": 43,
    "SSHFP": 44, "IPSECKEY": 45, "RRSIG": 46, "NSEC": 47, "DNSKEY": 48, "DHCID": 49, "NSEC3": 50,
    "NSEC3PARAM": 51, "TLSA": 52, "SMIMEA": 53, "HIP": 55, "NINFO": 56, "RKEY": 57, "TALINK": 58,
    "CDS": 59, "CDNSKEY": 60, "OPENPGPKEY": 61, "CSYNC": 62, "ZONEMD": 63, "SVCB": 64, "HTTPS": 65,
    "DSYNC": 66, "HHIT": 67, "BRID": 68, "SPF": 99, "UINFO": 100, "UID": 101, "GID": 102,
    "UNSPEC": 103, "NID": 104, "L32": 105, "L64": 106, "LP": 107, "EUI48": 108, "EUI64": 109,
    "URI": 256, "CAA": 257, "AVC": 258, "DOA": 259, "AMTRELAY": 260, "RESINFO": 261, "WALLET": 262,
    "CLA": 263, "IPN": 264, "TA": 32768, "DLV": 32769,
}  # fmt: skip

_NAMES: Final = {number: name for name, number in NUMBERS.items()}
_GENERIC: Final = re.compile(r"TYPE([0-9]{1,9})")


def normal(text: str) -> str:
    """Return the type in its one form: upper-case, and the mnemonic where there is one."""
    upper = text.upper()
    generic = _GENERIC.fullmatch(upper)
    return _NAMES.get(int(generic[1]), upper) if generic else upper


def is_known(rrtype: str) -> bool:
    """Say whether a type in its one form has a mnemonic of IANA or a number that may be used."""
    if rrtype in NUMBERS:
        return True
    generic = _GENERIC.fullmatch(rrtype)
    return generic is not None and 0 < int(generic[1]) < 65536
