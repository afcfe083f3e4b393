"""What a user may write, and the one form in which the rest of the program reads it: see `load`."""
