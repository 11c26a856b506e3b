"""What a command is given: the way to the daemon, and where its words go.

Standard output is data, in bytes; standard error is for people. Nothing here knows what a command does, and nothing
heavy is imported before a command needs it.
"""

import os
from argparse import SUPPRESS, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from dome_client.cli.built_in import SUMMARIES

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    import betterproto2

    from dome_client.client import Client
    from dome_client.endpoint import Endpoint
    from dome_client.errors import DomeError
    from dome_client.lean.view import View

    Commands = _SubParsersAction[ArgumentParser]
    """Where a command adds its parser, whose default `command` is then called with the arguments and the session.

    A default `shortly` is called before, without a loop. It gives an exit code, or None where it could not do the work.
    """

_PACKAGE: Final = "dome.runtime.v1"


def add_command(commands: "Commands", name: str, *, examples: str) -> ArgumentParser:
    """The parser of a command of this package, with what every command has."""
    summary = SUMMARIES[name]
    parser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary}.",
        epilog=f"examples:\n{examples}",
        formatter_class=RawDescriptionHelpFormatter,
    )
    add_options(parser, default=SUPPRESS)  # what was said before the command stands
    return parser


def add_options(parser: ArgumentParser, *, default: Any) -> None:
    """The options that every command has."""
    parser.add_argument(
        "--json", action="store_true", default=default, help="JSON: one object a line, with the contract's field names"
    )
    parser.add_argument(
        "--endpoint", metavar="unix:PATH", default=default, help="socket of the daemon to use, or tcp://127.0.0.1:PORT"
    )


class InputUnusable(Exception):
    """What was given makes no input. The message says what to change."""


class OutputLost(Exception):
    """A standard stream takes no more, for another reason than that its reader has left."""


class DirectoryGone(Exception):
    """The directory that the command was given in no longer exists."""


class Session:
    """One use of the command."""

    def __init__(self, *, environ: Mapping[str, str], out: BinaryIO, err: BinaryIO) -> None:
        self.environ = environ
        self.as_json = False
        self.named_endpoint: str | None = None
        self._out = out
        self._err = err
        self.colour = out.isatty() and not environ.get("NO_COLOR")
        self.on_terminal = err.isatty()
        self._progress_shown = False
        self._opened: list[Client] = []

    def obey(self, arguments: Namespace) -> None:
        """Take over the options that every command has."""
        self.as_json = arguments.json
        self.named_endpoint = arguments.endpoint

    @property
    def directory(self) -> str:
        """The directory that the command was given in: whose project tools are seen, and where tools run.

        Raises DirectoryGone.
        """
        try:
            return os.getcwd()
        except FileNotFoundError:
            raise DirectoryGone("this directory no longer exists: change to another one") from None

    def endpoint(self) -> "Endpoint":
        """The endpoint in use. Raises EndpointInvalid."""
        from dome_client.endpoint import resolve

        return resolve(self.named_endpoint, self.environ)

    def ask(self, call: str, *, timeout_s: float | None = None, **fields: Any) -> Any:
        """The answer to a call that may be repeated, as a view of its message. None where that takes the client.

        Raises EndpointInvalid.
        """
        from dome_client.lean.call import TIMEOUT_S, ask
        from dome_client.lean.wire import WireError, decode, encode

        endpoint = self.endpoint()
        if endpoint.tcp:
            return None
        answer = ask(endpoint.path, call, encode(f"{_PACKAGE}.{call}Request", fields), timeout_s=timeout_s or TIMEOUT_S)
        try:
            return None if answer is None else decode(f"{_PACKAGE}.{call}Response", answer)
        except WireError:
            return None

    def connect(self) -> "Client":
        """A client of the daemon, to be used in `async with`. Raises EndpointInvalid."""
        from dome_client.connection import connect

        return connect(self.named_endpoint, environ=self.environ)

    def connect_as_is(self) -> "Client":
        """The same, where no daemon shall be started."""
        from dome_client.connection import connect

        return connect(self.named_endpoint, environ=self.environ, start_on_demand=False)

    def connect_impatiently(self) -> "Client":
        """The same, and a daemon that is away is told at once: for whoever shows that and tries again."""
        from dome_client.calling import Patience
        from dome_client.connection import connect

        patience = Patience(retry_s=0, reconnect_s=0)
        return connect(self.named_endpoint, environ=self.environ, start_on_demand=False, patience=patience)

    async def runtime(self) -> "Client":
        """A client that lives until the command ends: what a command group of another package is given."""
        client = self.connect()
        self._opened.append(client)
        return client

    async def aclose(self) -> None:
        """Close what `runtime` opened."""
        for client in self._opened:
            await client.aclose()

    def show(self, message: "betterproto2.Message | View", text: str) -> None:
        """A message: as JSON where that was asked for, else the text that stands for it."""
        if self.as_json:
            from dome_client.cli.render.document import document

            self.record(document(message))
        else:
            self.text(text)

    def record(self, value: Mapping[str, Any]) -> None:
        """One JSON object."""
        from dome_client.cli.render.document import encode

        self.data(encode(value))

    def text(self, text: str) -> None:
        """Text on standard output."""
        self.data(text.encode("utf-8", errors="backslashreplace") + b"\n")

    def data(self, data: bytes) -> None:
        """Bytes on standard output, exactly and at once."""
        self._clear_progress()
        _write(self._out, data)

    def error_data(self, data: bytes) -> None:
        """Bytes on standard error, exactly and at once."""
        self._clear_progress()
        _write(self._err, data)

    def note(self, text: str) -> None:
        """A sentence for people."""
        self.error_data(text.encode("utf-8", errors="backslashreplace") + b"\n")

    def complain(self, text: str) -> None:
        """A last sentence for people, where it may be that nobody can be told."""
        with suppress(OutputLost, BrokenPipeError):
            self.note(text)

    def progress(self, text: str) -> None:
        """How far it is. On a terminal only, where the next one replaces it."""
        if self.on_terminal:
            import shutil

            self._clear_progress()
            width = shutil.get_terminal_size().columns
            self._err.write(text[: max(width - 1, 1)].encode("utf-8", errors="backslashreplace"))
            self._err.flush()
            self._progress_shown = True

    def failure(self, error: "DomeError") -> None:
        """An error and what to do about it; as one JSON object, on standard error too, where JSON was asked for."""
        if self.as_json:
            from dome_client.cli.render.document import encode
            from dome_client.cli.render.failure import failure_document

            self.error_data(encode(failure_document(error)))
        else:
            from dome_client.cli.render.failure import failure_text

            self.note(failure_text(error))

    def _clear_progress(self) -> None:
        if self._progress_shown:
            self._err.write(b"\r\x1b[K")
            self._progress_shown = False


def _write(stream: BinaryIO, data: bytes) -> None:
    try:
        stream.write(data)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputLost(error.strerror) from error
