"""`dome mission review`: say what a review found, and approve or request changes by it."""

from argparse import Namespace
from typing import TYPE_CHECKING, Any, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting
from dome_spec.commands.verb import UsageWrong, add_verb

if TYPE_CHECKING:
    from dome_contracts.schema.missions.review_result import ReviewResult
    from dome_contracts.schema.shared.definitions import ArtefactWitness
    from dome_spec.commands.console import Console
    from dome_spec.commands.mission.opening import Opened
    from dome_spec.commands.verb import Verbs
    from dome_spec.missions.status import MissionStatus

VERDICTS: Final = ("approved", "changes_requested")
_EXAMPLES: Final = """\
  dome mission review parser WP01 --verdict approved
  dome mission review parser WP01 --verdict approved --suggest "A shorter name would do"
  dome mission review parser WP01 --verdict changes_requested --finding "src/dates.py:12: Leap years are wrong"
  dome mission review parser WP01 --verdict changes_requested --findings found.json --feedback review.md

Claim the package for review before. Findings that block go with changes that are requested, and the artefact of whoever
reworks the package names them."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(verbs, "review", summary="Approve a package, or request changes", examples=_EXAMPLES, run=_review)
    parser.add_argument("mission", metavar="MISSION")
    parser.add_argument("package", metavar="PACKAGE")
    parser.add_argument("--verdict", choices=VERDICTS, required=True)
    parser.add_argument(
        "--finding", metavar="[PATH:LINE: ]TEXT", action="append", default=[], help="something that blocks"
    )
    parser.add_argument(
        "--suggest", metavar="[PATH:LINE: ]TEXT", action="append", default=[], help="something that blocks nothing"
    )
    parser.add_argument("--findings", metavar="FILE", help="findings in full, a JSON array; `-` for standard input")
    parser.add_argument("--feedback", metavar="FILE", help="the review as it was written (default: the findings)")
    parser.add_argument("--check", metavar="JOB", action="append", default=[], help="a job that was looked at")
    add_acting(parser)


def _review(arguments: Namespace, console: "Console") -> int:
    from dome_contracts.schema.missions.status_event import ReviewReference
    from dome_contracts.schema.shared.definitions import LaneOperation
    from dome_spec.commands.mission.opening import writing
    from dome_spec.commands.mission.words import stands
    from dome_spec.missions.status import Given, Wish

    with writing(arguments) as opened:
        status, name = opened.status(arguments.mission), arguments.package
        is_approved = arguments.verdict == "approved"
        operation = LaneOperation.APPROVE if is_approved else LaneOperation.REQUEST_CHANGES
        wish = Wish(package=name, effector=opened.effector, operation=operation)
        opened.missions.permit(status.standing, wish)
        result = _result(arguments, status, opened)
        status.review(result, opened.effector)
        review = status.package(name).review
        assert review is not None
        reference = ReviewReference(review_event=review.event_id, verdict=result.verdict)
        given = Given(review=reference)
        status.transition(Wish(package=name, effector=opened.effector, operation=operation, given=given))
        receipt = status.save()
    if console.as_json:
        console.record(
            {"event": receipt.events[-1].to_value(), "review": result.to_value(), "lane": status.lane(name).value}
        )
    else:
        console.text(stands(status, name))
    return Exit.OK


def _result(arguments: Namespace, status: "MissionStatus", opened: "Opened") -> "ReviewResult":
    """The review as a document. Raises NotHolder as a refusal where the package is not claimed for review."""
    from dome_contracts.schema.missions.review_result import ReviewResult
    from dome_contracts.schema.shared.definitions import Lane
    from dome_spec.kernel import read_document
    from dome_spec.missions.status import TransitionRefused

    name = arguments.package
    state = status.package(name)
    witness = _witness(status, name)
    if state.lane is not Lane.IN_REVIEW or witness is None or state.evidence is None:
        what, why = f"{name}: no review is taken", f"it stands in {state.lane.value}"
        raise TransitionRefused("NOT_HOLDER", what, why=why, hint="Claim it for review first: `dome mission claim`")
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
    if arguments.check:
        value["checks"] = arguments.check
    return read_document(ReviewResult, value)


def _witness(status: "MissionStatus", name: str) -> "ArtefactWitness | None":
    """What the reviewer showed when it took the package."""
    from dome_contracts.schema.missions.status_event import PackageClaimed

    claims = [each.fact for each in status.history(name) if isinstance(each.fact, PackageClaimed)]
    return claims[-1].witness if claims else None


def _findings(arguments: Namespace) -> list[dict[str, Any]]:
    from dome_spec.commands.memory.streams import input_of
    from dome_spec.kernel import NotJson, read_json

    found: list[dict[str, Any]] = []
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
