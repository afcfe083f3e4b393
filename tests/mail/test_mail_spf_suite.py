"""The openspf.org test suite for RFC 7208, release 2014.04.

It is data/rfc7208-tests.yml, under its own licence, which lies beside it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.mail import spf

SUITE = Path(__file__).parent / "data" / "rfc7208-tests.yml"


class Zone:
    """Answers as the suite's notes say: SPF entries are TXT too, unless the name has TXT entries."""

    def __init__(self, data: dict[str, list[Any]]) -> None:
        self.data = {name.lower(): entries for name, entries in data.items()}

    def __call__(self, name: str, type_: spf.RecordType, /) -> tuple[str, ...]:
        entries = self.data.get(name.lower(), [])
        for _ in range(8):  # an alias that never ends has no answer
            aliases = [entry["CNAME"] for entry in entries if "CNAME" in entry]
            if not aliases:
                break
            entries = self.data.get(aliases[0].lower(), [])
        records = [entry for entry in entries if entry != "TIMEOUT"]
        key = "SPF" if type_ == "TXT" and not any("TXT" in record for record in records) else type_
        answers = tuple(_value(record[key]) for record in records if key in record and record[key] != "NONE")
        if not answers and "TIMEOUT" in entries:
            raise spf.UnansweredError(name, type_)
        return answers


def _value(value: Any) -> str:
    """An MX is a preference and a name; a TXT record may be a list of strings."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return str(value)


def cases() -> Iterator[Any]:
    with SUITE.open(encoding="utf-8") as stream:
        for scenario in yaml.safe_load_all(stream):
            for name, case in scenario["tests"].items():
                yield pytest.param(case, scenario["zonedata"], id=f"{scenario['description']}: {name}")


@pytest.mark.parametrize(("case", "zone"), list(cases()))
def test_result_is_the_one_that_the_suite_asks_for(case: dict[str, Any], zone: dict[str, list[Any]]) -> None:
    sender, helo = case["mailfrom"], case["helo"]
    domain = sender.rpartition("@")[2] if sender else helo
    client = ipaddress.ip_address(case["host"])
    verdict = spf.evaluate(client, domain.lower(), Zone(zone), sender=sender, helo=helo)
    expected = case["result"] if isinstance(case["result"], list) else [case["result"]]
    assert verdict.result.value in expected, verdict.reason
