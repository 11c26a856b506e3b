"""Refusals of the fake runtime, with what the catalogue of the contract says of their reason."""

from dome_client.errors import DomeError
from dome_contracts.rpc_errors import RPC_ERRORS


def refusal(reason: str, message: str, **metadata: str) -> DomeError:
    """The error with which a daemon would refuse."""
    known = RPC_ERRORS[reason]
    return DomeError(
        message,
        grpc_status=known.grpc_status,
        reason=reason,
        metadata=metadata,
        retryable=known.retryable,
        remedy=known.remedy,
    )
