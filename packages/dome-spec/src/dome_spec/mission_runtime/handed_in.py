"""Whether commits that are handed in as the work of a package can be that: made where it is done, within its files.

Only what the commits themselves change is looked at. What they bring along from elsewhere (the destination, packages
that were handed in before) was judged there; of a merge that is what differs from every side of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from dome_contracts.schema.missions.review_result import CommitRange
from dome_contracts.schema.missions.work_package import ProductKind, WorkPackage
from dome_spec.governance import path_matches
from dome_spec.kernel import RefNotFound, Repository
from dome_spec.kernel.vcs_landed import changed
from dome_spec.kernel.vcs_probe import COMMITS_MAX, is_ancestor
from dome_spec.mission_runtime.execution import track_branch
from dome_spec.mission_runtime.refusals import CommitsElsewhere, CommitsEmpty, PathNotOwned
from dome_spec.missions import scope
from dome_spec.missions.status import Standing

_PATHS_TOLD_MAX: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is handed in, and where it belongs."""

    package: WorkPackage
    branch: str
    """Where the package is carried out."""
    commits: CommitRange
    foreign: Sequence[str]
    """Commits and references whose history is not the package's."""
    began: str | None = None
    """Where the package was begun."""


def work_of(standing: Standing, package: str, commits: CommitRange) -> Work:
    """Commits as the work of a package. Raises PackageUnknown."""
    state, of = standing.package(package), standing.packages[package]
    home = standing.mission.destination_ref
    branch, began = home if of.track is None else track_branch(standing.mission.slug, of.track), None
    if state.workspace is not None:
        branch, began = state.workspace.branch, state.workspace.base
    others = (each.evidence for name, each in standing.snapshot.packages.items() if name != package)
    heads = [each.head for each in others if isinstance(each, CommitRange)]
    foreign = heads if branch == home else [home, *heads]
    return Work(package=of, branch=branch, commits=commits, foreign=foreign, began=began)


def refuse_unfit(repository: Repository, work: Work) -> None:
    """Refuse commits that lie elsewhere, change nothing or change what the package does not own.

    Raises CommitsElsewhere, CommitsEmpty, PathNotOwned.
    """
    name, head = work.package.work_package_id, work.commits.head
    tip = _resolved(repository, work.branch)
    if tip is None or not is_ancestor(repository, head, tip):
        lies = "there is no such branch" if tip is None else f"{head[:12]} is not on it"
        raise CommitsElsewhere(
            f"{name} is carried out on {work.branch.removeprefix('refs/heads/')}",
            why=lies,
            hint="Bring the commits onto that branch, or claim the package for another one: `--branch REF`",
        )
    if work.package.product is ProductKind.CODE_CHANGE and not _paths(repository, work.commits, ()):
        base = work.commits.base
        what = f"{name}: nothing changes from {base[:12]} to {head[:12]}"
        raise CommitsEmpty(what, why="the package leaves a change of code", hint="Name the commits that make it")
    refuse_beyond_scope(repository, work)


def refuse_beyond_scope(repository: Repository, work: Work) -> None:
    """Refuse commits that change what the package does not own, and such before them. Raises PathNotOwned.

    What was committed since the package was begun lands with them, whichever of it is named.
    """
    commits = work.commits
    if work.began is not None and is_ancestor(repository, work.began, commits.base):
        commits = CommitRange(kind="commits", base=work.began, head=commits.head)
    refuse_not_owned(_paths(repository, commits, work.foreign), work.package)


def refuse_not_owned(paths: Iterable[str], package: WorkPackage) -> None:
    """Refuse paths that the package does not own. Raises PathNotOwned."""
    owned = scope(package)
    outside = [each for each in paths if not path_matches(each, owned)]
    if not outside:
        return
    told = ", ".join(outside[:_PATHS_TOLD_MAX])
    if len(outside) > _PATHS_TOLD_MAX:
        told += f" and {len(outside) - _PATHS_TOLD_MAX} more"
    raise PathNotOwned(
        f"{package.work_package_id} does not own {told}",
        why=f"it owns {', '.join(owned) or 'nothing'}",
        hint="Leave it out, or let a package that owns it change it",
    )


def _paths(repository: Repository, commits: CommitRange, foreign: Sequence[str]) -> list[str]:
    """The paths that commits change after one, up to another, without what they bring along, sorted."""
    apart = (each for name in foreign if (each := _resolved(repository, name)) is not None)
    known = set(_walked(repository, [commits.base, *apart], set()))
    found: set[bytes] = set()
    for commit in _walked(repository, [commits.head], known):
        found |= _changed(repository, commit)
    return sorted(each.decode("utf-8", "replace") for each in found)


def _changed(repository: Repository, commit: str) -> set[bytes]:
    """The paths that a commit changes; of a merge, those that it makes other than every side."""
    sides = [set(changed(repository, parent, commit)) for parent in repository.parents(commit)]
    if not sides:
        return {each.path.encode() for each in repository.files(commit)}
    return set.intersection(*sides)


def _walked(repository: Repository, starts: Sequence[str], known: set[str]) -> Iterator[str]:
    """The commits and those before them, each once, as far as they are not known."""
    return islice(_all_before(repository, starts, known), COMMITS_MAX)


def _all_before(repository: Repository, starts: Sequence[str], known: set[str]) -> Iterator[str]:
    seen, waiting = set(known), list(starts)
    while waiting:
        following: list[str] = []
        for commit in waiting:
            if commit not in seen:
                seen.add(commit)
                yield commit
                following += repository.parents(commit)
        waiting = following


def _resolved(repository: Repository, revision: str) -> str | None:
    try:
        return repository.resolve(revision)
    except RefNotFound:
        return None
