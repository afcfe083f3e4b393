"""Domains with other letters than ASCII's: computers get the A-label, people read the U-label."""

from __future__ import annotations

import pytest

from reconciler.dnsdata.readable import readable

STACK = """\
accounts: {alice: {}}
domains: {bücher.example: {accounts: {bob: {aliases: [info]}}}}
"""


def test_a_plan_shows_the_u_label_and_both_where_the_domain_is_made(project):
    project.stack(STACK)

    lines = project.run("plan").out.splitlines()

    assert "    + domain   bücher.example       xn--bcher-kva.example for computers" in lines
    assert "    + account  bob@bücher.example" in lines
    assert "    + alias    info@bücher.example  -> bob@bücher.example" in lines


def test_the_server_gets_the_a_label(project):
    project.stack(STACK)

    assert project.run("apply", "--yes").code == 0
    assert "xn--bcher-kva.example" in project.api.names("domain")
    assert project.run("plan", "--detailed-exitcode").code == 0


def test_an_error_tells_the_name_as_it_was_written(project):
    project.stack(STACK.replace("[info]", "[info@börse.example]"))

    ended = project.run("plan")

    assert ended.code == 1
    assert "    börse.example is no domain of this stack." in ended.err


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("alice@xn--bcher-kva.example", "alice@bücher.example"),
        ("mail.xn--strae-oqa.example", "mail.straße.example"),
        ("xn--abc-.example", "xn--abc-.example"),
        ("xn--", "xn--"),
        ("axn--bcher-kva.example", "axn--bcher-kva.example"),
        ("xn--a-ecp.example", "xn--a-ecp.example"),
        ("example.org", "example.org"),
    ],
)
def test_what_has_no_u_label_that_can_be_shown_stays_as_it_is(text, shown):
    assert readable(text) == shown
