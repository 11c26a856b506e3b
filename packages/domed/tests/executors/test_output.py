"""Laws of framing and of the output limit."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.runtime.v1 import Output, OutputStream, Truncated
from domed.executors.output import LINE_BYTES_MAX, PAGE_BYTES_MAX, Held, OutputLimit, frame

OUT = OutputStream.STDOUT
PIECES = st.one_of(
    st.binary(min_size=1, max_size=20),
    st.sampled_from([b"\n", b"a\n", b"x" * (LINE_BYTES_MAX - 1), b"x" * LINE_BYTES_MAX, b"line\n" * 30_000]),
)


def framed(reads: list[bytes | None]) -> list[Output]:
    frames = frame(OUT)
    next(frames)
    return [page for read in [*(read for read in reads if read != b""), b""] for page in frames.send(read).pages]


def split_records(pages: list[Output]) -> list[bytes]:
    """Records as a reader counts them: by newlines only, a carriage return ends none."""
    found = []
    for page in pages:
        *whole, rest = page.data.split(b"\n")
        found += [line + b"\n" for line in whole] + ([rest] if rest else [])
    return found


@given(st.lists(st.one_of(PIECES, st.none()), max_size=12))
def test_pages_joined_are_the_bytes_that_came_in(reads: list[bytes | None]) -> None:
    assert b"".join(page.data for page in framed(reads)) == b"".join(read for read in reads if read)


@given(st.lists(st.one_of(PIECES, st.none()), max_size=12))
def test_pages_and_records_keep_their_limits(reads: list[bytes | None]) -> None:
    pages = framed(reads)
    assert all(0 < len(page.data) <= PAGE_BYTES_MAX for page in pages)
    assert all(len(record) <= LINE_BYTES_MAX for record in split_records(pages))
    assert all(page.ends_partial is not page.data.endswith(b"\n") for page in pages)


@given(st.lists(PIECES, max_size=12), st.lists(st.integers(min_value=0, max_value=400_000), max_size=6))
def test_records_do_not_depend_on_how_the_bytes_were_read(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    reads: list[bytes | None] = [data[start:end] for start, end in pairwise(places)]
    assert split_records(framed(reads)) == split_records(framed([data]))


def test_a_line_is_held_until_its_end_comes() -> None:
    frames = frame(OUT)
    next(frames)
    assert frames.send(b"be") == ((), Held.PARTIAL_LINE)
    pages, held = frames.send(b"gin\nnext")
    assert [page.data for page in pages] == [b"begin\n"]
    assert held is Held.PARTIAL_LINE
    pages, held = frames.send(None)
    assert [(page.data, page.ends_partial) for page in pages] == [(b"next", True)]
    assert held is Held.NOTHING


def test_a_few_lines_after_a_full_page_wait_for_more() -> None:
    frames = frame(OUT)
    next(frames)
    pages, held = frames.send(b"line\n" * (2 * PAGE_BYTES_MAX // 5 + 3) + b"be")
    assert len(pages) == 2
    assert held is Held.LINES
    pages, held = frames.send(b"gin\n")
    assert [page.data for page in pages] == [b"line\n" * 3 + b"begin\n"]
    assert held is Held.NOTHING


def test_a_quiet_shows_held_lines_first_and_then_the_partial_one() -> None:
    frames = frame(OUT)
    next(frames)
    frames.send(b"x\n" * (PAGE_BYTES_MAX // 2) + b"last\nnext")
    assert [(page.data, page.ends_partial) for page in frames.send(None).pages] == [(b"last\n", False)]
    assert [(page.data, page.ends_partial) for page in frames.send(None).pages] == [(b"next", True)]
    assert frames.send(None) == ([], Held.NOTHING)


def test_the_end_shows_everything_that_is_held() -> None:
    frames = frame(OUT)
    next(frames)
    frames.send(b"x\n" * (PAGE_BYTES_MAX // 2) + b"last\nnext")
    assert [(page.data, page.ends_partial) for page in frames.send(b"").pages] == [(b"last\nnext", True)]


def test_an_over_long_line_is_cut_into_pieces() -> None:
    pages = framed([b"x" * (2 * LINE_BYTES_MAX) + b"y\nz\n"])
    assert [(len(page.data), page.ends_partial) for page in pages] == [
        (LINE_BYTES_MAX, True),
        (LINE_BYTES_MAX, True),
        (4, False),
    ]


def test_many_small_reads_of_one_line_cost_no_more_than_its_length() -> None:
    frames = frame(OUT)
    next(frames)
    size = sum(len(page.data) for _ in range(300_000) for page in frames.send(b"x").pages)
    assert size == 300_000 // LINE_BYTES_MAX * LINE_BYTES_MAX


@given(st.lists(PIECES, max_size=8), st.integers(min_value=1, max_value=200_000))
def test_the_limit_keeps_the_head_and_counts_the_rest(reads: list[bytes], bytes_max: int) -> None:
    limit = OutputLimit(bytes_max)
    kept = b"".join(page.data for page in limit.take(framed(list(reads))))
    data = b"".join(reads)
    assert kept == data[:bytes_max]
    rest = data[bytes_max:]
    assert limit.left_out() == ([Truncated(stream=OUT, bytes=len(rest), lines=rest.count(b"\n"))] if rest else [])
    assert limit.reached == bool(rest)


def test_after_the_limit_no_stream_gets_anything_more() -> None:
    limit = OutputLimit(3)
    limit.take(framed([b"abcdef"]))
    err = Output(stream=OutputStream.STDERR, data=b"x\n")
    assert limit.take([err]) == []
    assert limit.left_out() == [
        Truncated(stream=OUT, bytes=3, lines=0),
        Truncated(stream=OutputStream.STDERR, bytes=2, lines=1),
    ]
