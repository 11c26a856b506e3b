"""@grpc/grpc-js, the implementation of gRPC in JavaScript."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from ci.node import Node
from tests.clients.foreign_client import PROTOS, TIMEOUT_S, Door, Message, Program, ProgramFailed, Refused

PROGRAM = Path(__file__).with_name("grpc_js_call.cjs")
REFUSED = 3


class GrpcJs:
    """One process a call."""

    def __init__(self, door: Door, *, node: Node, answer_bytes_max: int) -> None:
        self._argv = [str(node.program), str(PROGRAM)]
        self._common = {
            "packages": str(node.modules),
            "protos": str(PROTOS),
            "target": door.target,
            "metadata": door.metadata,
            "timeout_s": TIMEOUT_S,
            "answer_bytes_max": answer_bytes_max,
        }

    def call(self, service: str, method: str, request: Message) -> Message:
        [answer] = self.stream(service, method, request)
        return answer

    def stream(self, service: str, method: str, request: Message) -> Iterator[Message]:
        asked = {**self._common, "service": service, "method": method, "request": request}
        try:
            yield from Program([*self._argv, json.dumps(asked)], {"PATH": os.environ["PATH"]}).documents()
        except ProgramFailed as failure:
            if failure.code != REFUSED:
                raise
            said = json.loads(failure.err)
            raise Refused(said["code"], said["details"]) from failure
