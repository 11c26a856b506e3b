"""The Python examples of the how-to page run, as they stand there."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

import pytest

from dome_client.testing import FakeRuntime, Say, ScriptedTool

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "run-and-follow.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def runtime() -> FakeRuntime:
    return FakeRuntime([ScriptedTool("repo.search", lambda _: [Say(b"a.py:1:TODO\n")])])


@pytest.fixture(autouse=True)
def a_daemon(served: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DOMED_ENDPOINT", served)
    yield


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.splitlines()[0])
async def test_an_example_of_the_page_runs(runtime: FakeRuntime, example: str) -> None:
    code: CodeType = compile(example, str(PAGE), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    done = eval(code, {})
    if inspect.isawaitable(done):
        await done
    assert all(job.working_directory for job in await runtime.jobs()), "repo.search has to be told where"


def test_the_page_has_examples_with_a_loop_and_without() -> None:
    assert {"await" in example for example in EXAMPLES} == {True, False}
