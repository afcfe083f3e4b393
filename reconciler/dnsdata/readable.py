"""Names with A-labels as people read them: `bücher.example` for `xn--bcher-kva.example` (RFC 5890 §2.3.2.1)."""

from __future__ import annotations

import re

_A_LABEL = re.compile(r"(?<![A-Za-z0-9-])xn--[a-z0-9-]+")


def readable(text: str) -> str:
    """Return a text in which each A-label stands as its U-label, where it has one that can be shown.

    For names that the stack declares: a name of strangers may look like another one, and its A-label
    does not.
    """
    return _A_LABEL.sub(_u_label, text) if "xn--" in text else text


def _u_label(found: re.Match[str]) -> str:
    import idna  # seldom needed, and slow to import

    try:
        shown = idna.ulabel(found[0])
    except (idna.IDNAError, UnicodeError):
        return found[0]
    return shown if shown.isprintable() else found[0]
