"""Looks on the destination for the commit that was accepted, and records that the mission landed with it."""

from dome_contracts.schema.missions.acceptance import Acceptance, AcceptanceVerdict
from dome_contracts.schema.missions.status_event import CommitReceipt, MissionIntegrated, ReceiptSource
from dome_contracts.schema.shared.definitions import Lane, LaneOperation
from dome_spec.commands.mission.opening import Opened
from dome_spec.kernel import RefNotFound, Repository
from dome_spec.kernel.vcs_probe import NO_COMMIT, is_ancestor
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
            f"{status.mission.slug} is not accepted", why=verdict, hint="Judge it first: `dome mission accept`"
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
            hint="Judge it again: `dome mission accept`",
        )
    return acceptance


def _found(accepted: str, status: MissionStatus, opened: Opened) -> CommitReceipt:
    destination = status.mission.destination_ref
    with Repository.find(opened.missions.root) as repository:
        try:
            tip = repository.resolve(destination)
        except RefNotFound:
            tip = NO_COMMIT
        if tip == NO_COMMIT or not is_ancestor(repository, accepted, tip):
            raise IntegrationUnverified(
                f"{destination} does not hold {accepted[:12]}",
                why="what was accepted has not landed",
                hint="Merge it there; a conflict is for people to settle, and what comes of it is judged again",
            )
        commit, parent = _brought_by(repository, accepted, tip)
    return CommitReceipt(
        operation_id=opened.scene.ids.new("op"),
        commit=commit,
        parent=parent,
        destination_ref=destination,
        found_by=ReceiptSource.ANCESTRY,
    )


def _brought_by(repository: Repository, accepted: str, tip: str) -> tuple[str, str]:
    """The commit of the destination's own line with which the accepted one came, and the one before it."""
    commit = tip
    while True:
        parent = next(iter(repository.parents(commit)), NO_COMMIT)
        if parent == NO_COMMIT or not is_ancestor(repository, accepted, parent):
            return commit, parent
        commit = parent
