"""How long Markdown may be, in bytes."""

# GitHub refuses a comment of more than 65,536 characters; others are no stricter.
MAX_BYTES = 60_000
# What the headline, the counts and the foot take at most.
MIN_BYTES = 4_000
