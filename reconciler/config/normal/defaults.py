"""`defaults:` laid under every domain, before the models see it.

Mappings are joined key by key; a text or a list of the domain replaces that of the
defaults as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.config.models.stack import Body
from reconciler.config.tree import NOTHING, Node

BODY_KEYS = frozenset(Body.model_fields)


def body_of(root: Mapping[str, Node]) -> dict[str, Node]:
    """Return what the top of the file says of the main domain."""
    return {key: value for key, value in root.items() if key in BODY_KEYS}


def laid(defaults: Node, over: Node, domain: str) -> Node:
    """Return a domain's body with the defaults under it, {domain} filled in."""
    if not isinstance(defaults, dict):
        return over
    if isinstance(over, dict) and over.get("type") == "parked":
        # A parked domain has nobody who could get mail; only its DNS is like that of the others.
        defaults = {key: value for key, value in defaults.items() if key == "dns"}
    return _laid(_filled(defaults, domain), over)


def _laid(under: Node, over: Node) -> Node:
    if over is NOTHING:
        return under
    if isinstance(under, dict) and isinstance(over, dict):
        joined = dict(under)
        for key, value in over.items():
            joined[key] = _laid(under[key], value) if key in under else value
        return joined
    return over


def _filled(node: Node, domain: str) -> Node:
    if isinstance(node, str):
        return node.replace("{domain}", domain)
    if isinstance(node, list):
        return [_filled(item, domain) for item in node]
    if isinstance(node, dict):
        return {key.replace("{domain}", domain): _filled(value, domain) for key, value in node.items()}
    return node
