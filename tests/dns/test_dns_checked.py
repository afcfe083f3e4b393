"""The new text is refused for a fault that it brings, and not for one that was there."""

from __future__ import annotations

import pytest

from reconciler.backends.dns.checked import refuse_faulty
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.backends.files import LocalHost
from reconciler.errors import WriteError

HEAD = b"$TTL 1h\n@ SOA ns h 1 1d 2h 4w 1h\n@ NS ns\nns A 203.0.113.2\n"
BAD = b"old CNAME ns\nold A 203.0.113.3\n"


class OwnRulesOnly(LocalHost):
    """A machine without named-checkzone."""

    def run(self, argv, *, timeout=60.0, text=None):
        return None


def zone(data: bytes) -> Zone:
    return Zone.parse(data, name="example.org", file="db.example.org")


def test_a_fault_that_was_there_is_let_be_also_on_another_line():
    said = refuse_faulty(zone(HEAD + BAD), zone(HEAD + b"a A 203.0.113.9\n" + BAD), OwnRulesOnly())

    assert said == (
        "There is no named-checkzone here: the new zone was checked by mailstack's own rules only."
    )


def test_another_fault_of_the_same_kind_is_refused():
    more = b"new CNAME ns\nnew A 203.0.113.4\n"
    with pytest.raises(WriteError, match="CNAME beside other data") as caught:
        refuse_faulty(zone(HEAD + BAD), zone(HEAD + BAD + more), OwnRulesOnly())

    assert [str(problem.where) for problem in caught.value.problems] == ["db.example.org:7"]


def test_a_second_fault_at_the_same_name_is_refused():
    with pytest.raises(WriteError, match=r"old\.example\.org\. also has A, TXT"):
        refuse_faulty(zone(HEAD + BAD), zone(HEAD + BAD + b"old TXT hello\n"), OwnRulesOnly())


# A child's key (RFC 7344) in a zone that is not signed: named-checkzone knows it, our rules do not.
UNSIGNED = b"@ CDNSKEY \\# 7 0101030d000000\n"


def elsewhere(data: bytes) -> Zone:
    """Return a zone whose folder is not on this machine, as with one in a container."""
    return Zone.parse(data, name="example.org", file="/only/in/there/db.example.org")


def test_a_zone_in_another_place_is_checked_like_any_other():
    with pytest.raises(WriteError, match="named-checkzone refuses the new zone"):
        refuse_faulty(elsewhere(HEAD), elsewhere(HEAD + UNSIGNED), LocalHost())


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (UNSIGNED, "CDS/CDNSKEY consistency checks failed"),
        (b"$INCLUDE hosts\n", "isc_dir_chdir: /only/in/there: file not found"),
    ],
    ids=["a fault of long ago", "included files that are not here"],
)
def test_a_zone_that_named_checkzone_cannot_judge_is_told_as_one(before, said):
    told = refuse_faulty(
        elsewhere(HEAD + before), elsewhere(HEAD + before + b"a A 203.0.113.9\n"), LocalHost()
    )

    assert told.startswith(
        "named-checkzone refuses this zone, and did so before the change, so the new one was checked by "
        "mailstack's own rules only. It says: "
    )
    assert said in told
