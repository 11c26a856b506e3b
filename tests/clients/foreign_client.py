"""What the tests ask of a client that knows the contracts only: calls and streams, with messages as their JSON form.

Nothing of Dome's own client is used here, and no generated type: what passes is what the protos say.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).resolve().parents[2]
PROTOS = ROOT / "contracts" / "proto"
RUNTIME = "dome.runtime.v1.RuntimeService"
HEALTH = "grpc.health.v1.Health"
ERROR_INFO = "google.rpc.ErrorInfo"
BAD_REQUEST = "google.rpc.BadRequest"
TIMEOUT_S = 30

Message = Mapping[str, Any]


@dataclass(frozen=True)
class Door:
    """Where a daemon listens: a path, or a port of this machine with the token of this start."""

    path: str = ""
    port: int = 0
    token: str = ""

    @property
    def target(self) -> str:
        """The address as gRPC names it."""
        return f"unix:{self.path}" if self.path else f"127.0.0.1:{self.port}"

    @property
    def metadata(self) -> Mapping[str, str]:
        """What every call has to show."""
        return {"authorization": f"Bearer {self.token}"} if self.token else {}


class Refused(Exception):
    """The status of a call that was refused, with its details by the names of their types."""

    def __init__(self, code: str, details: Mapping[str, Message]) -> None:
        super().__init__(f"{code} {details}")
        self.code = code
        self.details = details


class ForeignClient(Protocol):
    """A client of somebody else, connected to one door."""

    def call(self, service: str, method: str, request: Message) -> Message:
        """The answer. Raises Refused."""
        ...

    def stream(self, service: str, method: str, request: Message) -> Iterator[Message]:
        """Each answer as it comes. Raises Refused."""
        ...


class Program:
    """A process that writes one JSON document after the other, and is gone when the reader leaves."""

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            argv, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def documents(self) -> Iterator[Message]:
        """What it writes, as it comes. Raises ProgramFailed."""
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        decoder, text = json.JSONDecoder(), ""
        try:
            for line in self._process.stdout:
                text += line
                try:
                    document, end = decoder.raw_decode(text)
                except json.JSONDecodeError:
                    continue
                text = text[end:].lstrip()
                yield document
            err = self._process.stderr.read()
            code = self._process.wait(TIMEOUT_S)
            if code != 0:
                raise ProgramFailed(code, err)
        finally:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._process.stderr.close()


class ProgramFailed(Exception):
    """A program ended with another code than 0."""

    def __init__(self, code: int, err: str) -> None:
        super().__init__(f"exit {code}: {err}")
        self.code = code
        self.err = err
