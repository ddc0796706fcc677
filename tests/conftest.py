"""Settings for all tests."""

import os
import signal

import pytest
from hypothesis import settings

# The same examples in every run, on slow machines too; kernels compile inside the first example.
settings.register_profile("lunar_env", deadline=None, derandomize=True, database=None)
settings.load_profile("lunar_env")

# What a shell runs in the background ignores SIGINT, and so does all that is started there.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Tests of several threads run on a single core too. Numba reads this when it is imported.
if hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) == 1:
    os.environ.setdefault("NUMBA_NUM_THREADS", "2")


def pytest_addoption(parser):
    parser.addoption(
        "--no-skips",
        action="store_true",
        help="a test that is skipped has failed, except those that need CUDA",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    return fail_if_skipped((yield), item.config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return fail_if_skipped((yield), collector.config)


def fail_if_skipped(report, config):
    """Return the report, turned into a failure where a skip is not allowed."""
    if config.getoption("--no-skips") and report.skipped and not hasattr(report, "wasxfail"):
        path, line, reason = report.longrepr
        if "cuda" not in reason.lower():
            report.outcome = "failed"
            report.longrepr = f"{path}:{line}: skipped, but --no-skips was given: {reason}"
    return report
