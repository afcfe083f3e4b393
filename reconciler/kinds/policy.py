"""Whether a changed SPF or DMARC record protects less than the one before, and how, in words."""

from __future__ import annotations

from reconciler.kinds.record import meaning, text_of
from reconciler.mail import dmarc, spf
from reconciler.mail.errors import SyntaxProblem


def weakened(owner: str, rrtype: str, before: str, after: str) -> str:
    """Return how after protects less than before, nothing where it does not.

    Both are canonical data; an empty after is a record that goes.  What receivers cannot read
    protects nobody, so nothing is lost with it.
    """
    kind = meaning(owner, rrtype, before)
    try:
        if kind == "spf":
            return _spf(text_of(before), text_of(after) if after else "")
        if kind == "dmarc":
            return _dmarc(text_of(before), text_of(after) if after else "")
    except SyntaxProblem:
        return ""
    return ""


def _spf(before: str, after: str) -> str:
    if not after:
        return "Without SPF anybody may send in the name of this domain."
    return " ".join(spf.weaker(spf.parse(before), spf.parse(after)))


def _dmarc(before: str, after: str) -> str:
    live = dmarc.read(before)[0]
    if not after:
        is_weak = live.policy in (None, dmarc.Policy.NONE)
        return "" if is_weak else "Without DMARC receivers no longer refuse forged mail of this domain."
    changed = dmarc.weaker(live, dmarc.read(after)[0])
    return " ".join(
        f"DMARC {c.tag} goes from {c.before or 'nothing'} to {c.after or 'nothing'}: forged mail gets through more easily."
        for c in changed
    )
