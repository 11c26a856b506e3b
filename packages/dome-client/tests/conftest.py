import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dome_client.cli.main import run
from dome_client.testing import FakeRuntime
from tests.scripted_tools import TOOLS
from tests.served_runtime import Serving, serving


@pytest.fixture
def runtime() -> FakeRuntime:
    return FakeRuntime(TOOLS)


@pytest.fixture
def short_directory() -> Iterator[Path]:
    """The path of a Unix socket is short; that of `tmp_path` is not."""
    directory = tempfile.mkdtemp(prefix="dome-")
    yield Path(directory)
    shutil.rmtree(directory)


@pytest.fixture
def serve() -> "type[serving]":
    return serving


@pytest.fixture
def served(runtime: FakeRuntime, short_directory: Path) -> Iterator[str]:
    """The socket of a thread that serves `runtime`."""
    path = str(short_directory / "s")
    with serving(Serving(runtime), path):
        yield path


class Command:
    """Uses the command in this process."""

    def __init__(self, endpoint: str, captured: "pytest.CaptureFixture[bytes]") -> None:
        self._endpoint = endpoint
        self._captured = captured

    def __call__(self, *words: str, **environ: str) -> tuple[int, bytes, str]:
        code = run(words, {"DOMED_ENDPOINT": self._endpoint, **environ})
        out, err = self._captured.readouterr()
        return code, out, err.decode()


@pytest.fixture
def dome(served: str, capfdbinary: "pytest.CaptureFixture[bytes]") -> Callable[..., tuple[int, bytes, str]]:
    return Command(served, capfdbinary)
