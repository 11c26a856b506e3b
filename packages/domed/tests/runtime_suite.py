"""A whole daemon under test, over memory and over a Unix socket, with tools of the test's own."""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grpclib.client import Channel

from dome_contracts.runtime.v1 import (
    GetJobStatusRequest,
    Job,
    JobEvent,
    JobState,
    RuntimeServiceStub,
    SkillExecuteRequest,
    StreamJobEventsRequest,
    StreamJobEventsResponse,
)
from domed.app import Daemon, alive, build
from domed.catalog import Catalog
from domed.clock import SystemClock, SystemIds
from domed.config import Config
from domed.rpc.codec import StrictCodec
from domed.rpc.details import DetailsCodec
from domed.rpc.memory import InProcessChannel

TERMINAL = {JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELED}

MANIFEST: Mapping[str, Any] = {
    "manifest_version": "1",
    "version": "1.0.0",
    "title": "A tool of the tests",
    "short_description": "Does what a shell script says.",
    "executor": {"backend": "local-process", "command": ["/bin/sh", "{tool}/run.sh"]},
    "input_schema": "input.json",
    "output_schema": "output.json",
    "hints": {"read_only": True, "destructive": False, "idempotent": True, "open_world": False},
    "effects": {"filesystem": "write", "network": "any", "starts_processes": True},
}
INPUT_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"count": {"type": "integer", "minimum": 1}},
    "additionalProperties": False,
}
OUTPUT_SCHEMA = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}


def write_tool(root: Path, tool_id: str, script: str, **manifest: Any) -> None:
    """A tool folder with a shell script."""
    folder = root / tool_id
    folder.mkdir(parents=True)
    # Every JSON document is YAML.
    (folder / "tool.yaml").write_text(json.dumps({**MANIFEST, "tool_id": tool_id, **manifest}))
    (folder / "input.json").write_text(json.dumps(INPUT_SCHEMA))
    (folder / "output.json").write_text(json.dumps(OUTPUT_SCHEMA))
    (folder / "run.sh").write_text(script)


def write_document(root: Path, name: str) -> None:
    """A SKILL.md folder without a manifest."""
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "SKILL.md").write_text(f"---\nname: {name}\ndescription: How to write a good commit.\n---\n\n# Text\n")


def a_config(home: Path, **changes: Any) -> Config:
    """The configuration of a user with this home, who trusts every tool in `home/tools` but `user.untrusted`."""
    environ = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run"), "PATH": os.environ["PATH"], "USER": "tester"}
    roots = (home / "tools",)
    config = replace(Config.from_env(environ), user_roots=roots, grace_s=1.0, drain_timeout_s=2.0)
    # Built-in tools need no trust, and take long to read.
    tools = Catalog(home / "none", roots, monotonic=SystemClock().monotonic).view("").tools
    digests = frozenset(tool.digest for tool in tools if tool.tool_id != "user.untrusted")
    return replace(config, trusted_digests=digests, **changes)


@dataclass(slots=True)
class Running:
    """A daemon that carries out jobs, and a way to reach it."""

    daemon: Daemon
    channel: Channel

    @property
    def stub(self) -> RuntimeServiceStub:
        return RuntimeServiceStub(self.channel)

    async def execute(self, skill_id: str, document: Any = None, **fields: Any) -> Job:
        """Submit a job."""
        data = b"" if document is None else json.dumps(document).encode()
        answer = await self.stub.skill_execute(SkillExecuteRequest(skill_id=skill_id, input=data, **fields))
        assert answer.job is not None
        return answer.job

    async def answers(self, job_id: str, **fields: Any) -> list[StreamJobEventsResponse]:
        """The whole stream."""
        request = StreamJobEventsRequest(job_id=job_id, **{"follow": True, **fields})
        async with asyncio.timeout(30):
            return [answer async for answer in self.stub.stream_job_events(request)]

    async def events(self, job_id: str, **fields: Any) -> list[JobEvent]:
        """The events of the whole stream."""
        return [event for answer in await self.answers(job_id, **fields) for event in answer.events]

    async def ended(self, job_id: str) -> Job:
        """The job when it has ended."""
        await self.answers(job_id, suppress_output=True)
        return await self.status(job_id)

    async def status(self, job_id: str) -> Job:
        job = (await self.stub.get_job_status(GetJobStatusRequest(job_id=job_id))).job
        assert job is not None
        return job

    async def reached(self, job_id: str, state: JobState) -> Job:
        """The job when it has got to a state."""
        async with asyncio.timeout(30):
            async for _ in self.stub.stream_job_events(StreamJobEventsRequest(job_id=job_id, follow=True)):
                if (job := await self.status(job_id)).state in {state, *TERMINAL}:
                    return job
        return await self.status(job_id)


def kinds(events: Sequence[JobEvent]) -> list[str]:
    """What the events say, by name."""
    names = ("submitted", "waiting", "started", "output", "progress", "artifact_produced", "cancel_requested",
             "signaled", "survivor_found", "truncated", "finished")  # fmt: skip
    return [name for event in events for name in names if getattr(event, name) is not None]


@asynccontextmanager
async def running(config: Config, *, over: str = "memory") -> AsyncIterator[Running]:
    """A daemon with its real store, catalog and executor."""
    config.state_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    clock = SystemClock()
    daemon = build(config, clock=clock, ids=SystemIds(clock))
    async with alive(daemon):
        channel: Channel
        if over == "memory":
            channel = InProcessChannel(daemon.frontend.server)
        else:
            config.socket_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            config.socket_path.unlink(missing_ok=True)
            accepting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            accepting.bind(str(config.socket_path))
            daemon.frontend.server.listen(accepting)
            channel = Channel(path=str(config.socket_path), codec=StrictCodec(), status_details_codec=DetailsCodec())
        try:
            yield Running(daemon, channel)
        finally:
            channel.close()
