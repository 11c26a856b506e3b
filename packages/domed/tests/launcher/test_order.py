"""An order is read word by word, and nothing is guessed."""

import pytest

from domed.launcher.order import NotAnOrder, parse


def test_an_order_is_read_up_to_the_program() -> None:
    words = ["--status", "7", "--read-only", "--landlock", "--write", "/a", "--write", "/b", "--hide", "/c", "--"]
    order = parse([*words, "sh", "--wait", "--", "x"])
    assert (order.status, order.read_only, order.landlock, order.wait) == (7, True, True, False)
    assert (order.write, order.read, order.hide) == (["/a", "/b"], [], ["/c"])
    assert order.argv == ["sh", "--wait", "--", "x"]


@pytest.mark.parametrize("words", [["--unknown"], ["--write"], ["sh"], ["--status", "x"], ["--limit", "AS", "1"]])
def test_what_is_not_understood_is_no_order(words: list[str]) -> None:
    with pytest.raises(NotAnOrder):
        parse(words)
