# @generated from ci/gen/support/chain.py. Do not edit: change the source, then run `just gen`.
r"""The hash chain over the stored events of a job: who has its head can tell whether an event was changed.

    head(0) = sha256("dome.chain.v1\n" + job id)
    head(n) = sha256(raw head(n-1) + bytes of the n-th stored event)

It covers every event before `Finished`, which carries the head. Fixed by `contracts/vectors/chain.json`.
"""

from typing import Final

from dome_contracts.canonical import PREFIX, Digester, digest_bytes
from dome_contracts.ids import JobId

_DOMAIN: Final = b"dome.chain.v1\n"


def genesis(job_id: JobId) -> str:
    """The head before the first event, as `sha256:<hex>`."""
    return digest_bytes(_DOMAIN + job_id.encode())


def link(head: str, data: bytes) -> str:
    """The head after one more stored event."""
    digester = Digester()
    digester.update(bytes.fromhex(head.removeprefix(PREFIX)))
    digester.update(data)
    return digester.digest()
