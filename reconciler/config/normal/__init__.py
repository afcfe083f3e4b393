"""From what is written to the one form that the program uses."""
