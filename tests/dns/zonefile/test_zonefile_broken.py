"""Generated zones that do not load: what is wrong is told with its place, and no edit makes it worse."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from zone_files import BAD_DATA, BREAKAGES, broken

from reconciler.backends.dns.zonefile.check import check
from reconciler.backends.dns.zonefile.edits import Add, Delete
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.errors import InputError

NEW = {"owner": "new.example.org.", "rrtype": "A", "value": "192.0.2.9"}


def read(text: bytes) -> Zone:
    return Zone.parse(text, name="example.org", file="db")


# Few real files are so, and each costs a process of BIND's.
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=settings().max_examples // 10,
)
@given(text=broken(BREAKAGES))
def test_what_bind_does_not_load_is_told_with_its_line(text, compiled):
    assert compiled(text) is None
    problems = check(read(text))
    assert problems
    assert all(problem.where.line <= text.count(b"\n") + 1 for problem in problems)


@given(broken([*BREAKAGES, *BAD_DATA]))
def test_a_file_that_cannot_be_read_is_not_edited_and_of_another_nothing_is_lost(text):
    zone = read(text)
    if zone.problems:
        with pytest.raises(InputError) as caught:
            zone.edit([Add(**NEW)])
        assert caught.value.problems == tuple(zone.problems)
        return
    edited = zone.edit([Add(**NEW, stack="home")])
    assert read(edited).edit([Delete(**NEW)]) == text
