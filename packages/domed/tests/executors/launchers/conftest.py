"""Launchers, and an executor that has some."""

from collections.abc import AsyncIterator, Iterator

import pytest

from domed.executors.launchers import Launchers
from domed.executors.local_process import LocalProcessExecutor
from packages.domed.tests.executors.confined_run import found
from packages.domed.tests.executors.launching import VARIABLE


@pytest.fixture
async def pool() -> AsyncIterator[Launchers]:
    made = Launchers(variable=VARIABLE)
    yield made
    made.close()


@pytest.fixture
def executor() -> Iterator[LocalProcessExecutor]:
    known = found()
    if not known.landlock_abi and not known.namespaces:
        pytest.skip("this kernel holds nothing (Linux 5.13, and `landlock` among the LSMs of the boot)")
    made = LocalProcessExecutor(find_abilities=lambda: known)
    yield made
    made.close()
