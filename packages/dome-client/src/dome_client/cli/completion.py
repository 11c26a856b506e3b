"""What a shell may put in place of a word that was begun: commands, options, and what the daemon knows by name.

The library finds out where in the command line the word stands. A daemon is asked shortly, and never started, but for
one that a service manager starts for whoever connects: where none answers, a name is typed in full.
"""

import sys
from argparse import Action, ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dome_client.cli.session import Session

    Names = Callable[..., Mapping[str, str]]
    """Names with what is said of each. Called with the line as far as it was understood, and more."""

VARIABLE: Final = "_ARGCOMPLETE"
"""A shell sets it when it asks."""
_LINE: Final = "COMP_LINE"
"""In which it hands over the line."""
_QUOTES: Final = str.maketrans("", "", "'\"\\")
_ANSWER_S: Final = 1.0
"""How long somebody who pressed a key waits for a daemon."""
_JOBS_MAX: Final = 100
_APPROVALS: Final = {
    "trust": "let a tool run",
    "untrust": "take that back",
    "approvals": "what was approved, where and when",
}
_ALIVE: Final = (1, 2)
"""QUEUED and RUNNING, as the contract numbers them."""


def words(environ: Mapping[str, str]) -> list[str]:
    """The words of the line that is completed, near enough to tell which commands it may name."""
    return environ.get(_LINE, "").translate(_QUOTES).split()


def answer(parser: ArgumentParser, session: "Session") -> None:
    """Tell the shell that asks, and exit."""
    import argcomplete

    names = _Names(session)
    for command, action in _actions(parser, ""):
        if action.choices is None and not getattr(action, "completer", None):
            action.completer = names.of(command, action)  # type: ignore[attr-defined]  # where the library looks
    argcomplete.autocomplete(parser, always_complete_options=False, exit_method=sys.exit)


def _actions(parser: ArgumentParser, command: str) -> Iterator[tuple[str, Action]]:
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            for name, child in action.choices.items():
                yield from _actions(child, name)
        else:
            yield command, action


class _Names:
    """What the daemon knows, by the arguments that want it."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def of(self, command: str, action: Action) -> Any:
        """Who completes an argument."""
        from argcomplete.completers import DirectoriesCompleter, FilesCompleter

        known: dict[tuple[str, str], Names] = {
            ("cancel", "job_id"): self.live_jobs,
            ("wait", "job_id"): self.live_jobs,
            ("artifact", "name"): self.artifacts,
            ("jobs", "tool"): self.tools,
            ("mcp", "expose"): self.tools,
            ("run", "set"): self.fields,
            ("tools", "query"): self.approvals,
        }
        by_name: dict[str, Names] = {"job_id": self.jobs, "tool_id": self.tools}
        if found := known.get((command, action.dest), by_name.get(action.dest)):
            return found
        if str(action.metavar).startswith("DIR"):
            return DirectoriesCompleter()
        return FilesCompleter() if str(action.metavar).startswith("FILE") else _nothing

    def jobs(self, *, parsed_args: Namespace, **_: Any) -> Mapping[str, str]:
        """The newest jobs."""
        return self._jobs(parsed_args, ())

    def live_jobs(self, *, parsed_args: Namespace, **_: Any) -> Mapping[str, str]:
        """The jobs that have not ended."""
        return self._jobs(parsed_args, _ALIVE)

    def tools(self, *, parsed_args: Namespace, **_: Any) -> Mapping[str, str]:
        """The catalog as this directory sees it."""
        found = self._ask(parsed_args, "ListTools", working_directory=self._session.directory)
        return {each.tool_id: each.short_description for each in found.tools} if found is not None else {}

    def approvals(self, *, parsed_args: Namespace, **_: Any) -> Mapping[str, str]:
        """What `dome tools` does besides listing, and with which tools."""
        match parsed_args.query:
            case ["trust"]:
                found = self._ask(parsed_args, "ListTools", working_directory=self._session.directory)
                untrusted = (each for each in found.tools if each.trust.name != "TRUSTED") if found is not None else ()
                return {each.tool_id: each.short_description for each in untrusted}
            case ["untrust"]:
                return self.tools(parsed_args=parsed_args)
            case []:
                return _APPROVALS
        return {}

    def fields(self, *, parsed_args: Namespace, **_: Any) -> Mapping[str, str]:
        """The fields that the input of the tool of the line has."""
        import json

        tool_id, directory = getattr(parsed_args, "tool_id", None) or "", self._session.directory
        found = self._ask(parsed_args, "GetTool", tool_id=tool_id, working_directory=directory)
        tool = found.tool if found is not None else None
        properties = json.loads(tool.input_schema_document).get("properties", {}) if tool is not None else {}
        return {f"{name}=": str(each.get("description", "")) for name, each in properties.items()}

    def artifacts(self, *, parsed_args: Namespace, **_: Any) -> Mapping[str, str]:
        """What the job of the line has produced."""
        found = self._ask(parsed_args, "GetJobStatus", job_id=getattr(parsed_args, "job_id", None) or "")
        job = found.job if found is not None else None
        return {each.name: f"{each.size_bytes} bytes" for each in job.artifacts} if job is not None else {}

    def _jobs(self, parsed: Namespace, states: tuple[int, ...]) -> Mapping[str, str]:
        found = self._ask(parsed, "ListJobs", states=states, page_size=_JOBS_MAX)
        return {each.job_id: f"{each.state.name} {each.skill_id}" for each in found.jobs} if found is not None else {}

    def _ask(self, parsed: Namespace, call: str, **fields: Any) -> Any:
        from dome_client.errors import EndpointInvalid

        self._session.named_endpoint = getattr(parsed, "endpoint", None)
        try:
            return self._session.ask(call, timeout_s=_ANSWER_S, **fields)
        except EndpointInvalid:  # it is told when the command is run
            return None


def _nothing(**_: Any) -> tuple[str, ...]:
    """For what only the user knows."""
    return ()
