"""`dome mission review`: say what a review found, and approve or request changes by it."""

from argparse import Namespace
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting, add_witness, prose
from dome_spec.commands.verb import UsageWrong, add_verb

if TYPE_CHECKING:
    from dome_contracts.schema.missions.review_result import ReviewResult
    from dome_contracts.schema.shared.definitions import ArtefactWitness, LaneOperation
    from dome_spec.commands.console import Console
    from dome_spec.commands.mission.opening import Opened
    from dome_spec.commands.verb import Verbs
    from dome_spec.kernel import Runtime
    from dome_spec.missions.status import MissionStatus

    Connect = Callable[[], Awaitable[Runtime]]

VERDICTS: Final = ("approved", "changes_requested")
_EXAMPLES: Final = """\
  dome mission review parser WP01 --verdict approved --artefact told.md
  dome mission review parser WP01 --verdict approved --witness sha256:...@4 --suggest "A shorter name would do"
  dome mission review parser WP01 --verdict changes_requested --artefact told.md --finding "src/dates.py:12: Wrong"
  dome mission review parser WP01 --verdict changes_requested --artefact told.md --findings found.json

Claim the package for review before; then read its artefact with `dome artefact show`, and show that one: what you were
told has to hold when you judge. Findings that block go with changes that are requested, and the artefact of whoever
reworks the package names them. Exit code 67: it is refused, such as STALE_ARTEFACT: read it anew, and look again."""


def add(verbs: "Verbs", connect: "Connect") -> None:
    """Add the verb."""

    def run(arguments: Namespace, console: "Console") -> Awaitable[int]:
        return _review(arguments, console, connect)

    parser = add_verb(verbs, "review", summary="Approve a package, or request changes", examples=_EXAMPLES, run=run)
    parser.add_argument("mission", metavar="MISSION")
    parser.add_argument("package", metavar="PACKAGE")
    parser.add_argument("--verdict", choices=VERDICTS, required=True)
    parser.add_argument(
        "--finding", metavar="[PATH:LINE: ]TEXT", type=prose, action="append", default=[], help="something that blocks"
    )
    parser.add_argument(
        "--suggest",
        metavar="[PATH:LINE: ]TEXT",
        type=prose,
        action="append",
        default=[],
        help="something that blocks nothing",
    )
    parser.add_argument("--findings", metavar="FILE", help="findings in full, a JSON array; `-` for standard input")
    parser.add_argument("--feedback", metavar="FILE", help="the review as it was written (default: the findings)")
    by = parser.add_mutually_exclusive_group()
    by.add_argument(
        "--check",
        metavar="JOB",
        action="append",
        default=[],
        help="a job that checked the commit (default: those handed in with it)",
    )
    by.add_argument("--run", metavar="RUN", dest="run_id", help="a run of the package's plan, whose gates checked it")
    add_witness(parser)
    add_acting(parser)


async def _review(arguments: Namespace, console: "Console", connect: "Connect") -> int:
    from dome_spec.commands.mission.concluding import concluded
    from dome_spec.commands.mission.opening import writing
    from dome_spec.commands.mission.words import stands
    from dome_spec.missions.status import Wish

    with writing(arguments) as opened:
        status, name = opened.status(arguments.mission), arguments.package
        operation = _operation(arguments)
        opened.missions.permit(status.standing, Wish(package=name, effector=opened.effector, operation=operation))
        checks, passed = await _checks(arguments, status, opened, connect)
        result = _result(arguments, status, opened, checks)
        missing = concluded(status, result, operation, opened=opened, are_checks_passed=passed)
        receipt = status.save()
        if not _is_approval(arguments):
            from dome_spec.commands.mission.remembering import remember

            remember(opened, status, (name,), console)
    if console.as_json:
        record = {"event": receipt.events[-1].to_value(), "review": result.to_value(), "lane": status.lane(name).value}
        console.record({**record, "missing": None if missing is None else missing.why})
        return Exit.OK
    console.text(stands(status, name))
    if missing is not None:
        console.text(f"Your approval is recorded. More is asked: {missing.why}.\n  {missing.hint}.")
    return Exit.OK


def _operation(arguments: Namespace) -> "LaneOperation":
    from dome_contracts.schema.shared.definitions import LaneOperation

    return LaneOperation.APPROVE if _is_approval(arguments) else LaneOperation.REQUEST_CHANGES


def _is_approval(arguments: Namespace) -> bool:
    return bool(arguments.verdict == "approved")


