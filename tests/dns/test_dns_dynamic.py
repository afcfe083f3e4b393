"""A zone that the name server itself writes is refused, with the reason."""

from __future__ import annotations

import pytest

from reconciler.backends.dns import named_conf, rndc

API = ("api", "A", "203.0.113.30")


def test_a_zone_that_allows_updates_is_refused(served):
    with served('allow-update { key "test"; };') as site:
        site.records(API)
        before = site.zonefile.read_bytes()

        ended = site.apply()
        assert ended.code == 1
        assert "this zone is written by the name server itself" in ended.err
        assert "rndc zonestatus calls it dynamic." in ended.err
        assert site.zonefile.read_bytes() == before


def test_one_that_is_signed_inline_as_well_is_refused_too(served):
    with served("dnssec-policy default;", "inline-signing yes;", 'allow-update { key "test"; };') as site:
        site.records(API)

        assert "calls it dynamic" in site.plan().err


def test_a_journal_beside_the_file_is_enough_where_rndc_is_not_asked(unserved):
    unserved.records(API)
    unserved.zonefile.with_name("db.example.org.jnl").write_bytes(b"")

    ended = unserved.plan()
    assert ended.code == 1
    assert "There is a journal beside the file (db.example.org.jnl)." in ended.err


def test_a_named_conf_beside_the_file_is_read(unserved):
    unserved.records(API)
    unserved.zonefile.with_name("named.conf").write_text(
        'zone "example.org" { type primary; file "db.example.org"; allow-update { any; }; };'
    )

    ended = unserved.plan()
    assert ended.code == 1
    assert "named.conf allows updates of it." in ended.err


@pytest.mark.parametrize(
    ("text", "lets"),
    [
        ('zone "example.org" { file "db.example.org"; allow-update { key k; }; };', True),
        ('zone "example.org" IN { update-policy local; file "/etc/bind/db.example.org"; };', True),
        ("zone example.org. { file db.example.org; update-policy { grant k zonesub any; }; };", True),
        ('zone "example.org" { file "db.example.org"; allow-update { none; }; };', False),
        ('zone "example.org" { file "db.example.org"; /* allow-update { any; }; */ };', False),
        ('zone "example.org" { file "db.example.org"; # allow-update { any; };\n};', False),
        ('zone "example.org" { file "other"; allow-update { any; }; };', False),
        ('zone "example.net" { file "db.example.org"; allow-update { any; }; };', False),
        ('zone "example.org" { file "a"; }; zone "b" { allow-update { any; }; };', False),
        ('zone "example.org" { file "db.example.org"; allow-update { any', True),
        ("", False),
    ],
)
def test_only_the_block_of_the_zone_counts(text, lets):
    assert named_conf.lets_update(text, "example.org", "db.example.org") is lets


@pytest.mark.parametrize(
    ("reload", "status"),
    [
        (("rndc", "reload", "{zone}"), ("rndc", "zonestatus", "example.org")),
        (("/usr/sbin/rndc", "reload"), ("/usr/sbin/rndc", "zonestatus", "example.org")),
        (
            ("docker", "exec", "bind", "rndc", "-s", "::1", "reload", "{zone}"),
            ("docker", "exec", "bind", "rndc", "-s", "::1", "zonestatus", "example.org"),
        ),
        (
            ("rndc", "reload", "{zone}", "IN", "inside"),
            ("rndc", "zonestatus", "example.org", "IN", "inside"),
        ),
        (("rndc", "reconfig"), None),
        (("systemctl", "reload", "named"), None),
        ((), None),
    ],
)
def test_the_status_is_asked_for_as_the_reload_is(reload, status):
    assert rndc.status_argv(reload, "example.org") == status


def test_a_secondary_is_not_edited():
    said = "name: example.org\ntype: secondary\nfiles: copy\nserial: 5\ndynamic: no\n"

    assert not rndc.parsed(said).is_edited_by_hand
