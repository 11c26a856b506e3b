"""The two ways in which a call reaches the daemon."""

from pathlib import Path

import pytest


@pytest.fixture(params=["memory", "socket"])
def door_path(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """None: through memory. Otherwise where to listen."""
    return None if request.param == "memory" else tmp_path / "d.sock"
