"""What will break mail, said before it does: one rule, one function, in a file per area.

A rule looks at a Scene - the stack, the records, the mailboxes, the server as far as they are known -
and yields what it finds.  Its docstring is its page: `mailstack explain` prints it and `docs/rules/`
holds it.  A rule that cannot be checked in a scene is skipped, and said to be; it never counts as
passed.  Nothing here reads a file, asks a server or looks at the clock.

scene     what the rules look at
lines     records as the rules see them
rule      a rule, made from its function
rules     all of them
judge     scene -> findings; what a plan mends, finds or brings
"""
