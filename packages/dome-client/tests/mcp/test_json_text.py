import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_client.mcp.json_text import put, without_comments

NAMES = st.sampled_from(["a", "b", "mcpServers", 'quoted " \\ // no comment', "ä/*"])
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("http://x /* y */")
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=12
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=4)
COMMENTS = (" // said: {", " /* \n, } */", "")


def commented(document: Any, indent: int | str | None, comment: str, line_end: str) -> str:
    """The document as somebody wrote it who comments every line."""
    lines = ["", *json.dumps(document, indent=indent, ensure_ascii=False).split("\n"), ""]
    return line_end.join(line + comment.replace("\n", line_end) for line in lines)


def with_value(document: Any, path: list[str], value: Any) -> Any:
    """The document that is wanted; None where the path leads through what is no object."""
    if not isinstance(document, dict):
        return None
    name, *rest = path
    inner = with_value(document.get(name, {}), rest, value) if rest else value
    return None if rest and inner is None else {**document, name: inner}


@given(
    document=DOCUMENTS,
    path=st.lists(NAMES, min_size=1, max_size=3),
    value=VALUES,
    indent=st.sampled_from([None, 1, 4, "\t"]),
    comment=st.sampled_from(COMMENTS),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_the_value_is_there_and_nothing_else_has_changed(
    document: Any, path: list[str], value: Any, indent: int | str | None, comment: str, line_end: str
) -> None:
    text = commented(document, indent, comment, line_end)
    wanted = with_value(document, path, value)
    if wanted is None:
        with pytest.raises(ValueError, match="no object"):
            put(text, path, value)
        return
    after = put(text, path, value)
    assert json.loads(without_comments(after)) == wanted
    assert "\n" not in after.replace("\r\n", "") or line_end == "\n"
    if path[0] not in document:
        written = iter("".join(after.split()))
        assert all(character in written for character in "".join(text.split()))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{}", '{\n  "a": {\n    "b": 1\n  }\n}'),
        ('{"x": 0}', '{"x": 0, "a": {"b": 1}}'),
        ('{\n\t"x": 0\n}', '{\n\t"x": 0,\n\t"a": {\n\t\t"b": 1\n\t}\n}'),
        ('{\n    "a": {"c": 0} // end\n}', '{\n    "a": {"c": 0, "b": 1} // end\n}'),
        ('{\n  "a": {\n    "b": 2 // two\n  }\n}', '{\n  "a": {\n    "b": 1 // two\n  }\n}'),
        ('{\n  "x": 1.0e2 // last\n}', '{\n  "x": 1.0e2, // last\n  "a": {\n    "b": 1\n  }\n}'),
    ],
)
def test_it_is_written_as_its_surroundings_are(before: str, after: str) -> None:
    assert put(before, ["a", "b"], 1) == after


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1,}', '{"a": [] // open', "{'a': 1}"])
def test_what_is_no_object_in_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        put(text, ["a"], 1)
