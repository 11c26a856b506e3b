"""Why an entry of the catalog is left out: raised while a folder is read, reported by `manifest`. Reaches no caller."""

from collections.abc import Sequence


class Rejected(Exception):
    """The entry cannot be served. The message says what is wrong and what to do."""

    def __init__(self, message: str, *, path: str = "", pointers: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        """Path inside the tool's folder; empty for the folder itself."""
        self.pointers = tuple(pointers)
