"""Why a mission's action cannot be resolved, told or carried out.

RuntimeRefusal
├── NoMissions            nothing is kept of missions here
├── WrongDirectory        the command was given outside of the repository's working trees
├── PackageNeeded         the action is about a work package, and none is named
├── PlaceUnnameable       a directory, a branch or a path has a name that documents cannot hold
├── WorkspaceUnresolved   it is not known where the work is to be done
├── TargetMismatch        working tree and destination do not fit together
├── TargetProtected       the charter protects the destination
├── TargetMoved           the working tree is no longer what was seen
├── PathNotOwned          a path lies outside of what the package may change
├── CommitsElsewhere      the commits do not lie where the package is carried out
├── CommitsEmpty          the commits change nothing
├── TemplateDrift         the mission's type is not what it was when the mission began
├── CommitRefused         the daemon refused the commit; the transition was given up
└── OperationPending      it cannot be known yet whether the commit was made
"""

from dome_contracts.exit_codes import Exit
from dome_spec.kernel import Refusal


class RuntimeRefusal(Refusal):
    """The action is not carried out."""

    code = "MISSION_RUNTIME_REFUSED"


class NoMissions(RuntimeRefusal):
    """Nothing is kept of missions here."""

    code = "NO_MISSIONS"


class WrongDirectory(RuntimeRefusal):
    """The command was given outside of the repository's working trees."""

    code = "WRONG_DIRECTORY"
    exit_code = Exit.USAGE


class PackageNeeded(RuntimeRefusal):
    """The action is about a work package, and none is named."""

    code = "PACKAGE_NEEDED"
    exit_code = Exit.USAGE


class PlaceUnnameable(RuntimeRefusal):
    """A directory, a branch or a path has a name that documents cannot hold."""

    code = "PLACE_UNNAMEABLE"


class WorkspaceUnresolved(RuntimeRefusal):
    """It is not known where the work is to be done."""

    code = "WORKSPACE_UNRESOLVED"


class TargetMismatch(RuntimeRefusal):
    """The working tree stands on another branch than the commit is to move."""

    code = "TARGET_MISMATCH"


class TargetProtected(RuntimeRefusal):
    """The charter protects the destination from ordinary work."""

    code = "TARGET_PROTECTED"


class TargetMoved(RuntimeRefusal):
    """The working tree is no longer what was seen when the operation began."""

    code = "TARGET_MOVED"


class PathNotOwned(RuntimeRefusal):
    """A path lies outside of what the package may change."""

    code = "PATH_NOT_OWNED"


class CommitsElsewhere(RuntimeRefusal):
    """The commits do not lie where the package is carried out."""

    code = "COMMITS_ELSEWHERE"


class CommitsEmpty(RuntimeRefusal):
    """The commits change nothing."""

    code = "COMMITS_EMPTY"


class TemplateDrift(RuntimeRefusal):
    """The mission's type is not what it was when the mission began."""

    code = "TEMPLATE_DRIFT"


class CommitRefused(RuntimeRefusal):
    """The commit was not made, and the transition was given up with it."""

    code = "COMMIT_REFUSED"


class OperationPending(RuntimeRefusal):
    """It cannot be known yet whether the commit was made."""

    code = "OPERATION_PENDING"
    exit_code = Exit.TRY_AGAIN
