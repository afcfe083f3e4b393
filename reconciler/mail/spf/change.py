"""Changing a record that people rely on: adding to it, and seeing whether it got weaker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from reconciler.mail.spf.terms import Mechanism, Modifier, Qualifier, Record, Term, term_text

# How little a record lets strangers do, by what `all` says; without `all` the result is neutral.
_STRICTNESS = {
    Qualifier.PASS: 0,
    None: 1,
    Qualifier.NEUTRAL: 1,
    Qualifier.SOFTFAIL: 2,
    Qualifier.FAIL: 3,
}
# A network of this length or shorter is nobody's own.  RFC 7208 is silent; the choice for IPv6 is
# what a registry hands to the largest providers (/19 and longer).
_WIDE4, _WIDE6 = 8, 18


def merge(record: Record, wanted: Iterable[Mechanism]) -> Record:
    """Return the record with the wanted mechanisms in it; its own terms and their order stay.

    What is missing goes in front of `all`, or to the end.  A term that is there with another
    qualifier gets the wanted one; an address that a term already lets pass is not added.  A wanted
    `all` replaces the first one.  Where the record ends with `redirect=` instead, `all` would make
    that void: it becomes an `include:`, which lets the same hosts pass.
    """
    terms = list(record.terms)
    for mechanism in wanted:
        if mechanism.name == "all":
            _end_with(terms, mechanism)
        else:
            _add(terms, mechanism)
    return Record(terms=tuple(terms))


def weaker(before: Record, after: Record) -> tuple[str, ...]:
    """Return in sentences why receivers refuse less than before; empty: the record is no weaker.

    More senders alone are no weakness: that is what people declare.
    """
    return (*_weaker_end(before, after), *_opened(before, after))


def opens_wide(term: Term) -> bool:
    """Say whether a term lets a good part of the internet pass: `+all`, or a network that is nobody's own."""
    if not isinstance(term, Mechanism) or term.qualifier is not Qualifier.PASS:
        return False
    if term.name == "all":
        return True
    return _shorter(term.prefix4, _WIDE4) or _shorter(term.prefix6, _WIDE6)


def _shorter(prefix: int | None, limit: int) -> bool:
    return prefix is not None and prefix <= limit


def _reached(terms: list[Term]) -> int:
    """Return the index of the first `all`, or behind the last mechanism: where a term can still be put."""
    for index, term in enumerate(terms):
        if isinstance(term, Mechanism) and term.name == "all":
            return index
    return max((index + 1 for index, term in enumerate(terms) if isinstance(term, Mechanism)), default=0)


def _add(terms: list[Term], wanted: Mechanism) -> None:
    end = _reached(terms)
    for index, term in enumerate(terms[:end]):
        if isinstance(term, Mechanism) and _same_place(term, wanted):
            terms[index] = replace(term, qualifier=wanted.qualifier)
            return
    if not any(isinstance(term, Mechanism) and _covers(term, wanted) for term in terms[:end]):
        terms.insert(end, wanted)


def _same_place(one: Mechanism, other: Mechanism) -> bool:
    """Say whether two mechanisms mean the same hosts; names know no case."""
    plain = replace(one, qualifier=other.qualifier, target=one.target.lower())
    return plain == replace(other, target=other.target.lower())


def _covers(term: Mechanism, wanted: Mechanism) -> bool:
    """Say whether a term already gives the wanted addresses the wanted result."""
    outer, inner = term.network, wanted.network
    if (
        outer is None
        or inner is None
        or outer.version != inner.version
        or term.qualifier is not wanted.qualifier
    ):
        return False
    return inner.network_address in outer and inner.prefixlen >= outer.prefixlen


def _end_with(terms: list[Term], wanted: Mechanism) -> None:
    end = _reached(terms)
    if end < len(terms) and isinstance(terms[end], Mechanism):
        terms[end] = wanted
        return
    redirects = [term for term in terms if isinstance(term, Modifier) and term.name == "redirect"]
    for redirect in redirects:
        terms.remove(redirect)
        _add(terms, Mechanism(name="include", target=redirect.value))
    terms.insert(_reached(terms), wanted)


def _weaker_end(before: Record, after: Record) -> tuple[str, ...]:
    """Compare what becomes of everybody whom no term names."""
    if before.redirect and before.redirect == after.redirect:
        return ()
    said = f'It ended with "{_end(before)}" and would end with "{_end(after)}"'
    # What stands at the end of a redirect is not known here: it is taken for strict before, for lax after.
    was = 3 if before.redirect else _STRICTNESS[before.everybody_else]
    if after.redirect and was > 1:
        return (f"{said}: another domain decides from now on.",)
    if not after.redirect and _STRICTNESS[after.everybody_else] < was:
        return (f"{said}: receivers refuse less of what strangers send.",)
    return ()


def _end(record: Record) -> str:
    if record.redirect:
        return f"redirect={record.redirect}"
    return f"{record.everybody_else.value}all" if record.everybody_else else "nothing"


def _opened(before: Record, after: Record) -> tuple[str, ...]:
    """Name the networks that are far too wide and were not let in before; `+all` is told as the end."""
    had = [term for term in before.mechanisms if isinstance(term, Mechanism)]
    return tuple(
        f'"{term_text(term)}" lets a good part of the internet send.'
        for term in after.mechanisms
        if term.name != "all"
        and opens_wide(term)
        and not any(
            _same_place(old, term) or _covers(old, term) for old in had if old.qualifier is Qualifier.PASS
        )
    )
