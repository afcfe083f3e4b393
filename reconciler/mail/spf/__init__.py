"""SPF: which hosts may send mail in the name of a domain (RFC 7208).

The receiver takes the domain of the envelope sender (of bounces: the name in EHLO), asks for its
TXT record that begins with `v=spf1`, and reads the terms from left to right.  A mechanism says
which addresses it means - `mx`, `a`, `ip4:…`, `ip6:…`, `include:…` and others - and its qualifier
what follows when the client is among them: `+` pass, which may be left out, `-` fail, `~` softfail,
`?` neutral.  The first match decides, and `all` at the end matches everybody.  `redirect=` hands the
question to another domain when nothing matched.  Two records at one name, any syntax error, more
than ten terms that ask DNS or more than two empty answers make the whole record void (permerror).

terms       the record as data, and its text
grammar     text -> record
macros      `%{…}` in names
questions   what is asked of DNS, as a Protocol
evaluation  the result for one client
limits      how many questions a record takes at most
change      adding terms to what people have; whether a record got weaker
"""

from __future__ import annotations

from reconciler.mail.spf.change import merge, opens_wide, weaker
from reconciler.mail.spf.evaluation import Result, Verdict, evaluate
from reconciler.mail.spf.grammar import is_spf, parse, parse_term
from reconciler.mail.spf.limits import Cost, cost
from reconciler.mail.spf.questions import MOST_TERMS, MOST_VOIDS, RecordType, Resolver, UnansweredError
from reconciler.mail.spf.terms import (
    NOBODY,
    Mechanism,
    Modifier,
    Qualifier,
    Record,
    Term,
    term_text,
    text,
)

__all__ = [
    "MOST_TERMS",
    "MOST_VOIDS",
    "NOBODY",
    "Cost",
    "Mechanism",
    "Modifier",
    "Qualifier",
    "Record",
    "RecordType",
    "Resolver",
    "Result",
    "Term",
    "UnansweredError",
    "Verdict",
    "cost",
    "evaluate",
    "is_spf",
    "merge",
    "opens_wide",
    "parse",
    "parse_term",
    "term_text",
    "text",
    "weaker",
]
