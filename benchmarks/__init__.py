"""How fast mailstack is, as ratios to a peer in the same run: absolute seconds only say how fast a machine is.

Each measurement is a file with `measure() -> list[Row]`.  `python -m benchmarks` runs them all,
`python -m benchmarks startup planning` some; each puts its table into results.md.
"""
