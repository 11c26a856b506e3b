"""Makes the acceptance of a mission from what a person says was shown and what searches found, and records it."""

from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dome_contracts.canonical import digest
from dome_contracts.schema.missions.acceptance import Acceptance, Criterion, InvariantFinding
from dome_contracts.schema.missions.review_result import CommitRange
from dome_contracts.schema.missions.status_event import MissionAccepted
from dome_contracts.schema.missions.work_package import PackageStanding
from dome_contracts.schema.shared.definitions import Lane
from dome_spec.commands.mission.absences import Connect, finding_of, search_all, searches
from dome_spec.commands.mission.acting import person
from dome_spec.commands.mission.opening import Opened
from dome_spec.commands.mission.shown import shown
from dome_spec.commands.verb import UsageWrong
from dome_spec.kernel import RefNotFound, Repository
from dome_spec.kernel.vcs_landed import holds_all
from dome_spec.mission_runtime import MissionEnded, track_branch
from dome_spec.missions import MissionRefusal, NothingToJudge, accept, scaffold
from dome_spec.missions.status import MissionStatus

if TYPE_CHECKING:
    from dome_spec.mission_runtime.absence import Searched

_ALL = "all"


class CommitIncomplete(MissionRefusal):
    """No commit that was looked at holds the work of every package."""

    code = "COMMIT_INCOMPLETE"


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of it."""

    acceptance: Acceptance
    found: "Mapping[str, Searched]"
    """What searches found, by the id of the invariant."""
    open_packages: tuple[str, ...]
    """Packages that are not through."""


async def judged(arguments: Namespace, status: MissionStatus, opened: Opened, connect: Connect) -> Judged:
    """The acceptance, recorded.

    Raises PersonNeeded, MissionRefusal, NothingToJudge, CommitIncomplete, SearchUnavailable, UsageWrong.
    """
    who = person(opened.effector, "Acceptance")
    _refuse_ended(status)
    standings = [_standing(status, name) for name in status.snapshot.packages]
    if all(each.lane is Lane.CANCELED for each in standings):
        raise NothingToJudge(status.mission.slug, is_canceled=bool(standings))
    verification = _verification(arguments, opened)
    scaffolds = scaffold(status.mission)
    criteria = tuple(_criteria(scaffolds[0], arguments, verification))
    findings = tuple(_findings(scaffolds[1], searches(status.mission), arguments, verification))
    commit = _commit(arguments.commit, status, opened)
    found = await search_all(status.mission, findings, commit, opened=opened, connect=connect)
    acceptance = accept(
        status.mission,
        commit=commit,
        standings=standings,
        criteria=criteria,
        findings=tuple(finding_of(each, found.get(each.id), opened) for each in findings),
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
    through = {*status.standing.table.satisfying, Lane.CANCELED}
    return Judged(acceptance, found, tuple(each.work_package_id for each in standings if each.lane not in through))


def _refuse_ended(status: MissionStatus) -> None:
    slug, mission = status.mission.slug, status.standing.snapshot.mission
    if mission is not None and (mission.is_canceled or mission.receipt is not None):
        why = "it was given up" if mission.is_canceled else "it has landed: a mission is judged before"
        hint = f"Take it up again first: `dome mission reopen {slug} --reason TEXT`"
        raise MissionEnded(f"{slug} is not judged", why=why, hint=hint)


def _verification(arguments: Namespace, opened: Opened) -> dict[str, Any] | None:
    """Who looked, when, and what there is to see; None where nothing is shown."""
    evidence = [each.to_value() for each in shown(arguments, opened)]
    return {"verifier": opened.effector.to_value(), "time": opened.now, "evidence": evidence} if evidence else None


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
            if holds_all(repository, wanted, tip):
                return tip
    missing = (
        f"{named} does not hold" if named is not None else "neither the destination nor the branch of a track holds"
    )
    raise CommitIncomplete(
        f"{status.mission.slug} cannot be judged there",
        why=f"{missing} the work of every package",
        hint="Merge the branches of the tracks, and name the merge with `--commit`",
    )


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
    findings: Sequence[InvariantFinding],
    searched: Mapping[str, Any],
    arguments: Namespace,
    verification: dict[str, Any] | None,
) -> Iterator[InvariantFinding]:
    """What a person says of each. `all` are those that nobody but a person can look for."""
    known = [each.id for each in findings]
    absent, present = _named(arguments.absent, known, "--absent"), _named(arguments.present, known, "--present")
    later = dict(_deferred(each, known) for each in arguments.defer)
    for each in findings:
        names = {each.id} if each.id in searched else {each.id, _ALL}
        if each.id in later:
            yield InvariantFinding.from_value({"id": each.id, "state": "deferred", "reason": later[each.id]})
        elif names & present and each.id not in absent:
            value = {"id": each.id, "state": "still_present", "verification": _shown(verification)}
            yield InvariantFinding.from_value(value)
        elif names & absent:
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
