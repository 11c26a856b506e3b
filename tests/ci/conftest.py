"""Nothing that the programs of developers keep is kept in the home directory."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _buf_keeps_its_cache_among_the_files_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    name = "BUF_CACHE_DIR"
    before = os.environ.get(name)
    os.environ[name] = str(tmp_path_factory.mktemp("buf"))
    yield
    if before is None:
        del os.environ[name]
    else:
        os.environ[name] = before
