"""Missions of one repository, as commands use them: stores, charter and surroundings put together.

Reads the world and hands it to what decides; decides nothing itself.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from dome_contracts.schema.governance.charter import Charter
from dome_contracts.schema.governance.directive import DoctrineKind
from dome_contracts.schema.governance.governance_context import GovernanceContext
from dome_contracts.schema.governance.mission_type import MissionType
from dome_contracts.schema.mission_runtime.communication_artefact import CommunicationArtefact, Prior
from dome_contracts.schema.mission_runtime.mission_run import MissionRun, Strictness
from dome_contracts.schema.mission_runtime.run_decision import RunDecision
from dome_contracts.schema.shared.definitions import Effector, Lane, LaneOperation, MissionAction
from dome_spec.governance import (
    ContextQuery,
    Doctrine,
    GovernanceRefusal,
    build_charter_context,
    read_charter,
    read_doctrine,
)
from dome_spec.kernel import Clock, Ids, InfraContext, MissionName, resolve_mission_identity, timestamp
from dome_spec.kernel.vcs_probe import WorkingTree, working_trees
from dome_spec.mission_runtime.artefact import Told, assemble
from dome_spec.mission_runtime.authority import Deed, refuse_beyond, refuse_deed
from dome_spec.mission_runtime.execution import ActionQuery, Surroundings, resolve_action_context
from dome_spec.mission_runtime.playing import refuse_one_more, refuse_other_role
from dome_spec.mission_runtime.refusals import NoMissions, RuntimeRefusal
from dome_spec.mission_runtime.run import (
    NextQuery,
    asked_now,
    contracts_of,
    decide_next,
    missing_artefacts,
    refuse_answer,
    refuse_other_part,
    refuse_unwritten,
    start_mission_run,
)
from dome_spec.mission_runtime.template import refuse_drift
from dome_spec.missions.status import CLAIMS, MissionStatus, Standing, Wish
from dome_spec.missions.store import SqliteStore, open_missions, read_missions

if TYPE_CHECKING:
    from dome_contracts.schema.planning.packet import Packet

_REVIEWS = frozenset({LaneOperation.BEGIN_REVIEW, LaneOperation.APPROVE, LaneOperation.REQUEST_CHANGES})
_NO_RUN = 0


@dataclass(slots=False, kw_only=True)
class Missions:
    """The missions of the repository that a command was given in."""

    infra: InfraContext
    clock: Clock
    ids: Ids

    @cached_property
    def charter(self) -> Charter:
        """The charter of the main working tree: one for all of them. Raises CharterMissing, CharterInvalid."""
        return read_charter(self.root)

    @cached_property
    def doctrine(self) -> Doctrine:
        """The doctrine of Dome with that of the repository laid upon it."""
        return read_doctrine(self.root, self.charter)

    @cached_property
    def trees(self) -> tuple[WorkingTree, ...]:
        """All working trees, the main one first."""
        return working_trees(self.infra.root)

    @property
    def root(self) -> Path:
        """Root of the main working tree: charter, doctrine and texts are read there, wherever the command was given."""
        return self.trees[0].root

    def writing(self) -> SqliteStore:
        """The store for one who writes."""
        return open_missions(self.infra.missions_path)

    def reading(self) -> SqliteStore:
        """The store for one who reads. Raises NoMissions, NothingKept."""
        store = read_missions(self.infra.missions_path)
        if store is None:
            raise NoMissions(f"{self.root} has no missions", hint="`dome mission new` begins one")
        return store

    def resolve(self, handle: str, store: SqliteStore) -> MissionName:
        """The mission that is meant. Raises MissionUnknown, MissionAmbiguous."""
        return resolve_mission_identity(handle, store.missions())

    def status(self, handle: str, store: SqliteStore) -> MissionStatus:
        """The mission as it stands. Claims are judged by what an effector would be told now."""
        name = self.resolve(handle, store)
        loaded = MissionStatus.load(store, name.mission_id, clock=self.clock, ids=self.ids)
        run = self.run(name.mission_id, store)[0]

        def digest_now(package: str, effector: Effector, operation: LaneOperation) -> str | None:
            # By what is stored: what this process has decided and not saved makes nothing current.
            action = MissionAction.REVIEW if operation in _REVIEWS else MissionAction.IMPLEMENT
            return self._digest(base, action, package, effector=effector, run=run)

        base = loaded.standing
        loaded.trust(digest_now, reviews_asked=lambda: self.charter.policies.reviews)
        return loaded

    def surroundings(self) -> Surroundings:
        """What is seen of the repository, and from where and when."""
        return Surroundings(
            repository_id=str(self.infra.repository_id),
            trees=self.trees,
            working_directory=self.infra.working_directory,
            time=timestamp(self.clock.now()),
        )

    def artefact(
        self,
        standing: Standing,
        action: MissionAction,
        package: str | None,
        *,
        effector: Effector,
        run: MissionRun | None = None,
    ) -> CommunicationArtefact:
        """What an effector is given for an action. Raises GovernanceRefusal, RuntimeRefusal, PackageUnknown."""
        told = self._told(standing, action, package, effector=effector, run=run)
        return assemble(told if package is None else replace(told, priors=self.learnt(standing, package)))

    def _digest(
        self,
        standing: Standing,
        action: MissionAction,
        package: str | None,
        *,
        effector: Effector,
        run: MissionRun | None,
    ) -> str | None:
        """Digest of what an effector would be given; None where it cannot be resolved. It covers no priors."""
        try:
            return assemble(self._told(standing, action, package, effector=effector, run=run)).digest
        except (GovernanceRefusal, RuntimeRefusal):
            return None

    def _told(
        self,
        standing: Standing,
        action: MissionAction,
        package: str | None,
        *,
        effector: Effector,
        run: MissionRun | None,
    ) -> Told:
        step = _step_of(self.mission_type(standing), action)
        governance = self.governance(standing, action, package, effector=effector)
        refuse_other_role(effector, governance)
        query = ActionQuery(
            action=action,
            package=package,
            run_id=None if run is None else run.run_id,
            step_id=None if run is None or step is None else step[0],
        )
        execution = resolve_action_context(query, standing, self.surroundings())
        return Told(standing=standing, package=package, effector=effector, governance=governance, execution=execution)

    def governance(
        self, standing: Standing, action: MissionAction, package: str | None, *, effector: Effector
    ) -> GovernanceContext:
        """What holds for an effector in an action. Raises GovernanceRefusal."""
        owned = () if package is None else tuple(standing.packages[package].owned_files)
        step = _step_of(self.mission_type(standing), action)
        query = ContextQuery(
            action=action.value,
            mission_type=standing.mission.mission_type.id,
            profile=effector.profile_ref,
            step_contract=None if step is None else step[1],
            paths=owned,
        )
        return build_charter_context(query, self.charter, self.doctrine)

    def permit(self, standing: Standing, wish: Wish) -> None:
        """Refuse what the effector's profile does not allow it, and what a changed template keeps from going on.

        Raises RoleNotOfProfile, NotPermitted, PackagesHeld, TemplateDrift, GovernanceRefusal.
        """
        refuse_drift(standing.mission, self.mission_type(standing), wish.operation)
        action = MissionAction.REVIEW if wish.operation in _REVIEWS else MissionAction.IMPLEMENT
        governance = self.governance(standing, action, wish.package, effector=wish.effector)
        refuse_other_role(wish.effector, governance)
        refuse_beyond(wish.operation, wish.effector, governance, is_forced=wish.given.force is not None)
        if wish.operation in CLAIMS:
            refuse_one_more(standing, wish.effector, governance)

    def permit_mission(self, standing: Standing, operation: LaneOperation, effector: Effector) -> None:
        """Refuse what the effector's profile does not allow it to do to the mission itself. Raises as `permit`."""
        governance = self.governance(standing, MissionAction.ACCEPT, None, effector=effector)
        refuse_other_role(effector, governance)
        refuse_beyond(operation, effector, governance, is_forced=False)

    def permit_deed(self, deed: Deed, effector: Effector, mission_type: str) -> None:
        """Refuse what the effector may not do to a mission of a type. Raises NotPermitted, GovernanceRefusal."""
        action, profile = MissionAction.SPECIFY.value, effector.profile_ref
        query = ContextQuery(action=action, mission_type=mission_type, profile=profile)
        refuse_deed(deed, effector, build_charter_context(query, self.charter, self.doctrine))

    def learnt(self, standing: Standing, package: str) -> tuple[Prior, ...]:
        """What the last plan of a package knew from before; empty where it was never planned."""
        from dome_spec.mission_runtime.loop import learnt

        return learnt(self.infra.state_dir, standing.mission.slug, package)

    def packet(self, standing: Standing, package: str) -> "Packet":
        """The packet of a package, from the last commit of where it is carried out. Raises also PacketRefused."""
        from dome_spec.mission_runtime.loop import packet_there

        return packet_there(self.infra, standing, package, self.surroundings())

    def mission_type(self, standing: Standing) -> MissionType:
        """The type of the mission as it stands. Raises DoctrineMissing, DoctrineUnreadable."""
        document = self.doctrine.document((DoctrineKind.MISSION_TYPE, standing.mission.mission_type.id))
        assert isinstance(document, MissionType)
        return document

    def run(self, mission_id: str, store: SqliteStore) -> tuple[MissionRun | None, int]:
        """The run of a mission and its revision; None and 0 where there is none."""
        found = store.run(mission_id)
        return (None, _NO_RUN) if found is None else (MissionRun.from_json(found[0]), found[1])

    def get_or_start_run(self, standing: Standing, store: SqliteStore, starter: Effector) -> MissionRun:
        """The run of the mission; one that begins now where there is none. Raises StreamMoved."""
        mission_id = standing.mission.mission_id
        run, revision = self.run(mission_id, store)
        if run is None:
            run = start_mission_run(
                standing.mission,
                self.mission_type(standing),
                run_id=self.ids.new("run"),
                starter=starter,
                start_time=timestamp(self.clock.now()),
                strictness=self._strictness(),
            )
            store.put_run(mission_id, run.to_json(), expected=revision)
        return run

    def _strictness(self) -> Strictness:
        audits = self.charter.policies.audits
        return Strictness.OFF if audits is None else Strictness(audits.strictness.value)

    def next(self, standing: Standing, run: MissionRun | None, effector: Effector, *, is_query: bool) -> RunDecision:
        """What comes next for an effector. Changes nothing. Raises RoleNotOfProfile."""
        return decide_next(self._asking(standing, run, effector), is_query=is_query)

    def refuse_answer(self, standing: Standing, run: MissionRun, effector: Effector, said: tuple[str, str]) -> None:
        """Refuse an answer to what is not asked, or not of this effector. Raises QuestionNotAsked, AnswerOfAnother."""
        query, (question, value) = self._asking(standing, run, effector), said
        refuse_answer(question, value, asked_now(query), effector=effector, run=run)
        if not question.startswith("audit:"):
            resolved = self.governance(standing, MissionAction.SPECIFY, None, effector=effector).profile
            profile = None if resolved is None else resolved.value
            refuse_other_part(question, query.mission_type, query.contracts, effector=effector, profile=profile)

    def refuse_undone(self, standing: Standing, step_id: str) -> None:
        """Refuse to take a step for done whose artefacts nobody wrote. Raises ArtefactMissing."""
        slug, mission_type = standing.mission.slug, self.mission_type(standing)
        refuse_unwritten(slug, mission_type, step_id, missing_artefacts(self.root, slug, mission_type))

    def _asking(self, standing: Standing, run: MissionRun | None, effector: Effector) -> NextQuery:
        mission_type = self.mission_type(standing)
        if effector.profile_ref is not None:
            governance = self.governance(standing, mission_type.steps[0].actions[0], None, effector=effector)
            refuse_other_role(effector, governance)

        def artefact_of(action: MissionAction, package: str | None) -> str | None:
            return self._digest(standing, action, package, effector=effector, run=run)

        return NextQuery(
            standing=standing,
            mission_type=mission_type,
            run=run,
            effector=effector,
            artefact_of=artefact_of,
            contracts=contracts_of(mission_type, self.doctrine),
            strictness=self._strictness(),
            missing=missing_artefacts(self.root, standing.mission.slug, mission_type),
        )

    def action_at(self, lane: Lane) -> MissionAction:
        """What is done to a package that stands there."""
        return MissionAction.REVIEW if lane in {Lane.FOR_REVIEW, Lane.IN_REVIEW} else MissionAction.IMPLEMENT


def _step_of(mission_type: MissionType, action: MissionAction) -> tuple[str, str | None] | None:
    return next(((each.id, each.contract) for each in mission_type.steps if action in each.actions), None)
