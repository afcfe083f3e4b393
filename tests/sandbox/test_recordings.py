"""What real servers answered, asked again: the sandbox must give the same answers, step by step.

A recording is one run of a real server of that version.  Left out of the comparison is what no
two servers share: ids, keys, codes, times.
"""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path

import pytest

from reconciler.sandbox import VERSIONS, Sandbox

RECORDINGS = Path(__file__).parents[1] / "recordings"
PORTS = {"smtp": "10025", "submissions": "10465", "imap": "10143", "imaps": "10993"}
PASSWORDS = {
    "account/login-new": "pw-two",
    "account/login-no-roles": "x",
}
# What the recording put on top of config.toml before it started the server for the file/ steps.
FILE = """\
server.hostname = "mx.example.org"
report.domain = "shadow.example.org"
server.allowed-ip.192.0.2.9 = ""
server.allowed-ip."10.9.0.0/16" = ""
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_there_is_a_recording_of_every_version():
    assert {f"stalwart-{number}.jsonl" for number in VERSIONS} == {
        path.name for path in RECORDINGS.glob("*.jsonl")
    }


@pytest.mark.parametrize("version", list(VERSIONS))
def test_every_recorded_step_is_answered_alike(version, tmp_path, start):
    port = free_port()
    steps = recorded(version, {"http": str(port), **PORTS})
    config = tmp_path / "config.toml"
    config.write_text(next(step["file_before"] for step in steps if "file_before" in step))
    sandbox, client = start(version, port=port, config=config, resolves=False)
    differing = []
    for step in steps:
        prepare(step["step"], sandbox, config)
        if "file_after" in step:
            expected, actual = step["file_after"], config.read_text()
        else:
            expected, actual = expectation(step), answer(step, client)
        if expected != actual:
            differing.append((step["step"], expected, actual))
    assert differing == []
    assert len(steps) == 131


def recorded(version: str, ports: dict[str, str]) -> list[dict]:
    text = (RECORDINGS / f"stalwart-{version}.jsonl").read_text()
    for name, number in ports.items():
        text = text.replace("{" + name + "}", number)
    return [json.loads(line) for line in text.splitlines()]


def prepare(step: str, sandbox: Sandbox, config: Path) -> None:
    """Do to the file what the recording did before this step."""
    if step == "file/hostname":
        config.write_text(FILE + config.read_text().replace("server.hostname = ", "# "))
        sandbox.restart()
    if step == "file/edit-while-running-reload":
        config.write_text(config.read_text().replace("mx.example.org", "edited.example.org"))


def answer(step: dict, client) -> object:
    request = step["request"]
    name = request["auth"]
    password = PASSWORDS.get(step["step"], {"admin": "admin-pw", "wrong": "-"}.get(name, "pw-jane"))
    login = {"wrong": "admin"}.get(name, name)
    body = request["body"].encode() if "body" in request else None
    reply = client.ask(
        request["method"],
        request["path"],
        request.get("json"),
        body=body,
        auth=f"{login}:{password}" if name else None,
    )
    return comparable(reply.status, reply.type, reply.realms, reply.json)


def expectation(step: dict) -> object:
    response = step["response"]
    return comparable(
        response["status"], response["type"], response.get("www-authenticate"), response["json"]
    )


def comparable(status: int, kind: str | None, realms: str | None, value: object) -> object:
    return status, kind, realms, without_chance(value)


def without_chance(value: object, key: str = "") -> object:
    """Return the JSON value with every part that chance decides replaced by its form."""
    match value:
        case dict():
            return {name: without_chance(part, name) for name, part in value.items()}
        case list() if key in ("externalMembers", "permissions"):
            # The order is that of a hash table.
            return sorted(value)
        case list():
            return [without_chance(part) for part in value]
        case int() if key in ("id", "data") and not isinstance(value, bool):
            return "a number"
        case str() if key in ("code", "oauth.key", "state", "timestamp"):
            return "a text"
        case str() if key == "private-key":
            return re.sub(r"[A-Za-z0-9+/=]{40,}", lambda match: f"{len(match[0])} characters", value)
        case str():
            return form_of_key(re.sub(r"\b20\d{4}([re])\b", r"YYYYMM\1", value))
    return value


def form_of_key(text: str) -> str:
    """Return the text with DKIM public keys replaced by algorithm and length."""
    for form, name in (
        (r"\bMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA[A-Za-z0-9+/]+IDAQAB", "RSA key"),
        (r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=", "Ed25519 key"),
    ):
        text = re.sub(form, lambda match, n=name: f"{n} of {len(match[0])}", text)
    return text
