"""A bench of its own for each test."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from packages.domed.tests.artifacts.bench import Bench


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.artifacts.close()


@pytest.fixture
def on(tmp_path: Path) -> Callable[..., Bench]:
    return lambda disk=None, **options: Bench(tmp_path, disk=disk, **options)
