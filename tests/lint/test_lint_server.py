"""Rules that look at what the server has."""

from __future__ import annotations

import pytest

from reconciler.kinds.dkim_key import DkimKey
from reconciler.kinds.setting import Setting
from reconciler.lint.judge import lint
from reconciler.lint.lines import Line
from reconciler.lint.rules import RULES
from reconciler.lint.scene import Scene
from reconciler.resource import Address

KEY = "11qYAYKxCrfVS/7TyWQHOG7hcvPapiMlrwIaaPcHURo="


def unused(selector: str, key: str = KEY, signing: str = "ms2-ed25519") -> list[tuple[str, str]]:
    """Return what is told of the record at a selector, where the server signs with another."""
    line = Line(
        zone="example.org.",
        owner=f"{selector}._domainkey.example.org.",
        type="TXT",
        value=f'"v=DKIM1; k=ed25519; p={key}"',
    )
    own = DkimKey(address=Address("dkim_key", "example.org/ed25519"), selector=signing, public_key=KEY)
    scene = Scene(domains=("example.org",), lines=(line,), resources={own.address: own}, is_server_read=True)
    found = lint(scene, [RULES["DKIM-06"]], today="2026-06-01").findings
    return [(f"{f.severity}: {f.text}", f.fix) for f in found]


def test_a_key_of_ours_that_the_server_no_longer_has_is_told():
    assert unused("ms1-ed25519") == [
        (
            "warning: ms1-ed25519._domainkey.example.org is a key that the server does not have: "
            "nothing is signed with it",
            "delete ms1-ed25519._domainkey.example.org a week after its last use",
        )
    ]


@pytest.mark.parametrize("selector", ["ms2-ed25519", "google", "selector1", "202613"], ids=str)
def test_a_key_in_use_and_a_key_of_somebody_else_is_no_finding(selector):
    assert unused(selector) == []


def test_a_key_that_was_withdrawn_is_no_finding():
    assert unused("ms1-ed25519", key="") == []


def moved(version: str) -> list[str]:
    """Return what is told of a key of Stalwart 0.11 on a server of a version."""
    key = Setting(address=Address("setting", "server.http.use-x-forwarded"), value="true")
    scene = Scene(resources={key.address: key}, is_server_read=True, version=version)
    return [f"{f.severity}: {f.text}" for f in lint(scene, [RULES["STW-08"]], today="2026-06-01").findings]


def test_a_key_that_has_moved_is_a_warning_where_the_version_no_longer_reads_it():
    assert moved("0.15.5") == [
        "warning: Stalwart 0.12 and later do not read server.http.use-x-forwarded: it has moved to http."
    ]


def test_a_key_that_the_version_still_reads_is_no_finding():
    assert moved("0.11.8") == []
