"""An SPF record as data, its terms in their order, and the record's text (RFC 7208 §4.6)."""

from __future__ import annotations

import enum
import ipaddress
from dataclasses import dataclass


class Qualifier(enum.Enum):
    """What a match means (RFC 7208 §4.6.2)."""

    PASS = "+"
    FAIL = "-"
    SOFTFAIL = "~"
    NEUTRAL = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mechanism:
    """target is a name, which may hold macros, or the address of ip4 and ip6; "" is the domain itself.

    prefix4 and prefix6 are the lengths behind the slashes; None is the whole address.
    """

    name: str
    qualifier: Qualifier = Qualifier.PASS
    target: str = ""
    prefix4: int | None = None
    prefix6: int | None = None

    @property
    def network(self) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
        """What ip4 and ip6 cover; None for the others.  Host bits are ignored (RFC 7208 §5.6)."""
        if self.name == "ip4":
            return ipaddress.IPv4Network(
                (self.target, 32 if self.prefix4 is None else self.prefix4), strict=False
            )
        if self.name == "ip6":
            return ipaddress.IPv6Network(
                (self.target, 128 if self.prefix6 is None else self.prefix6), strict=False
            )
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Modifier:
    """`redirect=`, `exp=`, or another, which receivers ignore (RFC 7208 §6)."""

    name: str
    value: str


Term = Mechanism | Modifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    terms: tuple[Term, ...] = ()

    @property
    def mechanisms(self) -> tuple[Mechanism, ...]:
        """The mechanisms that can be reached: up to and with the first `all` (RFC 7208 §5.1)."""
        found = []
        for term in self.terms:
            if isinstance(term, Mechanism):
                found.append(term)
                if term.name == "all":
                    break
        return tuple(found)

    @property
    def everybody_else(self) -> Qualifier | None:
        """The qualifier of the first `all`; None when there is none."""
        reached = self.mechanisms
        return reached[-1].qualifier if reached and reached[-1].name == "all" else None

    @property
    def redirect(self) -> str:
        """The target of `redirect=`, or ""; `all` makes it void (RFC 7208 §6.1)."""
        if self.everybody_else is not None:
            return ""
        return next((t.value for t in self.terms if isinstance(t, Modifier) and t.name == "redirect"), "")


NOBODY = Record(terms=(Mechanism(name="all", qualifier=Qualifier.FAIL),))  # `v=spf1 -all`: no host sends


def text(record: Record) -> str:
    """Return the record's text."""
    return " ".join(("v=spf1", *(term_text(term) for term in record.terms)))


def term_text(term: Term) -> str:
    """Return one term's text; `+` is left out."""
    if isinstance(term, Modifier):
        return f"{term.name}={term.value}"
    sign = "" if term.qualifier is Qualifier.PASS else term.qualifier.value
    target = f":{term.target}" if term.target else ""
    four = f"/{term.prefix4}" if term.prefix4 is not None else ""
    six = "" if term.prefix6 is None else f"/{term.prefix6}" if term.name == "ip6" else f"//{term.prefix6}"
    return f"{sign}{term.name}{target}{four}{six}"
