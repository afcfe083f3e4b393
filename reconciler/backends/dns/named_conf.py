"""Whether a named.conf lets others update a zone: then named writes the zone file itself.  Pure.

Only what is certain counts: the zone's own block, which loads a file of that name.  Options that
hold for all zones, views and included files are rndc's to tell.
"""

from __future__ import annotations

import re

# Strings first, so that what looks like a comment inside of one is none.
_PIECE = re.compile(r'("[^"\n]*")|/\*.*?\*/|//[^\n]*|\#[^\n]*', re.DOTALL)
_ZONE = re.compile(r'\bzone\s+"?([^"\s{;]+)"?\s*(?:IN\s*)?\{', re.IGNORECASE)
_FILE = re.compile(r'\bfile\s+"?([^";\s]+)"?\s*;')
_UPDATES = re.compile(r"\ballow-update\s*\{([^}]*)|\bupdate-policy\s+(?:local|\{)")


def lets_update(text: str, zone: str, file_name: str) -> bool:
    """Does the block of this zone, loaded from a file of this name, allow dynamic updates?"""
    plain = _PIECE.sub(lambda found: found[1] or " ", text)
    for found in _ZONE.finditer(plain):
        block = _block(plain, found.end())
        loaded = _FILE.search(block)
        if found[1].rstrip(".").lower() != zone or loaded is None:
            continue
        if loaded[1].rpartition("/")[2] == file_name and _allows(block):
            return True
    return False


def _allows(block: str) -> bool:
    return any(found[1] is None or found[1].strip(" \t\r\n;") != "none" for found in _UPDATES.finditer(block))


def _block(text: str, start: int) -> str:
    depth = 1
    for position in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if not depth:
            return text[start:position]
    return text[start:]
