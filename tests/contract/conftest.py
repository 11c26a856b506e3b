"""What the tests of contracts share."""

from collections.abc import Iterator

import pytest

from dome_spec.binding import Memory, default_policy, open_memory


@pytest.fixture
def memory() -> Iterator[Memory]:
    opened = open_memory(None, default_policy())
    yield opened
    opened.close()
