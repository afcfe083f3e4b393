"""A stand-in Stalwart: the management REST API of 0.11 to 0.15, from memory, over HTTP on loopback.

It stores what a server stores and answers as a server answers, with the traps.  It carries no
mail and signs nothing.  The recorded answers of real servers are replayed against it in the
tests, and the contract tests ask it and real servers the same questions.

Words: a *start* reads config.toml; a *reload* puts what is stored in force, or nothing at all.
"""

from reconciler.sandbox.config_toml import ConfigError
from reconciler.sandbox.sandbox import Sandbox, serve
from reconciler.sandbox.versions import VERSIONS

__all__ = ["VERSIONS", "ConfigError", "Sandbox", "serve"]
