"""Two stacks in one file: each sees the other's marks and leaves its records alone."""

from __future__ import annotations

import dataclasses

from zone_site import Site


def other(site: Site) -> Site:
    """Return the same site, seen from the stack `lab`."""
    project = dataclasses.replace(site.project, folder=site.project.folder / "lab")
    project.folder.mkdir(exist_ok=True)
    return dataclasses.replace(site, project=project)


def say(site: Site, *names: str) -> None:
    site.records(*((name, "A", "203.0.113.30") for name in names))
    file = site.project.folder / "mailstack.yaml"
    if site.project.folder.name == "lab":
        file.write_text(file.read_text().replace("stack: home", "stack: lab"))


def test_each_keeps_what_the_other_wrote(site):
    lab = other(site)
    say(site, "one")
    say(lab, "two")

    assert (site.apply().code, lab.apply().code) == (0, 0)
    assert (site.plan("--detailed-exitcode").code, lab.plan("--detailed-exitcode").code) == (0, 0)
    assert "mailstack:home:" in site.text
    assert "mailstack:lab:" in site.text

    say(lab)
    lab.stack("records: []")
    file = lab.project.folder / "mailstack.yaml"
    file.write_text(file.read_text().replace("stack: home", "stack: lab"))
    assert lab.apply().code == 0
    assert site.named.dig("one.example.org", "A") == ["203.0.113.30"]
    assert site.named.dig("two.example.org", "A") == []


def test_one_record_cannot_be_declared_by_both(site):
    lab = other(site)
    say(site, "one")
    site.apply()
    say(lab, "one")

    ended = lab.apply()
    assert ended.code == 1
    assert "belongs to the stack 'home'" in ended.err


def test_a_line_that_was_copied_with_its_mark_is_nobodys(site):
    say(site, "one")
    site.apply()
    line = next(line for line in site.text.splitlines() if line.startswith("one"))
    site.zonefile.write_text(site.text + line.replace("one", "two", 1) + "\n")
    site.named.tell("reload", "example.org")
    site.stack("records: []")

    plan = site.plan()
    assert "ZONE-20" in plan.out
    assert "the mark on two.example.org. A is not this record's" in plan.out
    assert site.apply().code == 0
    assert "two" in site.text
    assert "one " not in site.text


def test_two_applies_at_once_wait_for_each_other_and_lose_nothing(site):
    lab = other(site)
    say(site, "one", "two", "three")
    say(lab, "four", "five", "six")

    both = [one.project.start("apply", "--yes", "--lock-timeout", "30") for one in (site, lab)]
    ended = [one.project.ended(process) for one, process in zip((site, lab), both, strict=True)]

    assert [(0, ""), (0, "")] == [(one.code, one.err) for one in ended]
    for name in ("one", "two", "three", "four", "five", "six"):
        assert site.named.dig(f"{name}.example.org", "A") == ["203.0.113.30"]
    assert (site.plan("--detailed-exitcode").code, lab.plan("--detailed-exitcode").code) == (0, 0)
