"""Contracts that other repositories own: pinned by digest, verified, and moved with a note to consumers."""

from dome_spec.contracts.pins.adding import Adding, add
from dome_spec.contracts.pins.drift import MemberChange, drift
from dome_spec.contracts.pins.errors import (
    LocationRefused,
    MemberRefused,
    PinBroken,
    PinError,
    PinExists,
    PinFault,
    PinNotFound,
    PinUnreadable,
    SourceUnusable,
)
from dome_spec.contracts.pins.report import change_document, change_lines, pin_lines
from dome_spec.contracts.pins.store import Pinned, bundles, load
from dome_spec.contracts.pins.updating import Refusal, Update, Updating, carry_out, prepare
from dome_spec.contracts.pins.upstream import upstream
from dome_spec.contracts.pins.verify import faults, pin_faults
from dome_spec.contracts.pins.vocabularies import vocabulary

__all__ = [
    "Adding",
    "LocationRefused",
    "MemberChange",
    "MemberRefused",
    "PinBroken",
    "PinError",
    "PinExists",
    "PinFault",
    "PinNotFound",
    "PinUnreadable",
    "Pinned",
    "Refusal",
    "SourceUnusable",
    "Update",
    "Updating",
    "add",
    "bundles",
    "carry_out",
    "change_document",
    "change_lines",
    "drift",
    "faults",
    "load",
    "pin_faults",
    "pin_lines",
    "prepare",
    "upstream",
    "vocabulary",
]
