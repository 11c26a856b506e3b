"""Every message class of the wire, and values of each, for the tests that hold two readers together."""

import datetime
from typing import Any

import betterproto2
from betterproto2 import FieldMetadata, Message
from hypothesis import strategies as st

from dome_contracts.google import rpc
from dome_contracts.google.protobuf import Any as AnyMessage
from dome_contracts.google.rpc import LocalizedMessage
from dome_contracts.grpc.health import v1 as health
from dome_contracts.message_pool import default_message_pool
from dome_contracts.runtime import v1 as runtime

PACKAGES = (runtime, rpc, health)
DEPTH_MAX = 2
# The stubs keep microseconds; durations on this wire are never negative.
INSTANTS = st.datetimes(datetime.datetime(1970, 1, 1), datetime.datetime(2200, 1, 1), timezones=st.just(datetime.UTC))
DURATIONS = st.integers(0, 10**9).map(lambda milliseconds: datetime.timedelta(milliseconds=milliseconds))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "bool": st.booleans(),
    "bytes": st.binary(max_size=6),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "int32": st.integers(-(2**31), 2**31 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "string": TEXTS,
    "uint32": st.integers(0, 2**32 - 1),
    "uint64": st.integers(0, 2**64 - 1),
}


def messages() -> list[type[Message]]:
    """Every message class of these packages, nested ones included."""
    found = [getattr(package, name) for package in PACKAGES for name in package.__all__]
    return [cls for cls in found if isinstance(cls, type) and issubclass(cls, Message)]


def wire_name(cls: type[Message]) -> str:
    return default_message_pool.type_to_url[cls].rpartition("/")[2]


def metas(cls: type[Message]) -> dict[str, FieldMetadata]:
    return cls._betterproto.meta_by_field_name  # type: ignore[arg-type]  # mypy does not see through classproperty


def field_class(cls: type[Message], name: str) -> Any:
    """The class of a message or enum field; of a map field, that of its values."""
    found: Any = cls._betterproto.cls_by_field.get(name)  # type: ignore[arg-type]
    if found is not None and metas(cls)[name].proto_type == betterproto2.TYPE_MAP:
        found = found._betterproto.cls_by_field.get("value")
    return found


@st.composite
def instances(draw: st.DrawFn, cls: type[Message], depth: int = 0) -> Message:
    """A message with any of its fields set, at most one of each oneof."""
    groups: dict[str, list[str]] = {}
    for name, meta in metas(cls).items():
        groups.setdefault(meta.group or name, []).append(name)
    values: dict[str, Any] = {}
    for names in groups.values():
        name = draw(st.sampled_from(names))
        if draw(st.booleans()) and (depth < DEPTH_MAX or not nests(metas(cls)[name])):
            values[name] = draw(field_values(cls, name, depth))
    return cls(**values)


def nests(meta: FieldMetadata) -> bool:
    """Whether values of the field may hold messages, without an end."""
    inner = meta.map_meta[1] if meta.map_meta else meta
    return inner.proto_type == betterproto2.TYPE_MESSAGE and not inner.unwrap


def field_values(cls: type[Message], name: str, depth: int) -> st.SearchStrategy[Any]:
    meta, inner = metas(cls)[name], field_class(cls, name)
    if meta.map_meta:
        key, value = meta.map_meta
        return st.dictionaries(SCALARS[key.proto_type], single_values(value, inner, depth), max_size=2)
    single = single_values(meta, inner, depth)
    return st.lists(single, max_size=2) if meta.repeated else single


def single_values(meta: FieldMetadata, inner: Any, depth: int) -> st.SearchStrategy[Any]:
    if meta.proto_type == betterproto2.TYPE_ENUM:
        return st.sampled_from(list(inner))
    if meta.proto_type != betterproto2.TYPE_MESSAGE:
        return SCALARS[meta.proto_type]
    if meta.unwrap:
        return {"Timestamp": INSTANTS, "Duration": DURATIONS}[meta.unwrap().__name__]
    if inner is AnyMessage:
        # A message without maps: their order in packed bytes is free.
        return instances(LocalizedMessage).map(AnyMessage.pack)
    return instances(inner, depth + 1)
