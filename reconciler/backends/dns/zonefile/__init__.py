"""The zone file: text in, text out, every byte kept.  Pure: reads no file, no clock, no socket.

The way through: `lexer` finds the records without reading their data, `records` gives them to
the caller, `data` says what a datum means, `editor` makes the new text (`placement`: where,
`style`: how it looks, `inherit`: what a blank owner or a missing TTL means afterwards), `marks`
says what is ours, `serial` counts on, `check` reads the new text before it may be written.
`zone` is the face; nobody outside needs another module than `zone`, `editor`, `serial`, `check`
and `data`.

What this package does not do: read or write files, follow $INCLUDE, ask a name server.

The rules come from RFC 1035 §5.1, RFC 2308 §4, RFC 3597 §5 and from what BIND 9.18 does where
those are silent; a comment says so at the place.
"""
