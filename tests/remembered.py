"""Documents for the door: those of the contract's examples, valid as they stand."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[1] / "contracts/examples"
OURS = "repo-01htvy9ae00wea48kqahr5gdxa"
"""The repository of the examples."""
NOW = datetime(2024, 5, 17, 12, tzinfo=UTC)
"""Later than every moment in the examples."""


def example(family: str, name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((EXAMPLES / family / "valid" / f"{name}.json").read_text())
    return copy.deepcopy(document)


def a_wrapper(**changes: Any) -> dict[str, Any]:
    return example("knowledge/wrapper_envelope", "anomaly") | changes


def a_fact(name: str = "task_failed", **changes: Any) -> dict[str, Any]:
    return example("knowledge/fact", name) | changes


def as_bytes(document: Any) -> bytes:
    return json.dumps(document).encode()
