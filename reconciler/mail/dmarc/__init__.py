"""DMARC: what receivers shall do with mail that only pretends to be from a domain.

SPF vouches for the envelope and DKIM for whoever signed; neither looks at the From that people
see.  DMARC does (RFC 9989): one of the two must pass for a domain that is *aligned* with From's.
The record at `_dmarc.<domain>` asks for what happens otherwise: `p=none` (nothing), `quarantine`
(the junk folder), `reject`; `sp` says it for sub-domains, `np` for those that do not exist.
Alignment is relaxed (any sub-domain will do) or strict, `adkim` and `aspf`.  `t=y` asks for one
step less, for trying.  `rua` gets daily summaries (RFC 9990), `ruf` single failures (RFC 9991).  A
domain elsewhere that is to get reports must agree, in a record of its own (RFC 9990 §4).
RFC 9989 removed `pct`, `rf` and `ri`: its receivers ignore them, older ones (RFC 7489) do not.
"""

from __future__ import annotations

from reconciler.mail.dmarc.change import TagChange, compare, weaker
from reconciler.mail.dmarc.record import (
    REMOVED_TAGS,
    Alignment,
    Policy,
    Record,
    owner,
    parse,
    permission_owner,
    read,
    text,
)

__all__ = [
    "REMOVED_TAGS",
    "Alignment",
    "Policy",
    "Record",
    "TagChange",
    "compare",
    "owner",
    "parse",
    "permission_owner",
    "read",
    "text",
    "weaker",
]
