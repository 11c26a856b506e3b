"""What needs somebody: packages and missions that do not go on by themselves, each with a way on. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from dome_contracts.schema.missions.acceptance import AcceptanceVerdict
from dome_contracts.schema.missions.review_result import ReviewVerdict
from dome_contracts.schema.shared.definitions import Lane
from dome_spec.missions.status import PackageState, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """One thing that somebody has to look at."""

    reason: str
    work_package_id: str | None
    """None: the mission as a whole."""
    text: str
    remedy: str


def attention(standing: Standing) -> tuple[Attention, ...]:
    """Everything about a mission that needs somebody, packages first. A mission that has ended needs nobody."""
    mission = standing.snapshot.mission
    if mission is None or mission.is_canceled or mission.receipt is not None:
        return ()
    packages = standing.snapshot.packages
    about = (each for state in packages.values() for each in (*_of_package(state), *_waiting(standing, state)))
    return (*about, *_of(standing))


def _waiting(standing: Standing, state: PackageState) -> Iterator[Attention]:
    """What a package waits for that will never come."""
    name = state.work_package_id
    waits_for = standing.waits_for(name) if state.lane is standing.table.initial else ()
    gone = [each for each in waits_for if standing.snapshot.packages[each].lane is Lane.CANCELED]
    if gone:
        forced = "`dome mission move MISSION PACKAGE start --force --reason TEXT`"
        yield Attention(
            reason="dependency_canceled",
            work_package_id=name,
            text=f"it waits for {', '.join(gone)}, which will not be done",
            remedy=f"Cancel it as well, or override the table: {forced}",
        )


def _of_package(state: PackageState) -> Iterator[Attention]:
    name = state.work_package_id
    if state.prepared is not None:
        text = f"the commit of operation {state.prepared.operation_id} is under way"
        yield Attention(
            reason="pending", work_package_id=name, text=text, remedy="Wait for it, or `dome mission recover`"
        )
    if state.open_forks or state.conflicts:
        remedy = (
            "Look at it with `dome mission show MISSION`, then `dome mission acknowledge MISSION PACKAGE --reason TEXT`"
        )
        yield Attention(reason="conflict", work_package_id=name, text="two events follow the same one", remedy=remedy)
    if state.lane is Lane.BLOCKED:
        remedy = "Mend it, then `dome mission move MISSION PACKAGE resume`"
        yield Attention(reason="blocked", work_package_id=name, text="it is blocked", remedy=remedy)
    if state.lane is Lane.FOR_REVIEW:
        remedy = "Let somebody review it who had no part in it: `dome mission claim MISSION PACKAGE --artefact FILE`"
        yield Attention(reason="review_wanted", work_package_id=name, text="nobody reviews it yet", remedy=remedy)
    review = state.review
    if (
        state.lane is Lane.IN_PROGRESS
        and review is not None
        and review.result.verdict is ReviewVerdict.CHANGES_REQUESTED
    ):
        findings = len(review.result.findings)
        text = f"review {state.review_count} asks for changes ({findings} finding{'' if findings == 1 else 's'})"
        yield Attention(reason="rework", work_package_id=name, text=text, remedy="`dome artefact show` names them")
    if state.force_count:
        times = "once" if state.force_count == 1 else f"{state.force_count} times"
        text = f"the table was overridden {times}"
        yield Attention(reason="forced", work_package_id=name, text=text, remedy="`dome mission show MISSION` says why")


def _of(standing: Standing) -> Iterator[Attention]:
    mission = standing.snapshot.mission
    if standing.snapshot.orphans:
        count = len(standing.snapshot.orphans)
        text = "an event follows one that is not here" if count == 1 else f"{count} events follow such as are not here"
        remedy = "Export it where it was carried on, and take it in: `dome mission import FILE`"
        yield Attention(reason="events_missing", work_package_id=None, text=text, remedy=remedy)
    if mission is not None and (mission.open_forks or mission.conflicts):
        remedy = "Look at it with `dome mission show MISSION`, then `dome mission acknowledge MISSION --reason TEXT`"
        yield Attention(reason="conflict", work_package_id=None, text="two events follow the same one", remedy=remedy)
    if mission is None or not mission.is_finalized:
        remedy = "Write the packages, then `dome mission finalize MISSION`"
        yield Attention(reason="not_finalized", work_package_id=None, text="its packages are not fixed", remedy=remedy)
        return
    lanes = {each.lane for each in standing.snapshot.packages.values()}
    if not lanes <= {*standing.table.satisfying, Lane.CANCELED}:
        return
    if lanes == {Lane.CANCELED}:
        text, remedy = "all of its packages are canceled", "Give it up: `dome mission cancel MISSION --reason TEXT`"
        yield Attention(reason="packages_canceled", work_package_id=None, text=text, remedy=remedy)
        return
    verdict = None if mission.acceptance is None else mission.acceptance[1]
    if verdict is AcceptanceVerdict.ACCEPTED:
        yield Attention(
            reason="integration_wanted",
            work_package_id=None,
            text="it is accepted, and has not landed",
            remedy="Merge it, then `dome mission integrate MISSION`",
        )
    else:
        text = (
            "its packages are through, and nobody judged it" if verdict is None else f"its verdict is {verdict.value}"
        )
        yield Attention(
            reason="acceptance_wanted",
            work_package_id=None,
            text=text,
            remedy="Judge it: `dome mission accept MISSION`",
        )
