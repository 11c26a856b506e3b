"""Looks on the destination for what was accepted, merged or squashed, and records that the mission landed with it."""

from dome_contracts.schema.missions.acceptance import Acceptance, AcceptanceVerdict
from dome_contracts.schema.missions.status_event import CommitReceipt, MissionIntegrated, ReceiptSource
from dome_contracts.schema.shared.definitions import Lane, LaneOperation
from dome_spec.commands.mission.opening import Opened
from dome_spec.kernel import RefNotFound, Repository
from dome_spec.kernel.vcs_landed import landed as proven
from dome_spec.missions import MissionRefusal
from dome_spec.missions.status import Given, MissionStatus, Wish


class NotAccepted(MissionRefusal):
    """The mission is not accepted."""

    code = "NOT_ACCEPTED"


class IntegrationUnverified(MissionRefusal):
    """The destination does not hold what was accepted."""

    code = "INTEGRATION_UNVERIFIED"


def landed(status: MissionStatus, opened: Opened) -> CommitReceipt:
    """The receipt, recorded with the packages that are done by it. Raises NotAccepted, IntegrationUnverified."""
    mission = status.snapshot.mission
    if mission is not None and mission.receipt is not None:
        return mission.receipt
    acceptance = _accepted(status, opened)
    opened.missions.permit_mission(status.standing, LaneOperation.INTEGRATE, opened.effector)
    receipt = _found(acceptance.commit, status, opened)
    for name, state in status.snapshot.packages.items():
        if state.lane is Lane.APPROVED:
            given = Given(receipt=receipt)
            wish = Wish(package=name, effector=opened.effector, operation=LaneOperation.INTEGRATE, given=given)
            opened.missions.permit(status.standing, wish)
            status.transition(wish)
    status.state(None, MissionIntegrated(kind="mission_integrated", receipt=receipt), opened.effector)
    status.save()
    return receipt


def _accepted(status: MissionStatus, opened: Opened) -> Acceptance:
    """The acceptance that holds for where the packages stand."""
    mission = status.snapshot.mission
    judged = None if mission is None else mission.acceptance
    data = None if judged is None else opened.store.document(judged[0])
    if judged is None or data is None or judged[1] is not AcceptanceVerdict.ACCEPTED:
        verdict = "nobody judged it" if judged is None else f"its verdict is {judged[1].value}"
        raise NotAccepted(
            f"{status.mission.slug} is not accepted", why=verdict, hint="Judge it first: `dome mission accept MISSION`"
        )
    acceptance = Acceptance.from_json(data)
    moved = [
        each.work_package_id
        for each in acceptance.packages
        if status.package(each.work_package_id).version != each.stream_version
    ]
    if moved:
        raise NotAccepted(
            f"{status.mission.slug} is not accepted as it stands",
            why=f"since then something happened to {', '.join(moved)}",
            hint="Judge it again: `dome mission accept MISSION`",
        )
    return acceptance


def _found(accepted: str, status: MissionStatus, opened: Opened) -> CommitReceipt:
    destination = status.mission.destination_ref
    with Repository.find(opened.missions.root) as repository:
        tip = _resolved(repository, destination)
        is_here = _resolved(repository, accepted) is not None
        found = None if tip is None or not is_here else proven(repository, accepted, tip)
    if found is None:
        gone = "it is not in this repository any more, so that its changes cannot be looked for"
        judge = f"Fetch its branch again, or judge what lies there: `dome mission accept {status.mission.slug}`"
        merge = "Merge or squash it there; a conflict is for people to settle, and what comes of it is judged again"
        raise IntegrationUnverified(
            f"{destination} does not hold {accepted[:12]}",
            why="neither the commit nor its changes lie there" if is_here else gone,
            hint=merge if is_here else judge,
        )
    return CommitReceipt(
        operation_id=opened.scene.ids.new("op"),
        commit=found.commit,
        parent=found.parent,
        destination_ref=destination,
        found_by=ReceiptSource(found.proof.value),
    )


def _resolved(repository: Repository, revision: str) -> str | None:
    try:
        return repository.resolve(revision)
    except RefNotFound:
        return None
