"""Strategies for messages of the runtime contract, made from the generated classes."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_args

import betterproto2
from hypothesis import strategies as st

from dome_contracts import ids
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import Output, OutputStream
from domed.jobs.model import Fact

TEXT: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TIMES: Final = st.datetimes(datetime(1960, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC))
DURATIONS: Final = st.timedeltas(timedelta(0), timedelta(days=400))
SEQS: Final = st.integers(1, 2**63 - 1)
JOB_IDS: Final[st.SearchStrategy[JobId]] = st.builds(
    lambda time_ms, entropy: ids.job_id(ids.body(time_ms=time_ms, entropy=entropy)),
    st.integers(0, ids.TIME_MS_MAX - 1),
    st.binary(min_size=ids.ENTROPY_BYTES, max_size=ids.ENTROPY_BYTES),
)
_SCALARS: Final[dict[str, st.SearchStrategy[Any]]] = {
    betterproto2.TYPE_BOOL: st.booleans(),
    betterproto2.TYPE_BYTES: st.binary(max_size=300),
    betterproto2.TYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    betterproto2.TYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    betterproto2.TYPE_STRING: TEXT,
    betterproto2.TYPE_UINT32: st.integers(0, 2**32 - 1),
    betterproto2.TYPE_UINT64: st.integers(0, 2**64 - 1),
}


def messages(cls: type[Any]) -> st.SearchStrategy[Any]:
    """Messages of a class: every field set or not, of a oneof at most one."""
    plain: dict[str, st.SearchStrategy[Any]] = {}
    groups: dict[str, list[st.SearchStrategy[dict[str, Any]]]] = {}
    for field in fields(cls):
        meta = betterproto2.FieldMetadata.get(field)
        values = _later(cls, field, meta)
        if meta.group:
            groups.setdefault(meta.group, [st.just({})]).append(st.fixed_dictionaries({field.name: values}))
        else:
            plain[field.name] = values
    parts = [st.fixed_dictionaries({}, optional=plain), *(st.one_of(*members) for members in groups.values())]
    return st.tuples(*parts).map(lambda chosen: cls(**{name: part[name] for part in chosen for name in part}))


@st.composite
def pages(draw: st.DrawFn) -> Output:
    """Pages as they are cut from a stream: some lines, and perhaps the beginning of one."""
    lines = draw(st.lists(st.binary(max_size=6).map(lambda line: line.replace(b"\n", b"") + b"\n"), max_size=8))
    partial = draw(st.binary(min_size=0 if lines else 1, max_size=6).map(lambda line: line.replace(b"\n", b"x")))
    return Output(
        stream=draw(st.sampled_from([OutputStream.STDOUT, OutputStream.STDERR])),
        data=b"".join(lines) + partial,
        ends_partial=bool(partial),
    )


def _later(cls: type[Any], field: Any, meta: betterproto2.FieldMetadata) -> st.SearchStrategy[Any]:
    return st.deferred(lambda: _values(cls, field, meta))


def _values(cls: type[Any], field: Any, meta: betterproto2.FieldMetadata) -> st.SearchStrategy[Any]:
    if meta.map_meta:
        return st.dictionaries(TEXT, TEXT, max_size=3)
    single = _single(cls, field, meta)
    return st.lists(single, max_size=3) if meta.repeated else single


def _single(cls: type[Any], field: Any, meta: betterproto2.FieldMetadata) -> st.SearchStrategy[Any]:
    if meta.proto_type in _SCALARS:
        return _SCALARS[meta.proto_type]
    if meta.proto_type == betterproto2.TYPE_ENUM:
        return st.sampled_from(list(cls._cls_for(field)))
    if meta.unwrap is None:
        return messages(cls._cls_for(field))
    return TIMES if meta.unwrap().__name__ == "Timestamp" else DURATIONS


FACTS: Final[st.SearchStrategy[Fact]] = st.one_of(*(messages(cls) for cls in get_args(Fact)))
