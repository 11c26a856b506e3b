"""`dome mission next`: what comes next for an effector, and the answers and results by which a run goes on."""

import re
from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting, line
from dome_spec.commands.verb import UsageWrong, add_verb

if TYPE_CHECKING:
    from dome_contracts.schema.mission_runtime.mission_run import MissionRun
    from dome_contracts.schema.mission_runtime.run_decision import RunDecision
    from dome_spec.commands.console import Console
    from dome_spec.commands.mission.opening import Opened
    from dome_spec.commands.verb import Verbs
    from dome_spec.missions.status import MissionStatus

_QUESTION: Final = re.compile(r"(input|audit):[a-z0-9]+(-[a-z0-9]+)*")
_EXAMPLES: Final = """\
  dome mission next parser --query                        what would come next; nothing is changed
  dome mission next parser --as llm:agent-1,role=implementer,profile=implementer
  dome mission next parser --done                         the step that was handed out is done; what comes then
  dome mission next parser --failed "No specification"    it failed: the run halts
  dome mission next parser --resume                       go on after a halt
  dome mission next parser --answer audit:plan=approve    answer what was asked

Once the packages are fixed the board decides, whatever the run believes."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(verbs, "next", summary="Say what comes next", examples=_EXAMPLES, run=_next)
    parser.add_argument("mission", metavar="MISSION")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--query", action="store_true", help="ask only: begin no run, hand nothing out")
    how.add_argument("--done", action="store_true", help="the step that was handed out is done")
    how.add_argument("--failed", metavar="TEXT", type=line, help="it failed, and why")
    how.add_argument("--resume", action="store_true", help="go on after a halt")
    how.add_argument(
        "--answer", metavar="QUESTION=VALUE", type=line, action="append", help="answer a question of the run"
    )
    add_acting(parser)


def _next(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.mission.opening import reading, writing
    from dome_spec.commands.mission.words import decision_lines
    from dome_spec.mission_runtime import Deed

    with (reading if arguments.query else writing)(arguments) as opened:
        status = opened.status(arguments.mission)
        if not arguments.query:
            opened.permit(Deed.GO_ON, status)
        decision = _asked(status, opened) if arguments.query else _gone_on(arguments, status, opened)
    if console.as_json:
        console.record(decision.to_value())
    else:
        console.text("\n".join(decision_lines(decision.decision.to_value(), status.mission.slug)))
    return Exit.OK


def _asked(status: "MissionStatus", opened: "Opened") -> "RunDecision":
    run, _ = opened.missions.run(status.mission.mission_id, opened.store)
    return opened.missions.next(status.standing, run, opened.effector, is_query=True)


def _gone_on(arguments: Namespace, status: "MissionStatus", opened: "Opened") -> "RunDecision":
    """Go on with the run, and hand out the step that comes next."""
    from dome_contracts.schema.mission_runtime.run_decision import DecisionOrigin, StepDecision
    from dome_contracts.schema.shared.definitions import ArtefactWitness
    from dome_spec.mission_runtime.run import issued

    missions, store = opened.missions, opened.store
    missions.get_or_start_run(status.standing, store, opened.effector)
    run, revision = missions.run(status.mission.mission_id, store)
    assert run is not None
    after = _told(arguments, run, status, opened)
    decision = missions.next(status.standing, after, opened.effector, is_query=False)
    step = decision.decision
    if decision.origin is DecisionOrigin.RUN and isinstance(step, StepDecision):
        mission = status.standing.snapshot.mission
        version = 1 if mission is None else mission.version
        shown = ArtefactWitness(digest=step.artefact, stream_version=version)
        after = issued(after, step.step_id, artefact=shown, time=opened.now)
    if after is not run:
        store.put_run(status.mission.mission_id, after.to_json(), expected=revision)
    return decision


def _told(arguments: Namespace, run: "MissionRun", status: "MissionStatus", opened: "Opened") -> "MissionRun":
    """The run after what the command says of it. Raises ArtefactMissing, QuestionNotAsked, AnswerOfAnother."""
    from dome_spec.commands.mission.acting import person
    from dome_spec.mission_runtime import answered, completed, failed, resumed

    if arguments.resume:
        return resumed(run)
    if arguments.done or arguments.failed is not None:
        if run.issued_step is None:
            raise UsageWrong("no step is handed out: `dome mission next MISSION` hands one out")
        if arguments.done:
            opened.missions.refuse_undone(status.standing, run.issued_step)
            return completed(run, run.issued_step, time=opened.now)
        return failed(run, run.issued_step, arguments.failed, time=opened.now)
    for each in arguments.answer or ():
        question, separator, value = each.partition("=")
        if not separator or not _QUESTION.fullmatch(question) or not value.strip():
            raise UsageWrong(f"--answer {each}: write QUESTION=VALUE, as `dome mission next` names them")
        if question.startswith("audit:"):
            person(opened.effector, f"The answer to {question}")
        opened.missions.refuse_answer(status.standing, run, opened.effector, (question, value))
        run = answered(run, question, value, answerer=opened.effector, time=opened.now)
    return run
