"""Live state -> the stack that a person would have written for it, and its text.  Pure.

    live, seed ── draft ──> Draft ── text ──> mailstack.yaml

The seed is a stack that says how to reach everything and which domains to take; `kinds/` knows the way
back of each resource, here it is put together so that the plan which follows is empty.  What no
stack can say, or what would change something once it is said, is left out and told with its reason.
"""
