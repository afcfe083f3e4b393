"""What the server would publish itself, and what we derive: `docs/mail-records.md` has every difference.

The stand-in answers `/api/dns/records` as the real servers did (tests/sandbox); what these answered
when they were recorded is compared as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import cli
import pytest
from live_by_hand import live_of
from servers import Api

from reconciler.config.load import load_bytes
from reconciler.desired import desire
from reconciler.kinds.dkim_key import DkimKey
from reconciler.kinds.record import Record, text_of
from reconciler.pending import with_dkim_records
from reconciler.resource import Address

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "mail-records.md").read_text(encoding="utf-8")
RECORDINGS = sorted((ROOT / "tests" / "recordings").glob("stalwart-0.1[1-5].*.jsonl"))
STACK = """\
version: 1
domain: example.org
hostname: mail.example.org
dns: {addresses: [203.0.113.10]}
accounts: {alice: {}}
"""
NAMED = STACK.replace(
    "[203.0.113.10]",
    "[203.0.113.10], mail: {autoconfig: true, srv: [submissions, submission, imaps, imap, pop3s, pop3, "
    "jmap, caldavs, carddavs]}",
)
PORTS = {"imaps": "993", "imap": "143", "submissions": "465", "smtp": "587"}

Lines = set[str]


def ours(stack: str, keys: tuple[DkimKey, ...] = ()) -> Lines:
    """Return the records that we derive, with the DKIM records of live keys."""
    loaded = load_bytes(stack.encode(), "stack.yaml")
    desired = with_dkim_records(desire(loaded.stack, loaded.where), live_of(*keys))
    return {_line(r.owner, r.type, r.made) for r in desired.resources.values() if isinstance(r, Record)} - {
        ""
    }


def _line(owner: str, rrtype: str, value: object) -> str:
    if not isinstance(value, str):
        return ""  # a key that is yet to be made
    return f'{owner} {rrtype} "{text_of(value)}"' if rrtype == "TXT" else f"{owner} {rrtype} {value}"


def theirs(records: list[dict[str, str]]) -> Lines:
    """Return records of the server's answer; a TXT record comes without quotes there."""
    return {
        f'{r["name"]} {r["type"]} "{r["content"]}"'
        if r["type"] == "TXT"
        else " ".join((r["name"], r["type"], r["content"]))
        for r in records
    }


def page(sign: str, number: int) -> Lines:
    """Return the lines with a sign in one of the page's differences."""
    block = re.findall(r"```diff\n(.*?)```", PAGE, re.DOTALL)[number]
    return {line[1:] for line in block.splitlines() if line.startswith(sign)}


@pytest.fixture
def fresh() -> Iterator[Api]:
    with cli.sandbox(
        seed={"domains": ["example.org"], "settings": {"server.hostname": "mail.example.org"}}
    ) as server:
        yield Api(server.url, cli.ADMIN_PASSWORD)


@pytest.mark.parametrize(
    ("stack", "number"), [(STACK, 0), (NAMED, 1)], ids=["the least", "all services named"]
)
def test_the_page_has_every_difference_to_a_fresh_server(stack, number, fresh):
    found = theirs(fresh.data("GET", "/api/dns/records/example.org"))

    assert found - ours(stack) == page("-", number)
    assert ours(stack) - found == page("+", number)


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_to_no_recorded_server_is_there_another_difference(recording):
    """Their keys are ours too: the DKIM records are the same, word for word."""
    answer = _answer(recording, "dkim/dns")
    keys = tuple(_keys(answer))
    assert [key.address.name for key in keys] == ["example.org/ed25519", "example.org/rsa"]
    stack = STACK.replace("[203.0.113.10]", "[203.0.113.10], mail: {dkim: [rsa, ed25519]}")

    found = theirs(answer)

    assert found - ours(stack, keys) <= page("-", 0)
    assert ours(stack, keys) - found == page("+", 0)


def _answer(recording: Path, step: str) -> list[dict[str, str]]:
    for line in recording.read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        if said["step"] == step:
            return [
                {**r, "content": re.sub(r"\{(\w+)\}", lambda m: PORTS[m[1]], r["content"])}
                for r in said["response"]["json"]["data"]
            ]
    raise AssertionError(f"{recording} has no step {step}")


def _keys(answer: list[dict[str, str]]) -> Iterator[DkimKey]:
    for record in answer:
        found = re.fullmatch(r"v=DKIM1; k=(\w+); h=sha256; p=(.+)", record["content"])
        if found:
            selector = record["name"].partition(".")[0]
            address = Address("dkim_key", f"example.org/{found[1]}")
            yield DkimKey(address=address, selector=selector, public_key=found[2])
