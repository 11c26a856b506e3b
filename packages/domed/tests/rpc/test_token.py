"""The word that shows over TCP whose call it is."""

import pytest

from domed.rpc.token import Token


@pytest.mark.parametrize("header", ["Bearer word", b"Bearer word"])
def test_the_word_opens(header: str | bytes) -> None:
    assert Token("word").opens(header)


@pytest.mark.parametrize(
    "header", [None, "", "word", "Bearer", "Bearer ", "bearer word", "Bearer words", "Bearer wor\xe9"]
)
def test_nothing_else_opens(header: str | None) -> None:
    assert not Token("word").opens(header)


def test_an_empty_word_is_refused() -> None:
    with pytest.raises(ValueError, match="everybody"):
        Token("")


def test_the_word_is_not_shown() -> None:
    assert "word" not in repr(Token("word"))
