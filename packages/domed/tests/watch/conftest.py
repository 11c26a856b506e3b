"""Stores whose jobs are watched."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domed.store.memory import MemoryStore
from domed.store.port import JobStore
from domed.store.sqlite import SqliteStore
from packages.domed.tests.values import CountingIds
from packages.domed.tests.watch.rig import Rig


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[JobStore]:
    store: JobStore = (
        MemoryStore("store-memory")
        if request.param == "memory"
        else SqliteStore.open(tmp_path / "domed.sqlite", CountingIds())
    )
    yield store
    await store.close()


@pytest.fixture
def rig(store: JobStore) -> Rig:
    return Rig(store)
