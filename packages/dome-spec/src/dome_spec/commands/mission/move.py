"""`dome mission move`: change the lane of a package; with a commit, both as one unit."""

from argparse import Namespace
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting, add_witness, line, prose
from dome_spec.commands.verb import UsageWrong, add_verb

if TYPE_CHECKING:
    from dome_contracts.runtime.v1 import Job
    from dome_contracts.schema.missions.review_result import CommitRange, Documents
    from dome_spec.commands.console import Console
    from dome_spec.commands.mission.opening import Opened
    from dome_spec.commands.verb import Verbs
    from dome_spec.kernel import Runtime
    from dome_spec.missions.status import Given, MissionStatus, Wish

    Connect = Callable[[], Awaitable[Runtime]]

OPERATIONS: Final = ("start", "release", "submit", "reopen", "block", "resume", "cancel")
"""What is done with this verb; the others have verbs of their own."""
_FAILURES: Final = frozenset({"block", "cancel"})
_EXAMPLES: Final = """\
  dome mission move parser WP01 start
  dome mission move parser WP01 submit --artefact told.md --commits main..missions/parser/track-01
  dome mission move parser WP01 submit --artefact told.md --commit "Parse dates" --path src/dates.py
  dome mission move parser WP01 block --reason "The format is not decided"
  dome mission move parser WP01 cancel --force --reason "It came to nothing"

With `--commit` the named files, paths from the root of the repository, are committed on the branch of the package's
track by the daemon, and the package moves with the commit or not at all. `dome mission recover` settles what was
interrupted. Exit code 75: the daemon cannot say yet how it ended."""


def add(verbs: "Verbs", connect: "Connect") -> None:
    """Add the verb."""

    def run(arguments: Namespace, console: "Console") -> int | Awaitable[int]:
        return _move(arguments, console, connect)

    parser = add_verb(verbs, "move", summary="Change the lane of a package", examples=_EXAMPLES, run=run)
    parser.add_argument("mission", metavar="MISSION")
    parser.add_argument("package", metavar="PACKAGE")
    parser.add_argument("operation", metavar="OPERATION", choices=OPERATIONS, help=", ".join(OPERATIONS))
    parser.add_argument("--reason", metavar="TEXT", type=prose, help="why, where the table asks for it")
    parser.add_argument("--branch", metavar="REF", help="where the work is done (default: the track's branch)")
    parser.add_argument("--commits", metavar="BASE..HEAD", help="the work: commits after one, up to another")
    parser.add_argument(
        "--document", metavar="FILE", action="append", default=[], help="the work, where it is no commit"
    )
    parser.add_argument("--check", metavar="JOB", action="append", default=[], help="a job that checked the work")
    parser.add_argument(
        "--run", metavar="RUN", dest="run_id", help="a run of the package's plan, whose gates checked it"
    )
    parser.add_argument("--review", metavar="EVENT", help="the review that a reopening stands on")
    parser.add_argument("--force", action="store_true", help="override the table; counted, and a person answers for it")
    parser.add_argument("--commit", metavar="SUBJECT", type=line, help="with `submit`: commit as well; its first line")
    parser.add_argument("--body", metavar="TEXT", type=prose, help="with --commit: the rest of its message")
    parser.add_argument("--path", metavar="PATH", action="append", default=[], help="with --commit: a file of it")
    add_witness(parser)
    add_acting(parser)


def _move(arguments: Namespace, console: "Console", connect: "Connect") -> int | Awaitable[int]:
    if arguments.commit is None and (arguments.path or arguments.body):
        raise UsageWrong("--path and --body go with --commit")
    if arguments.commit is not None:
        if arguments.operation != "submit" or not arguments.path:
            raise UsageWrong("--commit goes with `submit`, and with at least one --path")
        given = arguments
        if any((given.reason, given.check, given.run_id, given.force, given.commits, given.document)):
            raise UsageWrong("--commit is the work itself: leave everything else out but the witness")
    if arguments.check and arguments.run_id:
        raise UsageWrong("one says whether it was checked: --check or --run")
    if arguments.commits and arguments.document:
        raise UsageWrong("the work is commits or documents: --commits or --document")
    if arguments.commit is not None or arguments.check:
        return _with_daemon(arguments, console, connect)
    return _alone(arguments, console, jobs=())


