"""Files as they are met: without a last newline, with CRLF, with Latin-1, empty, missing, huge."""

from __future__ import annotations

import time

import pytest

API = ("api", "A", "203.0.113.30")


def test_a_missing_last_newline_stays_missing(site):
    site.zonefile.write_text(site.text.removesuffix("\n"))
    site.records(API)

    assert site.apply().code == 0
    assert not site.text.endswith("\n")
    assert site.named.dig("api.example.org", "A") == ["203.0.113.30"]


def test_crlf_stays_crlf(site):
    site.zonefile.write_bytes(site.zonefile.read_bytes().replace(b"\n", b"\r\n"))
    site.records(API)

    assert site.apply().code == 0
    lines = site.zonefile.read_bytes().split(b"\n")
    assert {line[-1:] for line in lines[:-1]} == {b"\r"}
    assert site.named.dig("api.example.org", "A") == ["203.0.113.30"]


def test_comments_in_latin_1_stay_what_they_are(site):
    comment = "; für Müller & Söhne\n".encode("latin-1")
    site.zonefile.write_bytes(comment + site.zonefile.read_bytes())
    site.records(API)

    assert site.apply().code == 0
    assert site.zonefile.read_bytes().startswith(comment)


@pytest.mark.parametrize(
    ("arrange", "said"),
    [
        (lambda path: path.write_bytes(b""), "The file is empty."),
        (lambda path: path.write_bytes(b"\n; nothing\n"), "No name server loads a zone without one."),
        (lambda path: path.unlink(), "No such file or directory."),
        (lambda path: (path.unlink(), path.mkdir()), "It is a folder."),
        (lambda path: (path.unlink(), path.symlink_to(path)), "Too many levels of symbolic links."),
        (
            lambda path: path.write_bytes(path.read_bytes().replace(b"2026010101", b"today")),
            "must be a number up to 4294967295",
        ),
        (lambda path: path.write_bytes(bytes(range(256)) * 40), "record without a type"),
        (
            lambda path: path.write_bytes(path.read_bytes().replace(b"@  ", b"example.net.")),
            "The SOA here is that of example.net., and example.org. is expected.",
        ),
    ],
    ids=["empty", "comments only", "missing", "a folder", "a loop", "bad serial", "binary", "another zone"],
)
def test_what_cannot_be_read_is_an_error_and_never_an_empty_zone(unserved, arrange, said):
    unserved.records(API)
    arrange(unserved.zonefile)

    ended = unserved.apply()
    assert (ended.code, ended.out) == (1, "")
    assert said in ended.err
    assert str(unserved.zonefile) in ended.err


def test_fifty_megabytes_are_planned_and_written(unserved):
    lines = [
        f"host{number}\tIN\tA\t10.{number >> 16}.{number >> 8 & 255}.{number & 255}" for number in range(20)
    ]
    padding = "; " + "x" * 120 + "\n"
    unserved.zonefile.write_text(unserved.text + "\n".join(lines) + "\n" + padding * 410_000)
    assert unserved.zonefile.stat().st_size > 50_000_000
    unserved.records(API, reload=["true"])

    began = time.monotonic()
    assert unserved.apply().code == 0
    assert time.monotonic() - began < 60
    assert unserved.zonefile.read_text().count("api") == 1
