"""Why the daemon does not serve a call that is right by itself."""

from dome_contracts.errors.v1 import ErrorReason
from domed.errors.base import DomedError


class LimitExceeded(DomedError):
    """A limit of the daemon on what it does at a time was reached: waiting helps."""

    reason = ErrorReason.LIMIT_EXCEEDED

    def __init__(self, limit: str, *, allowed: int, asked: int) -> None:
        super().__init__(
            f"The limit {limit} is {allowed}; the request comes to {asked}.",
            {"limit": limit, "allowed": str(allowed), "asked": str(asked)},
        )


class StorageFull(DomedError):
    """The disk of the store is full: nothing was stored, and the daemon goes on."""

    reason = ErrorReason.STORAGE_FULL

    def __init__(self) -> None:
        super().__init__("The disk that holds the daemon's state is full.")


class PeerDenied(DomedError):
    """The peer is another user."""

    reason = ErrorReason.PEER_DENIED

    def __init__(self, uid: int) -> None:
        super().__init__(f"This daemon does not serve the user {uid}.", {"uid": str(uid)})


class Unauthenticated(DomedError):
    """The call came over TCP, and nothing shows whose it is."""

    reason = ErrorReason.UNAUTHENTICATED

    def __init__(self) -> None:
        super().__init__("The call came over TCP without the token of this daemon.")


class ShuttingDown(DomedError):
    """The daemon is stopping."""

    reason = ErrorReason.SHUTTING_DOWN

    def __init__(self) -> None:
        super().__init__("The daemon is stopping.")


class InternalError(DomedError):
    """The daemon failed; the log has the id."""

    reason = ErrorReason.INTERNAL

    def __init__(self, error_id: str, *, what: str = "The daemon failed") -> None:
        super().__init__(f"{what}; its log has the error {error_id}.", {"error_id": error_id})
