"""The stand-in server in a process of its own: `python -m benchmarks.server [--seed FILE] [--creation SECONDS]`."""

from __future__ import annotations

import argparse
import time

from reconciler.sandbox.faults import Phase
from reconciler.sandbox.sandbox import Sandbox, serve


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed")
    parser.add_argument("--creation", type=float, default=0.0, help="seconds that creating a principal takes")
    options = parser.parse_args()

    def take_time(_: int, method: str, path: str, phase: Phase) -> None:
        if phase == "before" and (method, path) == ("POST", "/api/principal"):
            time.sleep(options.creation)

    sandbox = Sandbox(seed=options.seed)
    if options.creation:
        sandbox.on_request = take_time
    sandbox.start()
    print(sandbox.url, flush=True)
    serve(sandbox, print)


if __name__ == "__main__":
    main()
