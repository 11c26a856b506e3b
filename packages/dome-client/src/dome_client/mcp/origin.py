"""Who asks: what an MCP client says about itself and its call, as correlation of a job and as idempotency key."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from dome_client.trace import checked
from dome_contracts.canonical import digest
from dome_contracts.runtime.v1 import Correlation, Effector, EffectorKind

_ID_CHARACTERS_MAX: Final = 256
_KEY_CHARACTERS_MAX: Final = 255
_PLAIN: Final = re.compile(r"[!-.0-~]+")
"""Printable ASCII without the slash, which stands between the parts of a key."""
_RUN_ID: Final = re.compile(r"run-[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Origin:
    """One call of one client. Empty texts where the client does not say."""

    client: str = ""
    """Name of the agent."""
    session_id: str = ""
    turn_id: str = ""
    call_id: str = ""
    traceparent: str = ""
    tracestate: str = ""
    run_id: str = ""

    @property
    def idempotency_key(self) -> str:
        """The same for a repetition of the same call. Empty where the client names no call.

        Some models count their calls from 1 in each turn, so the turn is part of it where the client names one.
        """
        if not (self.session_id and self.call_id):
            return ""
        parts = [each for each in (self.session_id, self.turn_id, self.call_id) if each]
        readable = "/".join(["mcp", *parts])
        if len(readable) <= _KEY_CHARACTERS_MAX and all(map(_PLAIN.fullmatch, parts)):
            return readable
        return f"mcp/{digest(parts)}"

    def correlation(self) -> Correlation:
        """What the daemon records with the job."""
        return Correlation(
            run_id=self.run_id,
            traceparent=self.traceparent,
            tracestate=self.tracestate,
            client_session_id=self.session_id,
            client_call_id=self.call_id,
            effector=Effector(kind=EffectorKind.LLM, id=self.client) if self.client else None,
        )


def origin_of(meta: Mapping[str, Any], *, client: str = "") -> Origin:
    """What the `_meta` of a request says. Anything of another form than expected is left out."""
    traceparent, tracestate = checked(meta.get("traceparent"), meta.get("tracestate"))
    return Origin(
        client=_text(client),
        session_id=_text(meta.get("threadId")) or _text(meta.get("sessionId")),
        turn_id=_turn_id(meta.get("x-codex-turn-metadata")),
        call_id=_text(meta.get("callId")),
        traceparent=traceparent,
        tracestate=tracestate,
        run_id=_run_id(meta.get("dome/run_id")),
    )


def _turn_id(turn: Any) -> str:
    if isinstance(turn, str):
        try:
            turn = json.loads(turn)
        except (ValueError, RecursionError):
            return ""
    return _text(turn.get("turn_id")) if isinstance(turn, Mapping) else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= _ID_CHARACTERS_MAX and value.isprintable() else ""


def _run_id(value: Any) -> str:
    return value if isinstance(value, str) and _RUN_ID.fullmatch(value) else ""
