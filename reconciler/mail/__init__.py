"""What mail asks of DNS: one standard per module, each a pair of `parse` and `text`.

Nothing here asks a name server, opens a file or looks at the clock; what must be known from
outside is passed in.  `parse` takes the text of one record's data and raises SyntaxProblem, and
nothing else, when it breaks the standard; `text` writes a value in one canonical form, so that
`parse(text(value)) == value`.

Names are absolute, lower-case and without a trailing dot; "." is the root.  The dot appears where a
master file wants one: in the texts of MX and SRV data.
"""
