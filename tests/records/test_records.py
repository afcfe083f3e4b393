"""`mailstack records`: a zone file to paste, with names that are right under any $ORIGIN."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from lint_texts import STACK
from record_stacks import DERIVED

from reconciler.errors import InputError

STRICT = ["-kfail", "-mfail", "-Mfail", "-nfail", "-rfail", "-Sfail", "-Wwarn", "-ilocal"]


def test_names_are_absolute_and_what_is_not_known_yet_is_said(printed):
    assert printed(STACK).splitlines()[:4] == [
        "; example.org: the DKIM records follow when the server has made the keys; `mailstack plan` shows them.",
        "example.org. 3600 IN MX 10 mail.example.org.",
        "mail.example.org. 3600 IN A 203.0.113.10",
        'mail.example.org. 3600 IN TXT "v=spf1 a -all"',
    ]


def test_the_records_of_one_domain_are_those_inside_it(printed):
    out = printed(STACK + "domains: {example.net: {type: parked, dns: {}}}\n", "example.net")

    assert [line.split()[0] for line in out.splitlines()] == ["example.net."] * 2 + ["_dmarc.example.net."]


def test_a_strange_domain_is_refused(printed):
    with pytest.raises(InputError, match=r"example\.com is no domain of this stack"):
        printed(STACK, "example.com")


@pytest.mark.parametrize("stack", DERIVED.values(), ids=DERIVED)
def test_the_zone_loads_in_a_name_server_with_every_strict_switch(stack, printed, tmp_path):
    if shutil.which("named-checkzone") is None:
        pytest.skip("no named-checkzone")
    head = "$TTL 3600\n@ IN SOA ns hostmaster 1 7200 3600 1209600 3600\n@ IN NS ns.example.net.\n"
    (tmp_path / "zone").write_text(head + printed(stack))

    done = subprocess.run(
        ["named-checkzone", *STRICT, "example.org", "zone"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "OK")


def test_json_has_whole_names_and_joined_texts(printed):
    found = json.loads(printed(DERIVED["everything"], "--format", "json"))

    assert found["format"] == 1
    assert {
        "zone": "example.org.",
        "name": "long.example.org.",
        "type": "TXT",
        "ttl": 3600,
        "value": ("x; " * 200).strip(),
    } in found["records"]
