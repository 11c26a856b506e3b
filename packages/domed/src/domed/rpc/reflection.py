"""Tells clients without schema files what can be called: server reflection, v1 and v1alpha.

The descriptors are those that were shipped with the contract, in a pool of their own.
"""

from collections.abc import Sequence
from typing import Any

from grpclib.reflection._deprecated import ServerReflection as ServerReflectionV1Alpha
from grpclib.reflection.service import ServerReflection

from domed.rpc.codec import pool


def reflection(services: Sequence[Any]) -> list[Any]:
    """The reflection services for `services`."""
    names = sorted({path.split("/")[1] for service in services for path in service.__mapping__()})
    return [make(_service_names=names, _pool=pool()) for make in (ServerReflection, ServerReflectionV1Alpha)]
