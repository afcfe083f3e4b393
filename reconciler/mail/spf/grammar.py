"""The grammar of SPF records, and words for the ways in which people miss it (RFC 7208 §4.5, §4.6, §12)."""

from __future__ import annotations

import difflib
import ipaddress
import re

from reconciler.mail.errors import SyntaxProblem
from reconciler.mail.spf import macros
from reconciler.mail.spf.terms import Mechanism, Modifier, Qualifier, Record, Term

_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9._-]*)=(.*)", re.DOTALL)
_DIRECTIVE = re.compile(r"([+?~-]?)([A-Za-z0-9_-]+)(.*)", re.DOTALL)
_PREFIXES = re.compile(r"(.*?)(?:/(0|[1-9][0-9]{0,2}))?(?://(0|[1-9][0-9]{0,2}))?", re.DOTALL)

# Of a name: must stand, may stand, must not stand.
_NAMED = {"all": "no", "include": "must", "a": "may", "mx": "may", "ptr": "may", "exists": "must"}
_MECHANISMS = (*_NAMED, "ip4", "ip6")


def is_spf(text: str) -> bool:
    """Say whether a TXT text claims to be SPF: the version, then a blank or nothing (RFC 7208 §4.5)."""
    return text[:6].lower() == "v=spf1" and text[6:7] in ("", " ")


def parse(text: str) -> Record:
    """Return the record; raises SyntaxProblem where receivers say permerror (RFC 7208 §4.6)."""
    if not is_spf(text):
        raise _problem('The record must begin with "v=spf1" and a blank.', 0, "§4.5")
    terms: list[Term] = []
    once: set[str] = set()
    for word in re.finditer("[^ ]+", text[6:]):
        position = 6 + word.start()
        term = parse_term(word[0], position)
        if isinstance(term, Modifier) and term.name in ("redirect", "exp"):
            if term.name in once:
                raise _problem(f'"{term.name}=" may stand only once.', position, "§6")
            once.add(term.name)
        terms.append(term)
    return Record(terms=tuple(terms))


def parse_term(text: str, position: int = 0) -> Term:
    """Return one term, such as `include:_spf.example.net`; position is where it stands in its record."""
    modifier = _MODIFIER.fullmatch(text)
    if modifier:
        name = modifier[1].lower()
        start = position + modifier.start(2)
        if name in ("redirect", "exp"):
            macros.check_name(modifier[2], start)
        else:
            macros.tokens(modifier[2], start)
        return Modifier(name=name, value=modifier[2])
    directive = _DIRECTIVE.fullmatch(text)
    name = directive[2].lower() if directive else ""
    if directive is None or name not in _MECHANISMS or directive[3][:1] not in ("", ":", "/"):
        raise _problem(_unknown(text, name), position, "§4.6.1")
    qualifier = Qualifier(directive[1] or "+")
    rest, start = directive[3], position + directive.start(3)
    if name in ("ip4", "ip6"):
        return _address(name, qualifier, rest, start)
    return _named(name, qualifier, rest, start)


def _named(name: str, qualifier: Qualifier, rest: str, position: int) -> Mechanism:
    """Return one of the mechanisms that take a domain name (RFC 7208 §5.1 to §5.7)."""
    prefixes = _PREFIXES.fullmatch(rest) if name in ("a", "mx") else None
    target = prefixes[1] if prefixes else rest
    if target:
        if target[0] != ":" or _NAMED[name] == "no":
            raise _problem(f'"{rest}" cannot stand behind "{name}".', position, "§5")
        macros.check_name(target[1:], position + 1)
    elif _NAMED[name] == "must":
        raise _problem(f'"{name}" needs a name: "{name}:example.org".', position, "§5")
    return Mechanism(
        name=name,
        qualifier=qualifier,
        target=target[1:],
        prefix4=_length(prefixes[2], 32, position) if prefixes else None,
        prefix6=_length(prefixes[3], 128, position) if prefixes else None,
    )


def _address(name: str, qualifier: Qualifier, rest: str, position: int) -> Mechanism:
    """Return an ip4 or ip6 mechanism (RFC 7208 §5.6)."""
    target, slash, length = rest[1:].partition("/")
    most, other = (32, "ip6") if name == "ip4" else (128, "ip4")
    found = _canonical(target)
    if rest[:1] != ":" or found is None:
        words = f'"{name}:" takes an address, and "{target}" is none.'
        if re.search("[A-Za-z]", target) and ":" not in target:
            words += f' To name a host, write "a:{target}".'
        raise _problem(words, position, "§5.6")
    if found.max_prefixlen != most:
        raise _problem(f'"{target}" is not for "{name}:". Write "{other}:{target}".', position, "§5.6")
    if slash and not re.fullmatch("0|[1-9][0-9]{0,2}", length):
        raise _problem(f'"/{length}" is not the length of a network.', position, "§5.6")
    prefix = _length(length or None, most, position)
    return Mechanism(
        name=name,
        qualifier=qualifier,
        target=str(found),
        prefix4=prefix if most == 32 else None,
        prefix6=prefix if most == 128 else None,
    )


def _canonical(target: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if "%" in target:  # a zone index means nothing to others
        return None
    try:
        return ipaddress.ip_address(target)
    except ValueError:
        return None


def _length(digits: str | None, most: int, position: int) -> int | None:
    """Return a prefix length; the full length is the same as none."""
    if digits is None:
        return None
    length = int(digits)
    if length > most:
        raise _problem(f'"/{digits}" is longer than an address, {most} bits.', position, "§5.6")
    return None if length == most else length


def _unknown(term: str, name: str) -> str:
    """Say what is wrong with a term that is neither mechanism nor modifier, and what may be meant."""
    words = f'"{term}" is not a term of SPF.'
    found = _canonical(term.lstrip("+?~-").partition("/")[0])
    if found is not None:
        return f'{words} Write "ip{found.version}:{term.lstrip("+?~-")}".'
    if name in ("redirect", "exp"):
        return f'{words} Write "{name}=" with an equals sign.'
    glued = re.fullmatch("([+?~-]?([A-Za-z0-9]+))([+?~-].+)", term)
    if glued and glued[2].lower() in _MECHANISMS:
        return f'{words} Perhaps a blank is missing: "{glued[1]} {glued[3]}".'
    if name in _MECHANISMS:
        return f'{words} After "{name}" comes nothing, a colon or a slash.'
    near = difflib.get_close_matches(name, _MECHANISMS, n=1)
    return f'{words} Did you mean "{near[0]}"?' if near else words


def _problem(words: str, position: int, section: str) -> SyntaxProblem:
    return SyntaxProblem(words, standard="SPF", position=position, rfc=f"RFC 7208 {section}")
