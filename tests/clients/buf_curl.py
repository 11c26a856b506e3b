"""`buf curl`, with the schema from the protos of this repository."""

import base64
import json
import os
from collections.abc import Iterator

from tests.clients.descriptors import BUF, document_of, parsed
from tests.clients.foreign_client import PROTOS, Door, Message, Program, ProgramFailed, Refused

CODE_FACTOR = 8
"""It exits with eight times the number of the status."""

NO_HOME = "/nonexistent"
"""It has nothing to look up there, and nothing to leave."""


class BufCurl:
    """One process a call."""

    def __init__(self, door: Door) -> None:
        where = ["--unix-socket", door.path] if door.path else ["--http2-prior-knowledge"]
        shown = [word for name, value in door.metadata.items() for word in ("-H", f"{name}: {value}")]
        self._argv = [str(BUF), "curl", "--protocol", "grpc", "--schema", str(PROTOS), *where, *shown]
        self._url = "http://localhost" if door.path else f"http://{door.target}"

    def call(self, service: str, method: str, request: Message) -> Message:
        [answer] = self.stream(service, method, request)
        return answer

    def stream(self, service: str, method: str, request: Message) -> Iterator[Message]:
        argv = [*self._argv, "-d", json.dumps(request), f"{self._url}/{service}/{method}"]
        try:
            yield from Program(argv, {"PATH": os.environ["PATH"], "HOME": NO_HOME}).documents()
        except ProgramFailed as failure:
            if failure.code % CODE_FACTOR:
                raise
            raise _refused(json.loads(failure.err)) from failure


def _refused(said: Message) -> Refused:
    details = {
        each["type"]: document_of(parsed(each["type"], _bytes(each["value"]))) for each in said.get("details", ())
    }
    return Refused(said["code"].upper(), details)


def _bytes(text: str) -> bytes:
    """It leaves the padding out."""
    return base64.b64decode(text + "=" * (-len(text) % 4))
