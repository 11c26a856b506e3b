"""One run of the tool: starts codex, gives it the task, tells how far it is, and reports what it did and said."""

import asyncio
import json
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.tool import Session, ToolFailure
from domed.tools.codex_exec import program, verdict
from domed.tools.codex_exec.child import Child, started
from domed.tools.codex_exec.command import DEFAULTS, arguments, reaches_network
from domed.tools.codex_exec.transcript import Transcript

MESSAGE_NAME: Final = "message.txt"
EVENTS_NAME: Final = "events.jsonl"
MESSAGE_CHARACTERS_MAX: Final = 200_000
PROGRESS_INTERVAL_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a run is about, beside its events."""

    wanted: Mapping[str, Any]
    workspace: Path
    codex_version: str
    start_s: float


async def do(dome: Session, folder: Path, environ: Mapping[str, str]) -> None:
    """Do the task that the session's input names and give the result. Raises ToolFailure."""
    wanted = {**DEFAULTS, **(dome.input or {})}
    workspace = folder / wanted["workspace"]
    if not workspace.is_dir():
        raise ToolFailure(FailureReason.CODEX_WORKSPACE_MISSING, f"{workspace} is no directory.")
    start_s = time.monotonic()
    codex, seen = program.find(environ), program.environment(environ)
    said = await program.version(codex, environ=seen, folder=workspace)
    with ExitStack() as stack:
        # By hand there is no scratch directory, and nobody who takes artifacts.
        scratch = Path(environ.get("DOME_SCRATCH") or stack.enter_context(TemporaryDirectory(prefix="dome-codex-")))
        temporary = Path(stack.enter_context(TemporaryDirectory(dir=scratch, ignore_cleanup_errors=True)))
        schema_file, message_file = scratch / "answer_schema.json", scratch / MESSAGE_NAME
        if wanted["answer_schema"] is not None:
            schema_file.write_text(json.dumps(wanted["answer_schema"]), encoding="utf-8")
        words = arguments(wanted, workspace=workspace, message_file=message_file, schema_file=schema_file)
        dome.progress(f"starting {said}")
        transcript = Transcript()
        with (scratch / EVENTS_NAME).open("wb") as kept:
            async with started(
                [codex, *words],
                folder=workspace,
                environ=seen | {"TMPDIR": str(temporary)},
                kept=kept,
                stderr_fd=sys.stderr.fileno(),
            ) as child:
                failure = await _follow(dome, child, transcript, wanted)
        around = Circumstances(wanted, workspace, said, start_s)
        _hand_over(dome, scratch, transcript)
        answer, failure = _answer(transcript, failure, is_asked_for=wanted["answer_schema"] is not None)
        dome.result(report(transcript, around, answer=answer, is_complete=child.is_complete))
        if failure is not None:
            raise failure


async def _follow(dome: Session, child: Child, transcript: Transcript, wanted: Mapping[str, Any]) -> ToolFailure | None:
    """Listen until codex has ended. Why there is no answer, if so."""
    told_at_s = 0.0
    child.give(wanted["prompt"].encode("utf-8", "replace"))
    try:
        async with asyncio.timeout(wanted["timeout_s"]):
            async for line in child.lines():
                if shown := transcript.take(line):
                    print(shown, flush=True)
                if (now_s := time.monotonic()) - told_at_s >= PROGRESS_INTERVAL_S:
                    dome.progress(transcript.doing, done=transcript.steps, unit="steps")
                    told_at_s = now_s
            ended = await child.ended()
    except TimeoutError:
        return verdict.timed_out(transcript, wanted["timeout_s"])
    finally:
        dome.progress(transcript.doing, done=transcript.steps, unit="steps")
    return verdict.verdict(transcript, ended)


def _hand_over(dome: Session, scratch: Path, transcript: Transcript) -> None:
    """The files that are kept."""
    dome.artifact(EVENTS_NAME, scratch / EVENTS_NAME, media_type="application/jsonl")
    path = scratch / MESSAGE_NAME
    if transcript.message and not path.exists():
        path.write_text(transcript.message, encoding="utf-8", errors="replace")
    if path.exists():
        dome.artifact(MESSAGE_NAME, path, media_type="text/markdown")


def _answer(
    transcript: Transcript, failure: ToolFailure | None, *, is_asked_for: bool
) -> tuple[Any, ToolFailure | None]:
    """The last message as JSON, and why it is none, if so."""
    if failure is not None or not is_asked_for:
        return None, failure
    try:
        return json.loads(transcript.message), None
    except (ValueError, RecursionError) as error:
        return None, verdict.no_json(str(error))


def report(transcript: Transcript, around: Circumstances, *, answer: Any, is_complete: bool) -> dict[str, Any]:
    """The result."""
    return {
        "message": transcript.message[:MESSAGE_CHARACTERS_MAX],
        "message_truncated": len(transcript.message) > MESSAGE_CHARACTERS_MAX,
        "answer": answer,
        "completed": transcript.is_completed,
        "codex_version": around.codex_version,
        "workspace": str(around.workspace),
        "sandbox": around.wanted["sandbox"],
        "network": reaches_network(around.wanted),
        "thread_id": transcript.thread_id,
        "usage": transcript.usage,
        "duration_s": round(time.monotonic() - around.start_s, 3),
        "steps_count": transcript.steps,
        "commands": transcript.commands,
        "changes": transcript.changes,
        "calls": transcript.calls,
        "errors": transcript.errors,
        "left_out": transcript.left_out,
        "events_complete": is_complete,
    }
