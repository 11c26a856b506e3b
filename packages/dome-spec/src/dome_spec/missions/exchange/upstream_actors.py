"""Who acted, in the words of a log of another project. A name there says nothing of its kind."""

import re
from typing import Any, Final

from dome_contracts.schema.shared.definitions import Effector

_PEOPLE: Final = frozenset({"user", "human"})
_MODELS: Final = frozenset({"claude", "codex", "gemini", "copilot", "cursor", "opencode", "qwen", "windsurf"})
_ID: Final = re.compile(r"[^!-~]+")
_ID_CHARACTERS_MAX: Final = 128


def effector_of(actor: object) -> Effector:
    """Who acted. A name says nothing of its kind: people and models are known by name, everything else is a program."""
    given = actor if isinstance(actor, dict) else {"tool": actor}
    name = _ID.sub("-", str(given.get("tool") or "unknown").strip())[:_ID_CHARACTERS_MAX] or "unknown"
    model = given.get("model")
    is_model = bool(model) or name.lower().split("-")[0] in _MODELS
    kind = "human" if name.lower() in _PEOPLE else "llm" if is_model else "service"
    value: dict[str, Any] = {"kind": kind, "id": name}
    if isinstance(model, str) and re.fullmatch("[!-~]{1,128}", model):
        value["model"] = model
    for field_name, source in (("role", "role"), ("profile_ref", "profile")):
        text = str(given.get(source) or "").replace("_", "-").lower()
        if re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", text):
            value[field_name] = text
    return Effector.from_value(value)
