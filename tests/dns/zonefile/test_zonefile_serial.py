from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.backends.dns.zonefile.serial import (
    CIRCLE,
    MAX_STEP,
    NoSerialError,
    Style,
    is_greater,
    next_serial,
    style_of,
)

DAY = date(2026, 8, 23)
HALF = 2**31


@pytest.mark.parametrize(
    ("serial", "expected"),
    [
        (2026082301, Style.DATE),
        (1999123199, Style.DATE),
        (2026130101, Style.COUNTER),
        (2026023001, Style.COUNTER),
        (1787500000, Style.UNIX),
        (1479800000, Style.UNIX),
        (1, Style.COUNTER),
        (0, Style.COUNTER),
        (4294967295, Style.COUNTER),
        (20260823, Style.COUNTER),
    ],
)
def test_the_serial_shows_its_style(serial, expected):
    assert expected is style_of(serial)


@pytest.mark.parametrize(
    ("current", "served", "today", "now", "expected"),
    [
        pytest.param(2026082201, (), DAY, None, 2026082300, id="a new day begins with 00"),
        pytest.param(2026082301, (), DAY, None, 2026082302, id="the same day counts on"),
        pytest.param(2026082399, (), DAY, None, 2026082400, id="nn runs on after 99"),
        pytest.param(2026123199, (), DAY, None, 2026123200, id="a date ahead of the clock counts on"),
        pytest.param(2026082201, (2026082305,), DAY, None, 2026082306, id="a served serial is passed"),
        pytest.param(2026082201, (), None, None, 2026082202, id="no clock counts on"),
        pytest.param(1479800000, (), DAY, 1787500000, 1787500000, id="unix time"),
        pytest.param(1787500000, (), DAY, 1787500000, 1787500001, id="the same second counts on"),
        pytest.param(1787500000, (), DAY, 1700000000, 1787500001, id="a clock behind counts on"),
        pytest.param(7, (), DAY, 1787500000, 8, id="a counter"),
        pytest.param(7, (9, 8), DAY, 1787500000, 10, id="a counter passes what is served"),
        pytest.param(4294967295, (), DAY, None, 1, id="the circle closes, 0 is stepped over"),
        pytest.param(4294967294, (), DAY, None, 4294967295, id="the last number of the circle"),
        pytest.param(0, (HALF - 2,), DAY, None, HALF - 1, id="the largest step"),
        pytest.param(4000000000, (100,), DAY, None, 101, id="served is ahead, over the seam"),
        pytest.param(4000000000, (4294967295,), DAY, None, 1, id="served is the last number"),
    ],
)
def test_the_next_serial(current, served, today, now, expected):
    assert expected == next_serial(current, served, today, now)


@pytest.mark.parametrize(
    ("current", "served"),
    [
        pytest.param(0, (HALF,), id="opposite"),
        pytest.param(4294967295, (HALF - 1,), id="opposite over the seam"),
        pytest.param(1, (HALF,), id="the next one would be opposite"),
        pytest.param(0, (1431655765, 2863311531), id="three around the circle"),
    ],
)
def test_no_number_is_greater_than_serials_that_lie_around_the_circle(current, served):
    with pytest.raises(NoSerialError, match="transfer the zone anew"):
        next_serial(current, served, DAY, None)


_edges = st.sampled_from([0, 1, 2, HALF - 1, HALF, HALF + 1, CIRCLE - 2, CIRCLE - 1, 2026082301, 1787500000])
_serials = _edges | st.integers(0, CIRCLE - 1)


@given(_serials, st.lists(_serials, max_size=4), st.none() | st.dates(), st.none() | st.integers(0, CIRCLE))
def test_the_next_serial_is_greater_than_all_that_are_in_use(current, served, today, now):
    in_use = {current, *served}
    try:
        serial = next_serial(current, served, today, now)
    except NoSerialError:
        # True only if no number would do; the candidates are one above each.
        assert not any(all(is_greater((a + 1) % CIRCLE, b) for b in in_use) for a in in_use)
        return
    assert 0 <= serial < CIRCLE
    assert all(0 < (serial - other) % CIRCLE <= MAX_STEP for other in in_use)


@given(_serials, _serials)
def test_of_two_serials_one_is_greater_unless_they_are_equal_or_opposite(one, other):
    is_ordered = is_greater(one, other) != is_greater(other, one)
    assert is_ordered is ((one - other) % CIRCLE not in (0, HALF))
