"""Documents out of a stream."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_spec.binding.wrapper import lines
from dome_spec.binding.wrapper.lines import read_lines


@given(st.lists(st.binary(max_size=30).map(lambda data: data.replace(b"\n", b"") + b"\n"), max_size=8))
def test_every_line_that_is_not_blank_is_one_document(written: list[bytes]) -> None:
    stream = b"".join(written)
    found = list(read_lines(io.BytesIO(stream)))
    assert [each.document for each in found] == [
        each.strip(lines._BLANK) for each in written if each.strip(lines._BLANK)
    ]
    assert [written[each.number - 1].strip(lines._BLANK) for each in found] == [each.document for each in found]


def test_the_last_line_need_not_end() -> None:
    assert [each.document for each in read_lines(io.BytesIO(b"{}\r\n\n[]"))] == [b"{}", b"[]"]


def test_of_an_endless_line_the_beginning_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "KEPT_BYTES_MAX", 10)
    found = list(read_lines(io.BytesIO(b"x" * 1000 + b"\n{}\n")))
    assert [(each.number, each.document, each.bytes_read) for each in found] == [(1, b"x" * 10, 1001), (2, b"{}", 1004)]
