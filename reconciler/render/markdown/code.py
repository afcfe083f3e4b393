"""Text from outside, where Markdown shows it as it is: code spans, and lines for a fence."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

from reconciler.render.characters import printable, unobeyed

# A line of a fence is not wrapped on the page: what is prose is wrapped here.
_WIDTH = 96
_LONGEST_SPAN = 200
_LONGEST_LINE = 1_000
_WORDS = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]*")


def span(text: str) -> str:
    """Return the text as a code span: one line, and nothing in it ends the span (CommonMark 0.31 §6.1)."""
    shown = unobeyed(_shortened(printable(text), _LONGEST_SPAN))
    marks = "`" * (longest_run([shown]) + 1)
    # A space at both ends is taken away again; it keeps our marks apart from backticks of the text.
    is_padded = not shown or shown[0] in "` " or shown[-1] in "` "
    return f"{marks} {shown} {marks}" if is_padded else f"{marks}{shown}{marks}"


def word(text: str) -> str:
    """Return a text of letters, digits and blanks as it is, and every other as a code span."""
    return text if _WORDS.fullmatch(text) and len(text) <= _LONGEST_SPAN else span(text)


def line(text: str) -> str:
    """Return the text as one line for a fence; the middle of one that no page could show is cut out."""
    return unobeyed(_shortened(printable(text), _LONGEST_LINE).rstrip())


def prose(text: str, indent: str) -> Iterator[str]:
    """Yield sentences as indented lines for a fence."""
    shown = _shortened(printable(" ".join(text.split())), 2 * _LONGEST_LINE)
    for wrapped in textwrap.wrap(shown, _WIDTH - len(indent), break_long_words=False, break_on_hyphens=False):
        yield line(indent + wrapped)


def longest_run(texts: Iterable[str]) -> int:
    """Return the length of the longest run of backticks."""
    return max((len(run) for text in texts for run in re.findall("`+", text)), default=0)


def size(text: str) -> int:
    """Return how many bytes the text takes."""
    return len(text.encode("utf-8", "surrogatepass"))


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length * 2 // 3]}…{text[-length // 4 :]}"
