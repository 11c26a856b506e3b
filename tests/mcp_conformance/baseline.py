"""What of the official suite is expected to fail, and why: `baseline.yaml` as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("baseline.yaml")
REASON_CHARACTERS_MIN = 40


@dataclass(frozen=True)
class Baseline:
    """For one revision."""

    failing: Mapping[str, set[str]]
    """The checks of each scenario that fail."""
    not_judged: frozenset[str]
    """Scenarios that say nothing about Dome."""


def read_baseline(revision: str) -> Baseline:
    """The part of the file that is about a revision. Raises ValueError where a check stands there without a reason."""
    document: dict[str, Any] = yaml.safe_load(FILE.read_text())
    failing: dict[str, set[str]] = {}
    for group in document["expected"]:
        _check_reason(group)
        for scenario, checks in group["checks"].get(revision, {}).items():
            known = failing.setdefault(scenario, set())
            if twice := known & {*checks}:
                raise ValueError(f"{scenario} names {sorted(twice)} twice")
            known |= {*checks}
    not_judged = document["not_judged"]
    _check_reason(not_judged)
    return Baseline(failing, frozenset(not_judged["scenarios"]))


def _check_reason(group: Mapping[str, Any]) -> None:
    if len(str(group["reason"]).strip()) < REASON_CHARACTERS_MIN:
        raise ValueError(f"this needs a reason that a reader can judge: {group}")
