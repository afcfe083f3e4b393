"""Whatever a text holds, a parser returns a value or raises SyntaxProblem that points into the text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.mail import caa, dkim, dmarc, mtasts, mx, spf, srv, tlsa, tlsrpt, txt
from reconciler.mail.errors import SyntaxProblem

# Each parser, its writer, and what its texts are made of, so that chance gets past the first word.
PARSERS: list[Any] = [
    pytest.param(txt.parse, txt.text, ['"', "\\", "a", " ", "é", "255", ";", "\ud800"], id="txt"),
    pytest.param(mx.parse, mx.text, ["10", "0", " ", "a.example.", ".", "A", "-"], id="mx"),
    pytest.param(srv.parse, srv.text, ["0 ", "1 ", "65536 ", "a.example.", ".", "-"], id="srv"),
    pytest.param(
        caa.parse, caa.text, ["0 ", "128 ", "issue ", '"', "ca.example", ";", "\\", "\x7f"], id="caa"
    ),
    pytest.param(caa.issuer, None, ["ca.example", ";", "a", "=", " ", "-", "%"], id="caa issuer"),
    pytest.param(tlsa.parse, tlsa.text, ["3 1 1 ", "0 ", "ab", "cd" * 32, " ", "g"], id="tlsa"),
    pytest.param(
        dkim.parse,
        dkim.text,
        ["v=DKIM1", ";", "k=", "ed25519", "rsa", "p=", "AAAA", "h=", "s=", "t=", "x=", ":", " ", "*"],
        id="dkim",
    ),
    pytest.param(
        dmarc.parse,
        dmarc.text,
        [
            "v=DMARC1;",
            "p=",
            "sp=",
            "none",
            "reject",
            "rua=",
            "mailto:a@b.example",
            "fo=",
            "1",
            ":d",
            ",",
            ";",
            "pct=",
            " ",
            "!5m",
        ],
        id="dmarc",
    ),
    pytest.param(
        tlsrpt.parse,
        tlsrpt.text,
        ["v=TLSRPTv1", ";", "rua=", "mailto:a@b.example", "https://b.example", ",", "x=1", " "],
        id="tlsrpt",
    ),
    pytest.param(
        mtasts.parse, mtasts.text, ["v=STSv1", ";", "id=", "20260101", "x=1", " ", "-"], id="mtasts"
    ),
    pytest.param(
        mtasts.parse_policy,
        mtasts.policy_text,
        [
            "version: STSv1\n",
            "mode: ",
            "enforce",
            "\r\n",
            "\n",
            "mx: ",
            "*.",
            "a.example",
            "max_age: ",
            "86400",
            "x: é",
        ],
        id="mtasts policy",
    ),
    pytest.param(
        spf.parse,
        spf.text,
        [
            "v=spf1 ",
            "mx",
            "a",
            ":",
            "/",
            "24",
            " ",
            "-",
            "all",
            "ip4:",
            "192.0.2.1",
            "ip6:",
            "::1",
            "include:",
            "b.example",
            "redirect=",
            "%{",
            "d",
            "}",
            "%",
            "é",
        ],
        id="spf",
    ),
]


@pytest.mark.parametrize(("parse", "write", "parts"), PARSERS)
@given(data=st.data())
def test_any_text_is_a_value_or_a_syntax_problem(
    parse: Callable[[str], Any], write: Callable[[Any], str] | None, parts: list[str], data: st.DataObject
) -> None:
    any_text = st.text(st.characters(), max_size=40)
    text = data.draw(st.lists(st.sampled_from(parts), max_size=14).map("".join) | any_text)
    try:
        value = parse(text)
    except SyntaxProblem as problem:
        assert 0 <= problem.position <= len(text)
        assert problem.words.endswith((".", "?"))
        return
    if write is not None:
        assert parse(write(value)) == value
        assert write(parse(write(value))) == write(value)


@given(st.text())
@example("-----BEGIN CERTIFICATE-----AAAA-----END CERTIFICATE-----")
def test_any_pem_is_certificates_or_a_syntax_problem(pem: str) -> None:
    try:
        found = tlsa.certificates(pem)
    except SyntaxProblem as problem:
        assert problem.standard == "TLSA"
    else:
        assert found
