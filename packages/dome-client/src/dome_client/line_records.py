"""A page of output as its line records: one for each seq that the page covers."""


def split(data: bytes) -> list[bytes]:
    """The records of a page, each with its newline; the last one may lack it. Joined, they are the page."""
    # Not splitlines(): to it a carriage return ends a line, too.
    lines = data.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
