"""Stalwart's config.toml: text in, text out, every byte kept.  Pure: reads no file, no clock, no socket.

The file is written in a dialect of Stalwart's own that looks like TOML and is not: every value is
a string, every key is one flat text, and much that TOML forbids is read (or the other way round).
So there is a reader for the dialect, and what is written is in the part that both understand.

The way through: `reader` makes the tree of a file (`lexer` reads its keys and literals, `tree`
holds it), `editor` sets and deletes keys (`adding`: where a new key goes, `removing`: what goes
with an old one, `writing`: how keys and values look) and proves each new text by reading it again.
Nobody outside needs another module than `reader`, `editor` and `tree`.

What this package does not do: read or write files, expand `%{env:…}%` macros, know which keys are
local or what a value means.

The rules are those of crates/utils/src/config/parser.rs in Stalwart 0.11 to 0.15; the one that
changed, at 0.13.1, is a parameter.  Where this reader is stricter than the server, a comment says so.
"""