def _alone(arguments: Namespace, console: "Console", *, jobs: "tuple[Job, ...]") -> int:
    from dome_spec.commands.mission.opening import writing

    with writing(arguments) as opened:
        status = opened.status(arguments.mission)
        are_checks_passed = None
        if arguments.run_id is not None:
            from dome_spec.commands.mission.joining import are_checked

            are_checks_passed = are_checked(arguments.run_id, status, arguments.package, opened)
        wish = _wish(arguments, status, opened, are_checks_passed=are_checks_passed)
        if jobs:
            from dome_spec.commands.mission.checks import are_passed

            work = wish.given.evidence or status.package(wish.package).evidence
            given = replace(wish.given, are_checks_passed=are_passed(jobs, work, opened))
            wish = replace(wish, given=given)
        status.transition(wish)
        status.save()
        if arguments.operation in _FAILURES:
            from dome_spec.commands.mission.remembering import remember

            remember(opened, status, (arguments.package,), console)
        _tell(status, arguments.package, console)
    return Exit.OK


async def _with_daemon(arguments: Namespace, console: "Console", connect: "Connect") -> int:
    from dome_spec.commands.mission.committing import committed, refuse_held_up
    from dome_spec.commands.mission.opening import writing

    runtime = await connect()
    if arguments.check:
        from dome_spec.commands.mission.checks import looked_up

        return _alone(arguments, console, jobs=await looked_up(runtime, arguments.check))
    with writing(arguments) as opened:
        status = opened.status(arguments.mission)
        refuse_held_up(status, arguments.package)
        wish = _wish(arguments, status, opened, are_checks_passed=None)
        receipt = await committed(arguments, status, wish, opened=opened, runtime=runtime)
        _tell(status, arguments.package, console, commit=receipt.commit)
    return Exit.OK


def _tell(status: "MissionStatus", package: str, console: "Console", *, commit: str | None = None) -> None:
    from dome_spec.commands.mission.words import stands

    if console.as_json:
        event = status.history(package)[-1].to_value()
        console.record({"event": event, "lane": status.lane(package).value, "commit": commit})
        return
    console.text(stands(status, package))
    if commit is not None:
        console.text(f"Committed as {commit}.")


def _wish(arguments: Namespace, status: "MissionStatus", opened: "Opened", *, are_checks_passed: bool | None) -> "Wish":
    """What is wanted, permitted by the effector's profile. Raises NotPermitted."""
    from dome_contracts.schema.shared.definitions import LaneOperation
    from dome_spec.missions.status import Wish

    wish = Wish(
        package=arguments.package,
        effector=opened.effector,
        operation=LaneOperation(arguments.operation),
        given=_given(arguments, status, opened, are_checks_passed=are_checks_passed),
    )
    opened.missions.permit(status.standing, wish)
    return wish


def _given(
    arguments: Namespace, status: "MissionStatus", opened: "Opened", *, are_checks_passed: bool | None
) -> "Given":
    from dome_contracts.schema.missions.status_event import ReviewReference, WorkspaceRef
    from dome_contracts.schema.shared.definitions import MissionAction
    from dome_spec.commands.mission.acting import accountable
    from dome_spec.commands.mission.given import witness_of, workspace_of
    from dome_spec.mission_runtime import ActionQuery, resolve_action_context
    from dome_spec.missions.status import Force, Given

    state = status.package(arguments.package)
    force = None
    if arguments.force:
        person = accountable(opened.effector, status.mission.accountable)
        force = Force(accountable=person, reason=arguments.reason or "")
    reference = None
    if arguments.review is not None and state.review is not None:
        reference = ReviewReference(review_event=arguments.review, verdict=state.review.result.verdict)
    workspace: WorkspaceRef | None = None
    if arguments.operation == "start":
        query = ActionQuery(action=MissionAction.IMPLEMENT, package=arguments.package)
        execution = resolve_action_context(query, status.standing, opened.missions.surroundings())
        package = status.standing.packages[arguments.package]
        workspace = workspace_of(execution, package, branch=arguments.branch, root=opened.missions.root)
    return Given(
        witness=witness_of(arguments),
        workspace=workspace,
        reason=arguments.reason,
        evidence=_work(arguments, status, opened),
        checks=tuple(arguments.check),
        are_checks_passed=are_checks_passed,
        review=reference,
        force=force,
    )


def _work(arguments: Namespace, status: "MissionStatus", opened: "Opened") -> "CommitRange | Documents | None":
    """What the work left, as it was named."""
    from pathlib import Path

    from dome_contracts.schema.missions.review_result import Documents
    from dome_contracts.schema.shared.definitions import EvidenceRef
    from dome_spec.binding import EvidenceStore
    from dome_spec.commands.mission.given import work_in

    if arguments.commits:
        return work_in(arguments.commits, arguments.package, status.standing, opened.missions.root)
    if not arguments.document:
        return None
    store = EvidenceStore(opened.missions.infra.evidence_dir)
    kept = [store.put(Path(each).read_bytes()) for each in arguments.document]
    found = {each.digest: EvidenceRef(digest=each.digest, location=each.location) for each in kept}
    return Documents(kind="documents", documents=list(found.values()))
