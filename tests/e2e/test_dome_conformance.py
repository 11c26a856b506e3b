"""A real daemon passes the suite that keeps the fake runtime true."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from dome_client import sync
from dome_client.connection import connect
from dome_client.testing.conformance import Request, RuntimeConformance
from tests.awaited import Awaited
from tests.e2e.dome_home import Home, a_home
from tests.e2e.tool_folder import write_tool


class DaemonRig:
    def __init__(self, runtime: Any) -> None:
        self.runtime = runtime

    def printing(self, lines: int) -> Request:
        return self._shell(f"n=1; while [ $n -le {lines} ]; do echo line $n; n=$((n+1)); done")

    def failing(self, exit_code: int) -> Request:
        return self._shell(f"echo oops >&2; exit {exit_code}")

    def untrusted(self) -> Request:
        return "test.untrusted", {}

    def endless(self) -> Request:
        return self._shell("echo ready; exec sleep 1000")

    def producing(self, name: str, data: bytes) -> Request:
        script = (
            f'printf %s "{data.decode()}" > "$DOME_SCRATCH/made"; . "$DOME_TOOL_SH"; '
            f'dome_artifact "{name}" "$DOME_SCRATCH/made" text/plain'
        )
        return self._shell(script)

    def _shell(self, script: str) -> Request:
        return "process.run", {"argv": ["sh", "-c", script]}


@pytest.fixture(scope="class")
def home() -> Iterator[Home]:
    with a_home() as made:
        write_tool(made.config / "tools", "test.untrusted", "echo line 1")
        yield made


class TestADaemon(RuntimeConformance):
    @pytest.fixture
    async def rig(self, home: Home) -> AsyncIterator[DaemonRig]:
        async with connect(environ=home.environ()) as client:
            yield DaemonRig(client)


@pytest.mark.slow
class TestADaemonUsedWithoutALoop(RuntimeConformance):
    @pytest.fixture
    def rig(self, home: Home) -> Iterator[DaemonRig]:
        with sync.connect(environ=home.environ()) as client:
            yield DaemonRig(Awaited(client))
