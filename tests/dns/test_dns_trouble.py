"""What a name server does not serve is not done: the old file comes back, and its answer is shown."""

from __future__ import annotations

import os
import socket

import named

API = ("api", "A", "203.0.113.30")
# named-checkzone only warns of such a name, and named does not load a primary zone with it.
REFUSED = ("_api", "A", "203.0.113.30")


def test_a_reload_that_prints_success_and_loads_nothing_is_not_believed(site):
    site.records(API, reload=["echo", "zone reload queued"], timeout="1s")
    before = site.zonefile.read_bytes()

    ended = site.apply()
    assert ended.code == 1
    assert site.zonefile.read_bytes() == before
    assert f"127.0.0.1 port {site.named.port} should serve api.example.org. A 203.0.113.30" in ended.out
    assert "it answers nothing" in ended.out
    assert "The reload said: zone reload queued (exit code 0)" in ended.out
    assert "The old file was put back and reloaded." in ended.out
    assert site.beside() == {"db.example.org.mailstack-backup"}


def test_a_zone_that_named_refuses_is_still_served_as_before_and_its_file_comes_back(site):
    site.records(REFUSED, timeout="1s")
    before = site.zonefile.read_bytes()

    ended = site.apply()
    assert ended.code == 1
    assert site.zonefile.read_bytes() == before
    assert "rndc zonestatus says: files: " in ended.out
    assert site.named.dig("www.example.org", "A") == ["203.0.113.20"]


def test_removals_wait_until_additions_are_served(site):
    site.records(REFUSED, timeout="1s")
    with site.project.folder.joinpath("mailstack.yaml").open("a") as file:
        file.write("removed: [record/example.org/shop/CNAME]\n")

    assert site.apply().code == 1
    assert "CNAME www" in site.text
    assert site.named.dig("shop.example.org", "CNAME") == ["www.example.org."]


def test_a_reload_whose_program_is_missing_says_so(site):
    site.records(API, reload=["no-such-program", "{zone}"], timeout="1s")

    ended = site.apply()
    assert ended.code == 1
    assert "The reload said: there is no program no-such-program" in ended.out


def test_a_reload_that_fails_is_enough_where_nobody_can_be_asked(site):
    site.records(API, reload=["false"], servers=[])
    before = site.zonefile.read_bytes()

    assert site.apply().code == 1
    assert site.zonefile.read_bytes() == before


def test_a_reload_that_fails_and_is_served_all_the_same_is_done(site):
    script = site.project.write("reload.sh", f"{' '.join(site.named.rndc)} reload example.org\nexit 1\n")
    site.records(API, reload=["sh", str(script)])

    assert site.apply().code == 0


def test_what_somebody_else_writes_meanwhile_is_kept_and_ours_is_stale(site, tmp_path):
    # named-checkzone is run after the file was read and before it is written.
    program = site.project.write(
        "bin/named-checkzone", f"#!/bin/sh\necho 'mine A 203.0.113.7' >> {site.zonefile}\n"
    )
    program.chmod(0o755)
    site.project.environ["PATH"] = f"{program.parent}:/usr/bin:/bin"
    site.records(API, ("@", "TXT", "hello"))
    before = site.text

    ended = site.apply()
    assert ended.code == 4
    assert "Not made, because it changed meanwhile" in ended.out
    assert site.text == before + "mine A 203.0.113.7\n"
    assert site.beside() == set()


def test_without_servers_the_plan_says_that_nothing_proves_the_change(site):
    site.records(API, servers=[])

    assert (
        "! db.example.org: nothing proves that the change is served; name your servers in dns.servers."
        in site.plan().out
    )


def test_without_a_reload_the_plan_says_what_to_run_and_apply_waits_for_it(site):
    site.records(API, reload=None, timeout="1s")

    assert "Run it yourself while apply waits up to 1 seconds" in site.plan().out
    ended = site.apply()
    assert ended.code == 1
    assert "the name server does not serve the change yet" in ended.out
    assert "    rndc reload example.org" in ended.out
    assert "api" in site.text

    site.named.tell("reload", "example.org")
    assert site.apply().code == 0
    assert site.plan("--detailed-exitcode").code == 0


