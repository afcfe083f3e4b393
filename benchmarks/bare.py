"""The bare wire: ask what mailstack asked, and do nothing with the answers.

`python -m benchmarks.bare FILE URL` asks a server for everything in a file of recorded requests.
`--creations` asks only for what makes principals, and prints the seconds that this took.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import httpx

from benchmarks.process import PASSWORD


def main() -> None:
    file, url, *options = sys.argv[1:]
    requests = json.loads(Path(file).read_text(encoding="utf-8"))
    if "--creations" in options:
        requests = [r for r in requests if (r["method"], r["path"]) == ("POST", "/api/principal")]
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        began = time.perf_counter()
        for request in requests:
            auth = httpx.BasicAuth("admin", PASSWORD)
            client.request(request["method"], request["path"], content=request["body"], auth=auth).read()
        print(time.perf_counter() - began)


if __name__ == "__main__":
    main()
