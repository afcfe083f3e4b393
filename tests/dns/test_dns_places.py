"""Which zone files a stack names: several domains may share one, two zones may not."""

from __future__ import annotations

API = "records: [{name: api, type: A, value: 203.0.113.30}]"


def test_domains_of_one_zone_are_one_file_written_once(site):
    site.stack(
        API,
        top=(
            "domains: {lab.example.org: {dns: {zone: example.org, mail: [],"
            " records: [{name: api, type: A, value: 203.0.113.31}]}}}"
        ),
    )
    before = site.text

    ended = site.apply()
    assert ended.code == 0
    assert ended.out.count("has the serial") == 1
    assert len(site.difference(before)[1]) == 3
    assert site.named.dig("api.lab.example.org", "A") == ["203.0.113.31"]


def test_two_domains_that_contradict_each_other_about_their_zone_are_an_error(unserved):
    unserved.stack(
        API,
        reload=["true"],
        top="domains: {lab.example.org: {dns: {zone: example.org, reload: [other], mail: []}}}",
    )

    ended = unserved.plan()
    assert ended.code == 1
    assert "two different reload for one zone" in ended.err
    assert "example.org and lab.example.org both stand in the zone example.org" in ended.err


def test_one_file_for_two_zones_is_an_error(unserved):
    unserved.stack(
        API, top=f"domains: {{lab.example.org: {{dns: {{zonefile: {unserved.zonefile}, mail: []}}}}}}"
    )

    ended = unserved.plan()
    assert ended.code == 1
    assert "one file for two zones" in ended.err
    assert "write `zone: example.org`" in ended.err


def test_files_of_one_name_in_two_folders_are_two_systems(unserved):
    folders = [unserved.project.folder / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
        folder.joinpath("zone.db").write_text(unserved.text)
    unserved.stack(
        API,
        zonefile=str(folders[0] / "zone.db"),
        reload=["true"],
        top=(
            f"domains: {{example.net: {{dns: {{zonefile: {folders[1]}/zone.db, reload: ['true'],"
            " mail: [], records: [{name: api, type: A, value: 203.0.113.31}]}}}"
        ),
    )

    ended = unserved.apply()
    assert ended.code == 0
    assert "zone zone.db of example.org · zone zone.db of example.net" in ended.out
    assert "203.0.113.30" in (folders[0] / "zone.db").read_text()
    assert "203.0.113.31" in (folders[1] / "zone.db").read_text()
