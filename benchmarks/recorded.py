"""Run mailstack and write down its requests: `python -m benchmarks.recorded FILE plan -f ...`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import httpx

from reconciler.cli.run import run

_send = httpx.Client.send


def main() -> int:
    target, *arguments = sys.argv[1:]
    requests: list[dict[str, Any]] = []

    def send(client: httpx.Client, request: httpx.Request, **keywords: Any) -> httpx.Response:
        # The target of the request line: path and query.
        requests.append(
            {
                "method": request.method,
                "path": request.url.raw_path.decode(),
                "body": request.content.decode(),
                "login": "authorization" in request.headers or keywords.get("auth") is not None,
            }
        )
        return _send(client, request, **keywords)

    httpx.Client.send = send  # type: ignore[assignment,method-assign]  # every request comes by here
    code = run(arguments)
    Path(target).write_text(json.dumps(requests), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
