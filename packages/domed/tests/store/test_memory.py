"""The model is a store."""

import pytest

from domed.store.memory import MemoryStore
from domed.store.port import JobStore
from packages.domed.tests.store.conformance import StoreConformance


class TestMemoryStore(StoreConformance):
    @pytest.fixture
    def store(self) -> JobStore:
        return MemoryStore("store-memory")
