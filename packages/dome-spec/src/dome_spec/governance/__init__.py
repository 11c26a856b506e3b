"""Rules that people lay down: charter, doctrine, guards over transitions. Decides by values; reads no store."""

from dome_spec.governance.charter import CHARTER_PATH, read_charter, read_doctrine
from dome_spec.governance.context import DEPTH, ContextQuery, build_charter_context
from dome_spec.governance.doctrine import Doctrine
from dome_spec.governance.glob_meeting import common_path
from dome_spec.governance.globs import path_matches
from dome_spec.governance.guardrails import Attempt, Guardrails, Ruling, Situation, evaluate, reference
from dome_spec.governance.refusals import (
    CharterInvalid,
    CharterMissing,
    DoctrineAmbiguous,
    DoctrineInactive,
    DoctrineMissing,
    DoctrineUnreadable,
    GovernanceRefusal,
)

__all__ = [
    "CHARTER_PATH",
    "DEPTH",
    "Attempt",
    "CharterInvalid",
    "CharterMissing",
    "ContextQuery",
    "Doctrine",
    "DoctrineAmbiguous",
    "DoctrineInactive",
    "DoctrineMissing",
    "DoctrineUnreadable",
    "GovernanceRefusal",
    "Guardrails",
    "Ruling",
    "Situation",
    "build_charter_context",
    "common_path",
    "evaluate",
    "path_matches",
    "read_charter",
    "read_doctrine",
    "reference",
]
