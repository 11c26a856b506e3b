"""Search: which entries have the words, in which order."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.runtime.v1 import ToolKind, ToolOrigin
from domed.catalog.search import found
from domed.catalog.tool import Tool


def a_tool(tool_id: str, title: str = "", short_description: str = "", text: str = "") -> Tool:
    return Tool(
        tool_id, "1.0.0", title, short_description, "sha256:d", ToolKind.TOOL, ToolOrigin.USER, trusted=False,
        location=Path("/t"), text=text,
    )  # fmt: skip


TOOLS = [
    a_tool("a.text", text="It runs the TESTS of a repository."),
    a_tool("b.sentence", short_description="Runs tests."),
    a_tool("c.title", title="Tests"),
    a_tool("d.unittests"),
    a_tool("e.tests"),
    a_tool("f_tests.run"),
    a_tool("tests"),
    a_tool("unrelated"),
]


def ids(query: str) -> list[str]:
    return [tool.tool_id for tool in found(TOOLS, query.casefold().split())]


def test_where_the_word_stands_decides_and_then_the_id() -> None:
    assert ids("tests") == ["e.tests", "f_tests.run", "tests", "d.unittests", "c.title", "b.sentence", "a.text"]


def test_all_words_must_appear_in_any_case() -> None:
    assert ids("TESTS runs") == ["b.sentence", "a.text"]
    assert ids("tests unicorn") == []


def test_without_words_everything_stays_as_it_was() -> None:
    assert found(TOOLS, []) is TOOLS


@pytest.mark.parametrize("query", ["tests", "run", "t", "e ru"])
@given(order=st.permutations(TOOLS))
def test_the_order_of_the_catalog_changes_nothing(query: str, order: list[Tool]) -> None:
    assert [tool.tool_id for tool in found(order, query.split())] == ids(query)
