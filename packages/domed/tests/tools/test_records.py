"""Git's output as matches, and matches as lines and values."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domed.tools.repo_search.records import Match, NotAMatch, Parser, line, quoted, text_of, value

paths = st.binary(min_size=1, max_size=20).filter(lambda path: b"\0" not in path)
texts = st.binary(max_size=30).filter(lambda text: b"\n" not in text)
matches = st.lists(st.builds(Match, paths, st.integers(1, 10**9), texts), max_size=8)


@given(matches, st.sampled_from([b":", b"\0"]), st.lists(st.integers(0, 400), max_size=12))
def test_every_way_of_cutting_the_output_gives_the_same_matches(
    expected: list[Match], separator: bytes, cuts: list[int]
) -> None:
    output = b"".join(b"%s\0%d%s%s\n" % (match.path, match.line, separator, match.text) for match in expected)
    edges = sorted({0, len(output), *(cut for cut in cuts if cut < len(output))})
    parser = Parser()
    found = [match for start, end in pairwise(edges) for match in parser.feed(output[start:end])]
    parser.finish()
    assert found == expected


@given(matches)
def test_output_in_single_bytes_gives_the_same_matches(expected: list[Match]) -> None:
    parser = Parser()
    output = b"".join(b"%s\0%d\0%s\n" % (match.path, match.line, match.text) for match in expected)
    assert [match for byte in output for match in parser.feed(bytes([byte]))] == expected


def test_a_match_is_given_as_soon_as_it_is_complete() -> None:
    parser = Parser()
    assert parser.feed(b"a\x001\0x\nb\x002") == [Match(b"a", 1, b"x")]
    assert parser.feed(b"\0y\n") == [Match(b"b", 2, b"y")]


def test_output_that_is_no_match_is_refused() -> None:
    with pytest.raises(NotAMatch):
        Parser().feed(b"Binary file matches\0" + b"x" * 40)
    parser = Parser()
    parser.feed(b"a\x001\0cut off")
    with pytest.raises(NotAMatch):
        parser.finish()


@given(st.binary(max_size=40))
def test_bytes_as_text_can_be_told_apart_and_read_back(data: bytes) -> None:
    text, escaped = text_of(data)
    encoded = text.encode("utf-8")
    if escaped:
        encoded = re.sub(
            rb"\\(?:\\|x([0-9a-f]{2}))", lambda found: bytes.fromhex(found[1].decode()) if found[1] else b"\\", encoded
        )
    assert encoded == data


@given(paths)
def test_a_printed_match_is_one_line(path: bytes) -> None:
    for high_bytes in (True, False):
        assert line(Match(path, 1, b"x"), high_bytes=high_bytes).count(b"\n") == 1
    assert quoted(path, high_bytes=True).isascii()


@given(st.integers(1990, 2010), st.sampled_from(["ü", "針", "😀", "a"]))
def test_a_cut_never_makes_text_invalid(length: int, character: str) -> None:
    told = value(Match(b"p", 1, b"x" * (length - 1) + character.encode() * 20))
    assert told["text_truncated"]
    assert "text_escaped" not in told
