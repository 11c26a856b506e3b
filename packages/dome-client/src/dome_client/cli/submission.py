"""Makes a request to run a tool out of a command line, and sends it. The input is checked by the daemon, not here."""

import json
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dome_client.cli.session import InputUnusable
from dome_contracts.canonical import NotCanonical, canonical_bytes

if TYPE_CHECKING:
    from dome_client.cli.session import Session
    from dome_client.client import Client
    from dome_client.errors import DomeError
    from dome_contracts.runtime.v1 import ExecuteConstraints, Job, ToolDescriptor


_TIMEOUT_S_MIN: Final = 1e-6
_WANTS_TEXT: Final = 'is not of type "string"'


async def submit(dome: "Client", arguments: Namespace, session: "Session") -> "Job":
    """Ask for the execution that the command line describes. Raises InputUnusable, DomeError."""
    from dome_client.errors import DomeError
    from dome_contracts.runtime.v1 import LockWait

    key = _key(arguments.key)
    directory = working_directory(arguments.cwd or "", session)
    tool_input = read_input(arguments.input) | settings(arguments.set)
    if arguments.words is not None:
        descriptor = await dome.tool(arguments.tool_id, working_directory=directory)
        tool_input |= words_field(arguments.words, descriptor)
    try:
        encoded = canonical_bytes(tool_input)
    except NotCanonical as error:
        raise InputUnusable(f"the input cannot be sent: {error}") from error
    try:
        return await dome.execute(
            arguments.tool_id,
            encoded,
            idempotency_key=key,
            working_directory=directory,
            environment=pairs(arguments.env, "--env"),
            labels=pairs(arguments.label, "--label"),
            constraints=_constraints(arguments.timeout),
            priority=arguments.priority,
            lock_wait=LockWait.REFUSE if arguments.wait_lock is False else LockWait.WAIT,
        )
    except DomeError as error:
        error.remedy = _remedy(error, arguments)
        raise


def _remedy(error: "DomeError", arguments: Namespace) -> str:
    """What to do; where the input is wrong, how somebody at a command line finds out what is right."""
    wrong = [each for each in error.violations if each.field.split("/")[0] == "input"]
    if not wrong:
        return error.remedy
    shown = f"`dome tool {arguments.tool_id}` shows what the input may be."
    for name, value in settings(arguments.set).items():
        texts = (each for each in wrong if each.field == f"input/{name}" and _WANTS_TEXT in each.description)
        if not isinstance(value, str) and any(texts):
            return f"{shown} As text it is written --set '{name}=\"{json.dumps(value)}\"'."
    return shown


async def submit_retry(dome: "Client", arguments: Namespace) -> "Job":
    """Ask for the retry that the command line describes. Raises InputUnusable, DomeError."""
    from dome_contracts.runtime.v1 import LockWait

    key, labels, constraints = _key(arguments.key), pairs(arguments.label, "--label"), _constraints(arguments.timeout)
    # Where nothing is said, it is as in the job that is retried.
    lock_wait = {None: LockWait.UNSPECIFIED, True: LockWait.WAIT, False: LockWait.REFUSE}[arguments.wait_lock]
    pinned = (await dome.status(arguments.job_id)).tool_digest if arguments.same_digest else None
    return await dome.retry(
        arguments.job_id,
        idempotency_key=key,
        tool_digest=pinned,
        labels=labels,
        constraints=constraints,
        lock_wait=lock_wait,
    )


def working_directory(named: str, session: "Session") -> str:
    """Where the tool is to run: what was named, seen from where the command was given. Raises DirectoryGone."""
    return named if os.path.isabs(named) else os.path.join(session.directory, named)


def read_input(source: str | None) -> dict[str, Any]:
    """The JSON object in a file, or on standard input for `-`. Empty without a source."""
    if source is None:
        return {}
    try:
        raw = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        value = json.loads(raw)
    except OSError as error:
        written_out = ". It takes a file; `--input -` reads what is piped in" if source.startswith("{") else ""
        raise InputUnusable(f"--input {source}: {error.strerror}{written_out}") from error
    except (ValueError, RecursionError) as error:
        raise InputUnusable(f"--input {source} is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise InputUnusable(f"--input {source} holds no JSON object")
    return value


def pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    """`NAME=VALUE` texts as a mapping."""
    split = [text.partition("=") for text in texts]
    for (name, equals, _), text in zip(split, texts, strict=True):
        if not name or not equals:
            raise InputUnusable(f"{option} {text}: write NAME=VALUE")
    return {name: value for name, _, value in split}


def settings(texts: Sequence[str]) -> dict[str, Any]:
    """`--set` texts as fields of the input: a value is JSON where it can be read as JSON, else text."""
    return {name: _json_or_text(value) for name, value in pairs(texts, "--set").items()}


def words_field(words: Sequence[str], descriptor: "ToolDescriptor") -> dict[str, Any]:
    """The words after `--` as the field `argv`, for a tool whose input has one."""
    schema = json.loads(descriptor.input_schema_document or b"{}")
    argv = schema.get("properties", {}).get("argv") if isinstance(schema, dict) else None
    if not isinstance(argv, dict) or argv.get("type") != "array":
        tool_id = descriptor.summary.tool_id if descriptor.summary is not None else "this tool"
        raise InputUnusable(f"{tool_id} takes no words after `--`: its input has no list `argv`. Use --set or --input.")
    return {"argv": list(words)}


def _key(named: str | None) -> str:
    if named == "":
        raise InputUnusable("--key is empty: write a key, or leave the option out")
    return named or ""


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _constraints(timeout_s: float | None) -> "ExecuteConstraints | None":
    from dome_contracts.runtime.v1 import ExecuteConstraints

    if timeout_s is None:
        return None
    # What rounds to zero would be no limit at all.
    if not _TIMEOUT_S_MIN <= timeout_s < timedelta.max.total_seconds():
        raise InputUnusable(f"--timeout {timeout_s}: write a number of seconds above 0")
    return ExecuteConstraints(deadline=timedelta(seconds=timeout_s))
