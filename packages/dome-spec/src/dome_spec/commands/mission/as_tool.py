"""`dome mission as-tool`: what the installed tools run. An input becomes one use of this command.

Everything happens in this process: the words are parsed and carried out as if they had been given on a command line.
"""

import io
import json
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs
    from dome_spec.kernel import Runtime

    Connect = Callable[[], Awaitable[Runtime]]

VERBS: Final = ("next", "claim", "subtask", "move", "review")
_FAILED: Final = "TOOL.FAILED"
_EXAMPLES: Final = """\
  dome run mission.next --set mission=parser --set effector=llm:agent-1,profile=implementer
                              what the tool then carries out: `dome mission as-tool next`

For tools alone: the input comes on standard input, the result goes through the tool's channel."""


def add(verbs: "Verbs", connect: "Connect") -> None:
    """Add the verb."""

    async def run(arguments: Namespace, console: "Console") -> int:
        return await _carry_out(arguments, console, connect)

    parser = add_verb(verbs, "as-tool", summary="Answer as one of the installed tools", examples=_EXAMPLES, run=run)
    parser.add_argument("tool", metavar="VERB", choices=VERBS, help=", ".join(VERBS))


async def _carry_out(arguments: Namespace, console: "Console", connect: "Connect") -> int:
    from dome_contracts import tool
    from dome_spec.commands.mission.tools import TOOLS, words_of

    chosen = next(each for each in TOOLS if each.verb == arguments.tool)
    with tool.session() as dome:
        given: Mapping[str, Any] = dome.input
        answer = await _ask(words_of(chosen, given), connect)
        result: dict[str, Any] = {"answer": answer}
        step = answer.get("decision", {}).get("preview", {})
        if arguments.tool == "next" and step.get("kind") == "step":
            shown = await _ask(_artefact_words(given, step), connect)
            result |= {"artefact": shown, "witness": f"{shown['digest']}@{shown['stream_version']}"}
        console.record(answer)
        dome.result(result)
    return Exit.OK


def _artefact_words(given: Mapping[str, Any], step: Mapping[str, Any]) -> list[str]:
    package = step.get("package", {}).get("work_package_id")
    about = [str(given["mission"]), *([package] if package else [])]
    return ["artefact", "show", *about, f"--as={given['effector']}", "--action", step["action"], "--json"]


async def _ask(words: list[str], connect: "Connect") -> dict[str, Any]:
    """The last line of JSON that the words lead to. Raises ToolFailure with the words of a refusal."""
    from dome_contracts.tool import ToolFailure
    from dome_spec.commands import artefact, mission

    parser = ArgumentParser(prog="dome")
    groups = parser.add_subparsers()
    mission.register(groups, connect)
    artefact.register(groups, connect)
    out, err = io.TextIOWrapper(io.BytesIO()), io.TextIOWrapper(io.BytesIO())
    with redirect_stdout(out), redirect_stderr(err):
        try:
            parsed = parser.parse_args(words)
            begun = parsed.run(parsed)
            code = begun if isinstance(begun, int) else await begun
        except SystemExit as ended:  # the words do not fit together; what is wrong was said
            code = int(ended.code or 0)
    lines = _bytes(out).splitlines()
    if code == Exit.OK and lines:
        return dict(json.loads(lines[-1]))
    raise ToolFailure(_FAILED, _told(_bytes(err).decode("utf-8", "replace").strip()))


def _bytes(stream: io.TextIOWrapper) -> bytes:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue()


def _told(said: str) -> str:
    """A refusal in a line: its reason, what, and what to do."""
    try:
        error = json.loads(said.splitlines()[-1])["error"]
        return f"{error['reason']}: {error['message']} {error['remedy']}".strip()
    except (ValueError, LookupError, TypeError):  # it said something else than a refusal: that is told as it is
        return said
