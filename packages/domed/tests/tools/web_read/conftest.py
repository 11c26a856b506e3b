"""Sites on this machine, and `web.read` with a real browser."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from packages.domed.tests.tools.web_pages import Site, browsers_in, chromium, serving

Run = Callable[..., Any]


@pytest.fixture(scope="module", autouse=True)
def browser() -> str:
    return chromium()


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as made:
        yield made


@pytest.fixture
def other() -> Iterator[Site]:
    """A site that nobody named as one that may be reached."""
    with serving() as made:
        yield made


@pytest.fixture
def read(run_tool: Run, tmp_path: Path) -> Run:
    def run(document: dict[str, Any]) -> Any:
        ran = run_tool("web.read", document, tmp_path, DOME_SCRATCH=str(tmp_path))
        assert browsers_in(tmp_path) == []
        assert [path.name for path in tmp_path.iterdir()] in ([], ["screenshot.png"])
        return ran

    return run
