from io import BytesIO

from dome_client.cli.session import Session


class Terminal(BytesIO):
    def isatty(self) -> bool:
        return True


def session(*, out: BytesIO, err: BytesIO, **environ: str) -> Session:
    return Session(environ=environ, out=out, err=err)


def test_progress_is_drawn_on_a_terminal_only_and_gives_way_to_output() -> None:
    terminal, file = Terminal(), BytesIO()
    drawing, silent = session(out=BytesIO(), err=terminal), session(out=BytesIO(), err=file)
    for each in (drawing, silent):
        each.progress("one")
        each.progress("two")
        each.note("done")
    assert terminal.getvalue() == b"one\r\x1b[Ktwo\r\x1b[Kdone\n"
    assert file.getvalue() == b"done\n"


def test_progress_is_cleared_before_output_on_the_other_stream() -> None:
    out, err = BytesIO(), Terminal()
    drawing = session(out=out, err=err)
    drawing.progress("half")
    drawing.data(b"\x00line\n")
    assert (out.getvalue(), err.getvalue()) == (b"\x00line\n", b"half\r\x1b[K")


def test_a_long_line_of_progress_does_not_wrap() -> None:
    err = Terminal()
    session(out=BytesIO(), err=err).progress("x" * 10_000)
    assert len(err.getvalue()) < 1_000


def test_colour_needs_a_terminal_and_no_wish_against_it() -> None:
    assert session(out=Terminal(), err=BytesIO()).colour
    assert not session(out=Terminal(), err=BytesIO(), NO_COLOR="1").colour
    assert not session(out=BytesIO(), err=Terminal()).colour
