"""Units are what people say."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.load import Loaded, load_bytes
from reconciler.config.units import duration_text, size_text

HEAD = "version: 1\ndomain: example.org\n"


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("5GiB", 5 * 2**30),
        ("5 GiB", 5 * 2**30),
        ("5gib", 5 * 2**30),
        ("5GB", 5 * 10**9),
        ("1.5GiB", 3 * 2**29),
        ("500MB", 500 * 10**6),
        ("2TiB", 2 * 2**40),
        ("1PB", 10**15),
        ("512KiB", 2**19),
        ("1073741824B", 2**30),
        ("none", None),
        ("None", None),
    ],
)
def test_a_quota_is_a_number_of_bytes(
    written: str, size: int | None, loaded: Callable[[str], Loaded]
) -> None:
    account = loaded(HEAD + f"accounts: {{a: {{quota: {written}}}}}\n").stack.domain.accounts["a@example.org"]
    assert size == account.quota


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("300", 300),
        ("30s", 30),
        ("5m", 300),
        ("1h", 3600),
        ("1H30m", 5400),
        ("2d", 172800),
        ("1w", 604800),
        ("0", 0),
    ],
)
def test_a_time_is_a_number_of_seconds(written: str, seconds: int, loaded: Callable[[str], Loaded]) -> None:
    assert seconds == loaded(HEAD + f"dns: {{ttl: {written}}}\n").stack.domain.dns.ttl


@given(st.integers(1, 2**40), st.sampled_from(["B", "kB", "KiB", "MB", "MiB", "GB", "GiB"]))
def test_a_whole_quota_is_exact(number: int, unit: str) -> None:
    factors = {"B": 1, "kB": 1000, "KiB": 1024, "MB": 10**6, "MiB": 2**20, "GB": 10**9, "GiB": 2**30}
    if number * factors[unit] >= 2**63:
        number = 1
    text = HEAD + f"accounts: {{a: {{quota: {number}{unit}}}}}\n"
    stack = load_bytes(text.encode(), "f.yaml").stack
    assert number * factors[unit] == stack.domain.accounts["a@example.org"].quota


@given(st.integers(1, 2**63) | st.integers(1, 2**13).map(lambda n: n * 2**30))
def test_the_text_of_a_size_says_just_this_size(size: int) -> None:
    text = size_text(size)
    if text:
        quota = f"accounts: {{a: {{quota: {text}}}}}\n"
        assert (
            load_bytes(f"{HEAD}{quota}".encode(), "s.yaml").stack.domain.accounts["a@example.org"].quota
            == size
        )
    else:
        assert size >= 10**18  # the loader takes 18 digits


@given(st.integers(0, 2**31 - 1))
def test_the_text_of_a_time_says_just_this_time(seconds: int) -> None:
    text = f"{HEAD}dns: {{ttl: {duration_text(seconds)}}}\n"
    assert load_bytes(text.encode(), "s.yaml").stack.domain.dns.ttl == seconds
