"""A rule about names that look like others."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene

# What stands beside every script: digits, hyphens, marks.
_OF_EVERYBODY: Final = frozenset({"DIGIT", "HYPHEN-MINUS", "COMBINING", "MIDDLE"})
# Japanese and Korean write these together (Unicode TR 39 §5.2, "highly restrictive").
_TOGETHER: Final = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
)


def one_script(scene: Scene) -> Iterator[Found]:
    """ADDR-09: A domain is written in one script.

    Severity: warning
    Looks at: stack

    A label of an internationalised domain has letters of one script only, or of those that are written
    together in Japanese, Korean and Chinese. The stack takes either form of such a domain; the server and
    DNS get the A-label (`xn--…`), and people are shown the letters. Names before the @ are ASCII.

    Why: A Cyrillic "а" among Latin letters looks the same and is another domain. Mail programs warn of such
    names or show them as `xn--…`, filters refuse them, and who types the domain reaches somebody else.

    Fix: Write the domain anew on one keyboard.

    Source: RFC 5890 §4.4, Unicode Technical Standard 39 §5.2
    """
    for name in scene.domains:
        shown = _letters(name)
        for label in shown.split("."):
            scripts = _scripts(label)
            if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
                yield Found(
                    text=f"{shown} mixes letters of different scripts: {', '.join(sorted(scripts)).title()}",
                    fix="write the domain anew, with the letters of one script",
                    name=name,
                    where=scene.domain_place(name),
                )
                break


def _letters(name: str) -> str:
    """Return a domain as people see it; the stack has made sure that each `xn--` label can be read."""
    if "xn--" not in name:
        return name
    import idna

    return str(idna.decode(name))


def _scripts(label: str) -> frozenset[str]:
    """Return the scripts of a label's letters, by the first word of the letters' names."""
    if label.isascii():
        return frozenset()
    words = {unicodedata.name(letter, "UNKNOWN").partition(" ")[0] for letter in label}
    return frozenset(words - _OF_EVERYBODY)


RULES: Final[tuple[Check, ...]] = (one_script,)