def test_without_reload_and_servers_the_report_says_what_to_run(unserved):
    unserved.records(API, reload=None)

    ended = unserved.apply()
    assert ended.code == 0
    assert "Now make the name server load it:\n\n    rndc reload example.org\n" in ended.out
    assert unserved.plan("--detailed-exitcode").code == 0


def test_a_file_that_was_never_loaded_is_a_left_over_activation(site):
    site.records(API)
    site.apply()
    served = site.zonefile.read_bytes()
    site.records(API, ("new", "A", "203.0.113.31"))
    site.apply()
    # Back to a backup, and loaded; then forward again, and forgotten to load.
    written = site.zonefile.read_bytes()
    site.zonefile.write_bytes(served)
    site.named.tell("reload", "example.org")
    site.zonefile.write_bytes(written)

    plan = site.plan("--detailed-exitcode")
    assert plan.code == 2
    assert "reload" in plan.out
    assert "left over" in plan.out
    assert site.apply().code == 0
    assert site.named.dig("new.example.org", "A") == ["203.0.113.31"]
    assert site.plan("--detailed-exitcode").code == 0


def test_a_file_that_is_older_than_the_last_load_is_loaded_all_the_same(site):
    site.records(API)
    site.apply()
    written, stamp = site.zonefile.read_bytes(), site.zonefile.stat().st_mtime_ns
    site.zonefile.write_text(site.text.replace("203.0.113.30", "203.0.113.31"))
    site.named.tell("reload", "example.org")
    site.zonefile.write_bytes(written)
    os.utime(site.zonefile, ns=(stamp, stamp))
    backup = site.zonefile.with_name("db.example.org.mailstack-backup").read_bytes()
    # Its serial is that of the zone which is served, so it is a new record that is not there.
    site.zonefile.write_bytes(written.replace(b"2026", b"2027", 1))
    os.utime(site.zonefile, ns=(stamp, stamp))

    assert "up-to-date" in site.named.tell("reload", "example.org")
    assert site.apply().code == 0
    assert site.named.dig("api.example.org", "A") == ["203.0.113.30"]
    assert site.zonefile.with_name("db.example.org.mailstack-backup").read_bytes() == backup


def test_a_name_server_that_is_down_is_told_in_the_plan(unserved):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        port = taken.getsockname()[1]
        unserved.records(API, servers=[f"127.0.0.1:{port}"], reload=["true"])

        out = unserved.plan().out
    assert f"! NS-03  127.0.0.1 port {port} does not answer for example.org: no answer" in out


def test_a_name_server_that_does_not_have_the_zone_is_told_in_the_plan(unserved, tmp_path):
    with named.running(tmp_path / "named", []) as server:
        unserved.named = server
        unserved.records(API)

        out = unserved.plan().out
    assert "does not answer for example.org: REFUSED" in out
    assert "! NS-03  rndc zonestatus example.org: " in out


def test_a_zone_that_somebody_broke_by_hand_is_an_error_with_its_line(site):
    site.records(API)
    before = site.text + 'broken IN TXT "never closed\n'
    site.zonefile.write_text(before)

    ended = site.apply()
    assert ended.code == 1
    assert f"{site.zonefile}:12:15: quote never closed" in ended.err
    assert site.text == before


def test_what_named_checkzone_refuses_is_not_written(site):
    # A child's key (RFC 7344) in a zone that is not signed.
    site.records(("@", "CDNSKEY", "\\# 7 0101030d000000"))
    before = site.text

    ended = site.apply()
    assert ended.code == 1
    assert "named-checkzone refuses the new zone" in ended.out
    assert "CDS/CDNSKEY consistency checks failed" in ended.out
    assert "Nothing was written." in ended.out
    assert site.text == before


def test_without_named_checkzone_the_report_says_that_only_our_rules_checked(site):
    site.project.environ["PATH"] = "/nowhere"
    site.records(API)

    ended = site.apply()
    assert ended.code == 0
    assert "There is no named-checkzone here" in ended.out
