"""octoDNS takes our export, and publishes from it what we would write into a zone file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import dns.rdatatype
import dns.zone
import pytest
from record_stacks import DERIVED

CONFIG = """\
manager: {enable_checksum: false}
providers:
  ours: {class: octodns.provider.yaml.YamlProvider, directory: ours}
  theirs: {class: octodns_bind.ZoneFileProvider, directory: theirs}
zones:
  example.org.: {sources: [ours], targets: [theirs]}
"""

# A text with a backslash, and types of which octoDNS is not asked.
BY_HAND = ("slash.", "host.")


@pytest.mark.parametrize("stack", DERIVED.values(), ids=DERIVED)
def test_octodns_publishes_the_same_records(stack, printed, tmp_path):
    (tmp_path / "ours").mkdir()
    (tmp_path / "theirs").mkdir()
    _, document = printed(stack, "--format", "octodns").split("---\n")
    assert document.startswith("# example.org.yaml\n")
    (tmp_path / "ours" / "example.org.yaml").write_text(document, encoding="utf-8")
    (tmp_path / "octodns.yaml").write_text(CONFIG)

    done = subprocess.run(
        [Path(sys.executable).parent / "octodns-sync", "--config-file", "octodns.yaml", "--doit", "--force"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    lines = [line for line in printed(stack).splitlines() if not line.startswith((";", *BY_HAND))]
    assert records((tmp_path / "theirs" / "example.org.").read_text()) == records("\n".join(lines))


def records(text: str) -> set[tuple[str, str, object, int]]:
    """Return the records of a zone file, without those that say that it is one."""
    zone = dns.zone.from_text(text, "example.org.", relativize=False, check_origin=False)
    return {
        (
            str(name),
            dns.rdatatype.to_text(found.rdtype),
            b"".join(data.strings) if found.rdtype == dns.rdatatype.TXT else data.to_text(),
            found.ttl,
        )
        for name, found in zone.iterate_rdatasets()
        for data in found
        if found.rdtype not in (dns.rdatatype.SOA, dns.rdatatype.NS)
    }


def test_what_octodns_would_change_is_left_to_a_person(printed):
    out = printed(DERIVED["everything"], "--format", "octodns")

    assert [line for line in out.splitlines() if "by hand" in line] == [
        '# to be written by hand: slash.example.org. TXT "a\\\\b"',
        "# to be written by hand: host.example.org. SSHFP 1 1 123456789abcdef67890123456789abcdef67890",
    ]
