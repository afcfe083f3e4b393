"""What no single value shows: whether the parts of a stack fit together.  One rule, one function."""
