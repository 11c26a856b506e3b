"""How all tests run: how many examples of a law are tried, and how often memory is looked through. No fixtures.

`just test` tries few examples of each law, `just test-all` tries all of them (`--hypothesis-profile=whole`).
"""

import gc
import os
from collections.abc import Generator

import pytest
from hypothesis import settings

FEW = "few"
WHOLE = "whole"
EXAMPLES_FEW = 30
# What is collected once lives as long as the tests; a cycle is found a little later than by Python's own measure.
OBJECTS_BEFORE_COLLECTION = 20_000
ASKED_WORKERS = "PYTEST_XDIST_AUTO_NUM_WORKERS"

# An example may take as long as a busy machine needs; the suite has its own limit.
settings.register_profile(FEW, deadline=None, max_examples=EXAMPLES_FEW)
settings.register_profile(WHOLE, deadline=None)
settings.load_profile(FEW)


def tried(whole: int, *, few: int) -> int:
    """How many examples a law is tried with that says so itself."""
    return whole if settings.get_current_profile_name() == WHOLE else few


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One more than there are processors: many a test waits for a process, for the disk or for a time to pass."""
    processors = yield
    return processors if ASKED_WORKERS in os.environ else processors + 1


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected is no garbage, and is not looked through again and again for some."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(OBJECTS_BEFORE_COLLECTION)
        gc.enable()
