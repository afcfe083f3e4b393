"""A static zone of a real BIND: planned, written, reloaded, proven."""

from __future__ import annotations

import os

API = ("api", "A", "203.0.113.30")
WWW = ("www", "A", "203.0.113.20")
SERIAL = "                2026010101 ; serial"


def data_of(lines: list[str]) -> list[list[str]]:
    """Return the words of new lines, without marks; the serial's line is left out."""
    return [line.split("; mailstack:")[0].split() for line in lines if not line.endswith("; serial")]


def test_an_apply_writes_the_planned_lines_and_the_serial_and_nothing_else(site):
    site.records(API, ("@", "TXT", "hello; world"))
    before = site.text

    assert site.apply().code == 0
    gone, new = site.difference(before)
    assert gone == [SERIAL]
    assert data_of(new) == [["IN", "TXT", '"hello;', 'world"'], ["api", "IN", "A", "203.0.113.30"]]
    assert site.named.dig("api.example.org", "A") == ["203.0.113.30"]
    assert site.named.dig("example.org", "TXT") == ['"hello; world"']
    assert site.beside() == {"db.example.org.mailstack-backup"}


def test_the_second_plan_is_empty(site):
    site.records(API, WWW)
    site.apply()

    assert site.plan("--detailed-exitcode").code == 0


def test_a_plan_changes_nothing(site):
    site.records(API, WWW)
    before = site.zonefile.read_bytes(), os.stat(site.zonefile), sorted(os.listdir(site.zonefile.parent))

    assert site.plan().code == 0
    assert (
        site.zonefile.read_bytes(),
        os.stat(site.zonefile),
        sorted(os.listdir(site.zonefile.parent)),
    ) == before


def test_what_is_no_longer_declared_goes_and_gives_back_the_old_bytes_but_for_the_serial(site):
    before = site.text
    site.records(API, ("@", "TXT", "hello; world"), ("shop", "AAAA", "2001:db8::1"))
    site.apply()
    site.stack("records: []")

    assert site.apply().code == 0
    assert site.difference(before)[0] == [SERIAL]
    after = site.text
    serial = next(word for line in after.splitlines() if "; serial" in line for word in line.split()[:1])
    assert after.replace(serial, "2026010101") == before
    assert site.named.dig("api.example.org", "A") == []


def test_an_adoption_adds_the_mark_and_no_serial_and_no_reload(site):
    site.records(WWW, reload=["false"])
    before = site.text

    assert site.apply().code == 0
    gone, new = site.difference(before)
    assert gone == ["www     IN A    203.0.113.20   ; the old server, keep!"]
    assert [line.split(" ; mailstack:home:")[0] for line in new] == gone


def test_a_forgotten_record_loses_its_mark_and_nothing_else(site):
    before = site.text
    site.records(WWW)
    site.apply()
    site.stack(top="forget: [record/example.org/www/A/203.0.113.20]", reload=["false"])

    assert site.apply().code == 0
    assert site.text == before


def test_a_record_of_somebody_else_stays_until_it_is_listed(site):
    site.records(("www", "A", "203.0.113.21"))

    assert site.apply().code == 4
    assert site.named.dig("www.example.org", "A") == ["203.0.113.20", "203.0.113.21"]

    site.stack(
        'records: [{name: www, type: A, value: "203.0.113.21"}]',
        top="removed: [record/example.org/www/A/203.0.113.20]",
    )
    assert site.apply().code == 0
    assert site.named.dig("www.example.org", "A") == ["203.0.113.21"]


def test_a_changed_ttl_is_served(site):
    site.records((*WWW, "5m"))

    assert site.apply().code == 0
    assert site.named.dig_ttl("www.example.org", "A") == 300


def test_a_value_that_takes_the_place_of_another_is_one_line(site):
    old, new = "203.0.113.30", "203.0.113.31"
    site.records(("api", "A", old), ("two", "A", old), ("more", "A", old))
    site.apply()
    site.records(
        ("api", "A", new),
        ("two", "A", old),
        ("two", "A", new),
        ("more", "A", new),
        ("more", "A", "203.0.113.32"),
    )

    why = "written by mailstack, no longer declared"
    assert site.plan().out.split("\n\n")[1].splitlines() == [
        "  DNS example.org",
        f"    ~ A  api   {old} -> {new}  the old one goes once the new one is served: {why}",
        f"    + A  more  {new}",
        "    + A  more  203.0.113.32",
        f"    + A  two   {new}",
        f"    - A  more  {old}  {why}",
    ]


def test_an_alias_is_replaced_by_an_address_in_one_write(site):
    site.stack(
        'records: [{name: shop, type: A, value: "203.0.113.40"}]',
        top="removed: [record/example.org/shop/CNAME]",
    )

    assert site.apply().code == 0
    assert site.named.dig("shop.example.org", "A") == ["203.0.113.40"]
    assert site.named.dig("shop.example.org", "CNAME") == []


def test_a_delegation_and_its_glue_are_seen_in_the_referral(site):
    site.records(("lab", "NS", "ns.lab.example.org."), ("ns.lab", "A", "203.0.113.53"))

    assert site.apply().code == 0


def test_a_long_text_is_split_and_served_whole(site):
    site.records(("big", "TXT", "x" * 700))

    assert site.apply().code == 0
    assert site.named.dig("big.example.org", "TXT") == [f'"{"x" * 255}" "{"x" * 255}" "{"x" * 190}"']


def served_serial(site) -> int:
    return int(site.named.dig("example.org", "SOA")[0].split()[2])


def test_the_report_names_the_serial_and_the_way_back(site):
    site.records(("old", "A", "203.0.113.40"))
    site.apply()
    first = served_serial(site)
    site.records(API)

    out = site.apply().out
    last = served_serial(site)
    assert out.count("to go back") == 1  # for two writes
    assert (
        f"Zone example.org has the serial {first + 1}, before {first}.\n"
        f"Zone example.org has the serial {last}, before {first + 1}.\n"
        f"The file from before is {site.zonefile}.mailstack-backup; to go back copy it, "
        f"give it a serial above {last} and reload the zone:\n"
        "\n"
        f"    cp {site.zonefile}.mailstack-backup {site.zonefile}\n"
    ) in out


def test_the_backup_is_the_file_from_before_the_run_also_after_two_writes(site):
    site.records(("old", "A", "203.0.113.40"))
    site.apply()
    before = site.zonefile.read_bytes()
    site.records(API)

    assert site.apply().code == 0
    assert site.zonefile.with_name("db.example.org.mailstack-backup").read_bytes() == before


def test_the_file_keeps_its_mode_and_a_link_stays_a_link(site, tmp_path):
    site.zonefile.chmod(0o640)
    link = tmp_path / "link"
    link.symlink_to(site.zonefile)
    site.records(API, zonefile=str(link))

    assert site.apply().code == 0
    assert link.is_symlink()
    assert site.zonefile.stat().st_mode & 0o777 == 0o640
    assert site.named.dig("api.example.org", "A") == ["203.0.113.30"]


def test_two_zones_in_one_folder_are_one_lock(site):
    other = site.zonefile.with_name("db.example.net")
    other.write_text(site.text)
    site.stack(
        'records: [{name: api, type: A, value: "203.0.113.30"}]',
        top=(
            f"domains: {{example.net: {{dns: {{zonefile: {other}, reload: ['true'], mail: [],"
            " records: [{name: api, type: A, value: 203.0.113.30}]}}}"
        ),
    )

    assert site.apply().code == 0
    assert "203.0.113.30" in other.read_text()
