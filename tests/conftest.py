"""What every test stands on: how many examples the properties try, and that CI skips nothing."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings

# A busy machine makes an example slow, which says nothing about the code; so no deadline.
_calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", _calm, max_examples=100)
# The same examples in every run: what a push is judged by must not be luck.  The night tries new ones.
settings.register_profile("ci", _calm, max_examples=500, derandomize=True)
settings.register_profile("nightly", _calm, max_examples=10_000, print_blob=True)

# A real mail server is not in Debian, and what is written in Go needs Go or minutes; all else must be there.
_EXCUSED = ("no stalwart binary", "no actionlint binary", "no dnscontrol binary")

AnyReport = TypeVar("AnyReport", pytest.TestReport, pytest.CollectReport)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nightly", action="store_true", help="10,000 examples for every property")


def pytest_configure(config: pytest.Config) -> None:
    profile = "nightly" if config.getoption("--nightly") else "ci" if _in_ci() else "quick"
    settings.load_profile(profile)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _not_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _not_skipped((yield))


def _not_skipped(report: AnyReport) -> AnyReport:
    """Return the report; in CI a skip without an excuse is a failure in it.  An expected failure is no skip."""
    if _in_ci() and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not reason.removeprefix("Skipped: ").startswith(_EXCUSED):
            report.outcome = "failed"
            report.longrepr = f"{reason}\nNothing is skipped in CI but for: {' ... '.join(_EXCUSED)} ..."
    return report


def _in_ci() -> bool:
    return os.environ.get("CI") == "true"
