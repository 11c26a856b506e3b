"""Why governance cannot be resolved.

GovernanceRefusal
├── CharterMissing        the repository has no charter
├── CharterInvalid        its charter is none
├── DoctrineUnreadable    a file of the doctrine cannot be read as one
├── DoctrineAmbiguous     one layer names a document twice
├── DoctrineMissing       something that is required does not exist
└── DoctrineInactive      something that is required is not active by the charter
"""

from dome_contracts.exit_codes import Exit
from dome_spec.kernel import Refusal


class GovernanceRefusal(Refusal):
    """What an effector would be told cannot be resolved, so nothing is begun."""

    code = "GOVERNANCE_UNRESOLVED"


class CharterMissing(GovernanceRefusal):
    """The repository has no charter."""

    code = "CHARTER_MISSING"
    exit_code = Exit.NOT_FOUND


class CharterInvalid(GovernanceRefusal):
    """The charter is not what its family asks for."""

    code = "CHARTER_INVALID"
    exit_code = Exit.INVALID


class DoctrineUnreadable(GovernanceRefusal):
    """A file of the doctrine cannot be read as a document."""

    code = "DOCTRINE_UNREADABLE"
    exit_code = Exit.INVALID


class DoctrineAmbiguous(GovernanceRefusal):
    """One layer gives two documents of one kind the same id."""

    code = "DOCTRINE_AMBIGUOUS"
    exit_code = Exit.INVALID


class DoctrineMissing(GovernanceRefusal):
    """A document that is required does not exist."""

    code = "DOCTRINE_MISSING"
    exit_code = Exit.NOT_FOUND


class DoctrineInactive(GovernanceRefusal):
    """A document that is required exists, and the charter does not activate it."""

    code = "DOCTRINE_INACTIVE"
