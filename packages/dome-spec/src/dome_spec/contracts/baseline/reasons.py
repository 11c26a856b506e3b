"""What the baseline keeps of the reason catalogue, and what of it a later catalogue lacks. No files."""

import json
from collections.abc import Mapping
from typing import Any, Final

from dome_spec.kernel.yaml_text import read_yaml

# The name of each section's code, and what of a reason may not change.
_SECTIONS: Final = {"rpc_errors": "reason", "failure_reasons": "code", "policy_reasons": "code"}
_FROZEN: Final = ("grpc", "class")

Reasons = Mapping[str, Mapping[str, Mapping[str, str]]]


def frozen(catalogue: bytes) -> Reasons:
    """Each reason of the catalogue with what it may never change. Raises NotYaml."""
    document = read_yaml(catalogue)
    return {
        section: {row[key]: {word: row[word] for word in _FROZEN if word in row} for row in document[section]}
        for section, key in _SECTIONS.items()
    }


def encoded(reasons: Reasons) -> bytes:
    """Equal reasons have equal bytes."""
    return (json.dumps(reasons, indent=2, sort_keys=True) + "\n").encode()


def is_lost(old: bytes | None, new: bytes | None) -> bool:
    """Whether the second of two encoded catalogues lacks anything of the first."""
    return old is not None and bool(lost(json.loads(old), json.loads(new) if new is not None else {}))


def lost(old: Reasons, new: Reasons) -> list[str]:
    """What is gone or has changed; nothing makes that allowed."""
    found: list[str] = []
    for section, reasons in old.items():
        for code, before in reasons.items():
            present: Any = new.get(section, {}).get(code)
            if present is None:
                found.append(f"{code} is gone from {section}")
            elif present != before:
                found.append(f"{code} in {section} has changed from {dict(before)} to {dict(present)}")
    return found
