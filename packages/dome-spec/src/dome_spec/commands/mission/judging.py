"""Makes the acceptance of a mission from what a person says was shown, and records it."""

from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from dome_contracts.canonical import digest
from dome_contracts.schema.missions.acceptance import Acceptance, Criterion, InvariantFinding
from dome_contracts.schema.missions.review_result import CommitRange
from dome_contracts.schema.missions.status_event import MissionAccepted
from dome_contracts.schema.missions.work_package import PackageStanding
from dome_contracts.schema.shared.definitions import Lane
from dome_spec.binding import EvidenceStore
from dome_spec.commands.mission.acting import person
from dome_spec.commands.mission.opening import Opened
from dome_spec.commands.verb import UsageWrong
from dome_spec.kernel import RefNotFound, Repository
from dome_spec.kernel.vcs_probe import is_ancestor
from dome_spec.mission_runtime import track_branch
from dome_spec.missions import MissionRefusal, accept, scaffold
from dome_spec.missions.status import MissionStatus

_ALL = "all"


class CommitIncomplete(MissionRefusal):
    """No commit that was looked at holds the work of every package."""

    code = "COMMIT_INCOMPLETE"


def judged(arguments: Namespace, status: MissionStatus, opened: Opened) -> Acceptance:
    """The acceptance, recorded. Raises PersonNeeded, MissionRefusal, CommitIncomplete, UsageWrong."""
    mission = status.standing.snapshot.mission
    if mission is None or not mission.is_finalized:
        raise MissionRefusal(f"{status.mission.slug} has no packages yet", hint="`dome mission finalize`")
    if mission.is_canceled or mission.receipt is not None:
        raise MissionRefusal(f"{status.mission.slug} has ended", why="it is judged before it lands", hint="Leave it")
    who = person(opened.effector, "Acceptance")
    criteria, findings = scaffold(status.mission)
    verification = _verification(arguments, opened)
    acceptance = accept(
        status.mission,
        commit=_commit(arguments.commit, status, opened),
        standings=[_standing(status, name) for name in status.snapshot.packages],
        criteria=tuple(_criteria(criteria, arguments, verification)),
        findings=tuple(_findings(findings, arguments, verification)),
        satisfying=status.standing.table.satisfying,
        accountable=who,
        decision_time=opened.now,
        reason=arguments.reason,
    )
    status.keep("missions/acceptance", acceptance)
    fact = MissionAccepted(
        kind="mission_accepted", acceptance_digest=digest(acceptance.to_value()), verdict=acceptance.verdict
    )
    status.state(None, fact, opened.effector)
    status.save()
    return acceptance


def _standing(status: MissionStatus, name: str) -> PackageStanding:
    state = status.package(name)
    return PackageStanding(work_package_id=name, lane=state.lane, stream_version=state.version)


def heads(status: MissionStatus) -> list[str]:
    """The last commit of each package that counts, as its evidence names it."""
    states = [each for each in status.snapshot.packages.values() if each.lane is not Lane.CANCELED]
    return [each.evidence.head for each in states if isinstance(each.evidence, CommitRange)]


def _commit(named: str | None, status: MissionStatus, opened: Opened) -> str:
    """The commit that is judged: it holds the work of every package."""
    wanted = heads(status)
    destination = status.mission.destination_ref
    tracks = sorted({each.track for each in status.standing.packages.values() if each.track is not None})
    places = [destination, *(track_branch(status.mission.slug, each) for each in tracks)]
    with Repository.find(opened.missions.root) as repository:
        for place in [named] if named is not None else places:
            try:
                tip = repository.resolve(place)
            except RefNotFound:
                if named is not None:
                    raise
                continue
            if all(is_ancestor(repository, each, tip) for each in wanted):
                return tip
    missing = (
        f"{named} does not hold" if named is not None else "neither the destination nor the branch of a track holds"
    )
    raise CommitIncomplete(
        f"{status.mission.slug} cannot be judged there",
        why=f"{missing} the work of every package",
        hint="Merge the branches of the tracks, and name the merge with `--commit`",
    )


def _verification(arguments: Namespace, opened: Opened) -> dict[str, Any] | None:
    data = [Path(each).read_bytes() for each in arguments.evidence]
    if arguments.note:
        data.append(arguments.note.encode())
    if not data:
        return None
    store = EvidenceStore(opened.missions.infra.evidence_dir)
    kept = {each.digest: each for each in map(store.put, data)}
    shown = [{"digest": each.digest, "location": each.location} for each in kept.values()]
    return {"verifier": opened.effector.to_value(), "time": opened.now, "evidence": shown}


def _criteria(
    criteria: Sequence[Criterion], arguments: Namespace, verification: dict[str, Any] | None
) -> Iterator[Criterion]:
    known = [name for each in criteria for name in (each.id, *each.requirements)]
    met, unmet = _named(arguments.met, known, "--met"), _named(arguments.unmet, known, "--unmet")
    for each in criteria:
        names = {each.id, *each.requirements, _ALL}
        # What is named goes before what is meant by `all`.
        state = "unmet" if names & unmet and not (names - {_ALL}) & met else "met" if names & met else None
        yield (
            each
            if state is None
            else Criterion.from_value(
                {**each.to_value(), "proof": "manual_check", "state": state, "verification": _shown(verification)}
            )
        )


def _findings(
    findings: Sequence[InvariantFinding], arguments: Namespace, verification: dict[str, Any] | None
) -> Iterator[InvariantFinding]:
    known = [each.id for each in findings]
    absent, present = _named(arguments.absent, known, "--absent"), _named(arguments.present, known, "--present")
    later = dict(_deferred(each, known) for each in arguments.defer)
    for each in findings:
        if each.id in later:
            yield InvariantFinding.from_value({"id": each.id, "state": "deferred", "reason": later[each.id]})
        elif {each.id, _ALL} & present and each.id not in absent:
            value = {"id": each.id, "state": "still_present", "verification": _shown(verification)}
            yield InvariantFinding.from_value(value)
        elif {each.id, _ALL} & absent:
            value = {"id": each.id, "state": "confirmed_absent", "verification": _shown(verification)}
            yield InvariantFinding.from_value(value)
        else:
            yield each


def _shown(verification: dict[str, Any] | None) -> dict[str, Any]:
    if verification is None:
        raise UsageWrong("what is said to be shown goes with something to see: --note TEXT or --evidence FILE")
    return verification


def _deferred(text: str, known: Iterable[str]) -> tuple[str, str]:
    name, _, why = text.partition("=")
    _named([name], known, "--defer")
    if not why:
        raise UsageWrong(f"--defer {text}: write ID=WHY")
    return name, why


def _named(names: Sequence[str], known: Iterable[str], option: str) -> set[str]:
    there = [*known, _ALL]
    for each in names:
        if each not in there:
            raise UsageWrong(f"{option} {each}: there is {', '.join(there)}")
    return set(names)
