"""What a plan says of faults: few, once per cause, with what mends them."""

from __future__ import annotations

import json


def test_of_one_rule_five_findings_are_told_and_the_others_counted(project):
    others = "".join(
        f"  d{n}.example.net: {{accounts: {{bob: {{}}}}, aliases: {{postmaster: bob}}}}\n" for n in range(7)
    )
    project.stack(f"accounts: {{alice: {{aliases: [postmaster]}}}}\ndomains:\n{others}")

    ended = project.run("plan")

    told = [line for line in ended.out.splitlines() if "ADDR-02" in line]
    assert told[-1] == "  and 2 more ADDR-02   (--format json lists them)"
    assert len(told) == 6
    findings = json.loads(project.run("plan", "--format", "json").out)["findings"]
    assert [finding["rule"] for finding in findings].count("ADDR-02") == 7


def test_a_change_that_brings_a_fault_is_told_with_it_and_both_ways_out(project):
    project.stack("accounts: {alice: {aliases: [postmaster]}}\nsettings: {some.key: '${HOME}'}\n")

    ended = project.run("apply", "--yes")

    assert ended.code == 4
    assert ended.out.endswith("Done: 2 added, 0 changed, 0 deleted · 1 held\n")
    assert (
        "  Held, will not be done\n"
        "    + setting  some.key  ${HOME}\n"
        "        STW-09  mailstack.yaml:6  the setting some.key is the text ${HOME}, which Stalwart does not replace\n"
        "        To mend it: %{env:HOME}%\n"
        "        To do it, run it again with:\n"
        "            --release setting/some.key\n"
    ) in ended.out
    assert ended.out.endswith(
        "  Held, as the plan says\n    + setting  some.key\n\nDone: 2 added, 0 changed, 0 deleted · 1 held\n"
    )