async def _checks(
    arguments: Namespace, status: "MissionStatus", opened: "Opened", connect: "Connect"
) -> "tuple[list[str], bool | None]":
    """The jobs that checked the work, and whether what was named says that it passed. Raises CheckUnfit, RunOfAnother.

    Without any the ones count that were handed in with the work.
    """
    if arguments.run_id is not None:
        from dome_spec.commands.mission.joining import are_checked

        return [], are_checked(arguments.run_id, status, arguments.package, opened)
    from dome_spec.commands.mission.checks import are_passed, handed_in, looked_up

    work = status.package(arguments.package).evidence
    names = arguments.check or (handed_in(status, arguments.package) if arguments.verdict == "approved" else [])
    if not names or work is None:
        return [], None
    return names, are_passed(await looked_up(await connect(), names), work, opened)


def _result(arguments: Namespace, status: "MissionStatus", opened: "Opened", checks: list[str]) -> "ReviewResult":
    """The review as a document. Raises NotHolder as a refusal where the package is not claimed for review."""
    from dome_contracts.schema.missions.review_result import ReviewResult
    from dome_contracts.schema.shared.definitions import Lane
    from dome_spec.commands.mission.given import witness_of
    from dome_spec.kernel import read_document
    from dome_spec.missions.status import TransitionRefused

    name = arguments.package
    state = status.package(name)
    witness = witness_of(arguments) or _claimed_with(status, name)
    if state.lane is not Lane.IN_REVIEW or witness is None or state.evidence is None:
        what, why = f"{name}: no review is taken", f"it stands in {state.lane.value}"
        raise TransitionRefused(
            "NOT_HOLDER",
            what,
            why=why,
            hint="Claim it for review first: `dome mission claim MISSION PACKAGE --artefact FILE`",
        )
    findings = _findings(arguments)
    value: dict[str, Any] = {
        "schema_version": "1",
        "mission_id": status.mission.mission_id,
        "work_package_id": name,
        "cycle": state.review_count + 1,
        "reviewer": opened.effector.to_value(),
        "implementers": [each.to_value() for each in state.implementers],
        "witness": witness.to_value(),
        "reviewed": state.evidence.to_value(),
        "verdict": arguments.verdict,
        "findings": findings,
        "review_time": opened.now,
    }
    feedback = _feedback(arguments, findings, opened)
    if feedback is not None:
        value["feedback"] = feedback
    if checks:
        value["checks"] = checks
    return read_document(ReviewResult, value)


def _claimed_with(status: "MissionStatus", name: str) -> "ArtefactWitness | None":
    """What the reviewer showed when it took the package."""
    from dome_contracts.schema.missions.status_event import PackageClaimed

    claims = [each.fact for each in status.history(name) if isinstance(each.fact, PackageClaimed)]
    return claims[-1].witness if claims else None


def _findings(arguments: Namespace) -> list[dict[str, Any]]:
    from dome_spec.commands.memory.streams import input_of
    from dome_spec.kernel import NotJson, read_json

    found: list[Any] = []
    if arguments.findings is not None:
        with input_of(arguments.findings) as stream:
            try:
                value = read_json(stream.read())
            except NotJson as error:
                raise UsageWrong(f"--findings: {error}") from error
        if not isinstance(value, list):
            raise UsageWrong("--findings: it holds no array of findings")
        found += value
    found += [_finding(each, weight="blocks", severity="error") for each in arguments.finding]
    found += [_finding(each, weight="suggests", severity="info") for each in arguments.suggest]
    blocking = any(isinstance(each, dict) and each.get("weight") == "blocks" for each in found)
    if arguments.verdict == "approved" and blocking:
        raise UsageWrong("an approval goes with nothing that blocks: --suggest TEXT, or --verdict changes_requested")
    if arguments.verdict == "changes_requested" and not found:
        raise UsageWrong("changes that are requested go with what was found: --finding TEXT")
    return found


def _finding(text: str, *, weight: str, severity: str) -> dict[str, Any]:
    """A finding; where it begins with `path:line: `, it is about that place."""
    finding: dict[str, Any] = {"weight": weight, "severity": severity, "text": text}
    place, separator, rest = text.partition(": ")
    path, _, line = place.rpartition(":")
    if separator and rest and path and line.isdecimal():
        finding |= {"path": path, "line": int(line), "text": rest}
    return finding


def _feedback(arguments: Namespace, findings: list[dict[str, Any]], opened: "Opened") -> dict[str, str] | None:
    """The review in words, kept as evidence."""
    from pathlib import Path

    from dome_spec.binding import EvidenceStore

    if arguments.feedback is not None:
        data = Path(arguments.feedback).read_bytes()
    elif arguments.verdict == "changes_requested":
        data = "".join(f"- {each.get('text', '')}\n" for each in findings).encode()
    else:
        return None
    kept = EvidenceStore(opened.missions.infra.evidence_dir).put(data)
    return {"digest": kept.digest, "location": kept.location, "media_type": "text/markdown"}
