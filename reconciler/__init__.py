"""Terraform for a self-hosted Stalwart mail stack.

`load` reads the stack file, `desire` makes of it the desired state, and `observe` asks the backends for
the live one.  `compare` turns the two into changes, and `make` puts the changes into a plan: what goes
in which wave, what is held and why.  `run` makes a plan true, wave by wave, through the same
backends, and returns an outcome for each change; a `Report` is the plan and its outcomes, with the
exit code.  Only `observe` reads from outside and only `run` writes; everything between is pure.

The words, one per thing:

stack       the YAML file, with a name
resource    one thing with an address `kind/name`
desired     the state that the stack asks for
live        the state that is true now; of the same type as desired
change      one difference, before and after
plan        ordered changes, inert data
held        a change that the plan will not make without a release
wave        the changes that may go together, followed by an activation
activation  what makes stored changes count: nothing, a reload, a restart
pending     a value that a later step produces, "(known after apply)"
outcome     what became of a change
report      plan and outcomes
backend     the adapter to one live system
generation  a family of Stalwart servers that share a protocol (REST: 0.11 to 0.15; JMAP: 0.16 and later)
owned       carries this stack's mark
adopt       mark what is already as declared
unmanaged   live, seen, not declared
"""

__version__ = "0.1.0"
