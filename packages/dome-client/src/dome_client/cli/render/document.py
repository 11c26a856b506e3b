"""Messages as JSON values, in the words of the contract.

The mapping is proto3 JSON with these choices: field names as in the `.proto` files; 64-bit numbers as numbers; a field
with its default value is left out; bytes that are a JSON document by contract are shown as that document. The bytes of
an output record are `text` where they are UTF-8, else `data` in base64.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from dome_client import line_records
from dome_client.lean.view import EnumNumber, View
from dome_contracts.ids import JobId, event_id

if TYPE_CHECKING:
    import betterproto2

    from dome_contracts.runtime.v1 import JobEvent

    Message = betterproto2.Message | View

_DOCUMENT_FIELDS: Final = frozenset({"result", "input_schema_document", "output_schema_document"})


def document(message: "Message") -> dict[str, Any]:
    """The message as a JSON object."""
    return {name: _field(name, value) for name, value in _fields(message)}


def event_documents(event: "JobEvent") -> Iterator[dict[str, Any]]:
    """The event as one JSON object for each seq that it covers."""
    whole = document(event)
    if event.output is None:
        yield whole
        return
    for seq, data, ends_partial in records(event):
        output: dict[str, Any] = {"stream": whole["output"]["stream"]} | _bytes_field(data)
        if ends_partial:
            output["ends_partial"] = True
        numbers = {"seq": seq, "last_seq": seq, "event_id": event_id(JobId(event.job_id), seq)}
        yield whole | numbers | {"output": output}


def records(event: "JobEvent") -> Iterator[tuple[int, bytes, bool]]:
    """The line records of a page of output: seq, bytes, and whether the record lacks its newline."""
    assert event.output is not None
    lines = line_records.split(event.output.data)
    for offset, line in enumerate(lines):
        yield event.seq + offset, line, event.output.ends_partial and offset == len(lines) - 1


def timestamp(time: datetime) -> str:
    """RFC 3339 in UTC, to the microsecond."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def encode(value: Mapping[str, Any]) -> bytes:
    """One JSON object on one line. What is no UTF-8 in a name is a lone surrogate, and is escaped as JSON does it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace") + b"\n"


def _bytes_field(data: bytes) -> dict[str, str]:
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"data": b64encode(data).decode("ascii")}


def _fields(message: "Message") -> Iterable[tuple[str, Any]]:
    if isinstance(message, View):
        return message.fields()
    from betterproto2 import Casing, OutputFormat

    return message.to_dict(output_format=OutputFormat.PYTHON, casing=Casing.SNAKE).items()


def _field(name: str, value: Any) -> Any:
    if name in _DOCUMENT_FIELDS and isinstance(value, bytes):
        return json.loads(value)
    return _value(value)


def _value(value: Any) -> Any:
    match value:
        case View():
            return document(value)
        case Enum() | EnumNumber():
            return getattr(value, "proto_name", None) or value.value if value.name else value.value
        case bytes():
            return b64encode(value).decode("ascii")
        case datetime():
            return timestamp(value)
        case timedelta():
            return f"{value.total_seconds():.6f}".rstrip("0").rstrip(".") + "s"
        case Mapping():
            return {name: _field(name, item) for name, item in value.items()}
        case Sequence() if not isinstance(value, str):
            return [_value(item) for item in value]
    return value
