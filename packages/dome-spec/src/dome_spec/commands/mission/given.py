"""What effectors bring along on a command line, as values: a witness, commits, documents, findings."""

from argparse import Namespace
from pathlib import Path

from dome_contracts.schema.mission_runtime.communication_artefact import CommunicationArtefact
from dome_contracts.schema.mission_runtime.execution_context import ExecutionContext
from dome_contracts.schema.missions.review_result import CommitRange
from dome_contracts.schema.missions.status_event import WorkspaceRef
from dome_contracts.schema.missions.work_package import WorkPackage
from dome_contracts.schema.shared.definitions import ArtefactWitness
from dome_spec.commands.memory.streams import input_of
from dome_spec.commands.verb import UsageWrong
from dome_spec.kernel import DocumentInvalid, NotJson, Repository, read_document, read_json
from dome_spec.kernel.vcs_probe import is_ancestor
from dome_spec.mission_runtime import head_of, witness_in
from dome_spec.mission_runtime.handed_in import refuse_unfit, work_of
from dome_spec.mission_runtime.nameable import refuse_branch
from dome_spec.missions.status import Standing


def witness_of(arguments: Namespace) -> ArtefactWitness | None:
    """What was shown; None where nothing was. Raises UsageWrong."""
    if arguments.witness is not None:
        digest, _, version = arguments.witness.rpartition("@")
        return _witness(digest, version)
    if arguments.artefact is None:
        return None
    with input_of(arguments.artefact) as stream:
        data = stream.read()
    try:
        value = read_json(data)
    except NotJson:
        found = witness_in(data.decode("utf-8", errors="replace"))
        if found is None:
            raise UsageWrong("--artefact: the text names no digest: give what `dome artefact show` printed") from None
        return _witness(*found)
    artefact = read_document(CommunicationArtefact, value if isinstance(value, dict) else {})
    return ArtefactWitness(digest=artefact.digest, stream_version=artefact.stream_version)


def _witness(digest: str, version: str | int) -> ArtefactWitness:
    try:
        return read_document(ArtefactWitness, {"digest": digest, "stream_version": int(version)})
    except (ValueError, DocumentInvalid) as error:
        raise UsageWrong("--witness: write DIGEST@VERSION, as the last line of the artefact says them") from error


def commits_of(text: str, root: Path) -> CommitRange:
    """The commits after one, up to another. Raises UsageWrong, RefNotFound."""
    base, dots, head = text.partition("..")
    if not dots or not base or not head:
        raise UsageWrong(f"--commits {text}: write BASE..HEAD, such as main..missions/parser/track-01")
    with Repository.find(root) as repository:
        first, last = repository.resolve(base), repository.resolve(head)
        if first == last:
            raise UsageWrong(f"--commits {text}: both name {first[:12]}, so there is no commit between them")
        if not is_ancestor(repository, first, last):
            raise UsageWrong(f"--commits {text}: {first[:12]} does not lie before {last[:12]}")
    return CommitRange(kind="commits", base=first, head=last)


def work_in(text: str, package: str, standing: Standing, root: Path) -> CommitRange:
    """The commits as the work of a package.

    Raises UsageWrong, RefNotFound, CommitsElsewhere, CommitsEmpty, PathNotOwned.
    """
    commits = commits_of(text, root)
    with Repository.find(root) as repository:
        refuse_unfit(repository, work_of(standing, package, commits))
    return commits


def workspace_of(
    execution: ExecutionContext, package: WorkPackage, *, branch: str | None, root: Path
) -> WorkspaceRef | None:
    """Where the work is done: the branch that was named, else that of the package's track where it is checked out."""
    identity = execution.identity
    track = {} if package.track is None else {"track": package.track}
    if branch is not None:
        full = branch if branch.startswith("refs/") else f"refs/heads/{branch}"
        refuse_branch(full)
        with Repository.find(root) as repository:
            return WorkspaceRef(branch=full, base=repository.resolve(full), **track)
    if package.track is not None and identity.workspace.branch != identity.destination_ref:
        return None
    return WorkspaceRef(branch=identity.workspace.branch, base=head_of(execution), **track)
