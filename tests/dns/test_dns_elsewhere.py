"""A zone that is kept elsewhere: what is missing there is a note to paste, and never a change."""

from __future__ import annotations

import pytest

LONG = "x" * 300


@pytest.fixture
def elsewhere(site):
    """The site without its zone file: somebody else edits it."""
    site.zonefile.write_text(site.text + '@ TXT "v=spf1 a -all"\n@ TXT "other"\n')
    site.named.tell("reload", "example.org")
    return site


def notes(site) -> list[str]:
    return [line for line in site.plan().out.splitlines() if line.startswith("! DNS is kept elsewhere")]


def declared(site, *records: str, **keys: object) -> None:
    site.stack(f"records: [{', '.join(records)}]", zonefile=None, reload=None, **keys)


def test_what_is_served_needs_no_note(elsewhere):
    declared(elsewhere, "{name: www, type: A, value: 203.0.113.20}")

    assert notes(elsewhere) == []
    assert elsewhere.plan("--detailed-exitcode").code == 0


def test_what_is_not_served_is_a_line_to_paste_with_absolute_names(elsewhere):
    declared(elsewhere, "{name: api, type: A, value: 203.0.113.30, ttl: 5m}")
    before = elsewhere.text

    assert notes(elsewhere) == ["! DNS is kept elsewhere, please add: api.example.org. 300 IN A 203.0.113.30"]
    assert elsewhere.apply().code == 0
    assert elsewhere.text == before


def test_a_long_text_is_split_as_a_zone_needs_it(elsewhere):
    declared(elsewhere, f"{{name: big, type: TXT, value: {LONG}}}")

    assert notes(elsewhere) == [
        f'! DNS is kept elsewhere, please add: big.example.org. IN TXT "{"x" * 255}" "{"x" * 45}"'
    ]


def test_a_text_of_which_there_is_one_is_changed_and_not_added(elsewhere):
    declared(elsewhere, mail={"spf": {"include": ["example.net"]}})

    assert [note for note in notes(elsewhere) if "v=spf1" in note] == [
        '! DNS is kept elsewhere, please change "v=spf1 a -all" to: '
        'example.org. IN TXT "v=spf1 mx include:example.net -all"'
    ]


def test_a_default_text_does_not_overrule_the_one_that_is_there(elsewhere):
    declared(elsewhere, mail=["spf"])

    assert notes(elsewhere) == []


def test_without_servers_everything_is_told(elsewhere):
    declared(elsewhere, "{name: www, type: A, value: 203.0.113.20}", servers=[])

    assert notes(elsewhere) == ["! DNS is kept elsewhere, add if missing: www.example.org. IN A 203.0.113.20"]
    assert elsewhere.plan().out.endswith(
        "Nothing to do: all that mailstack keeps is as declared. What is noted above is for you.\n"
    )


def test_a_server_that_is_silent_is_told_with_what_is_wanted(elsewhere):
    declared(elsewhere, "{name: www, type: A, value: 203.0.113.20}", servers=["127.0.0.1:1"])

    (note,) = notes(elsewhere)
    assert note.startswith("! DNS is kept elsewhere, and 127.0.0.1 does not tell what it serves (no answer")
