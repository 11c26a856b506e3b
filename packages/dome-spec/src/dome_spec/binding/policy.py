"""The binder policy and its anomaly triggers: read, matched, and named by digest. The defaults ship beside this module.

Of a policy, only a part decides what is derived from facts (`Rules`): the rest judges what was derived, and may change
without deriving anything anew.
"""

from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import ClassVar, Final

from dome_contracts.canonical import digest
from dome_contracts.exit_codes import Exit
from dome_contracts.schema.knowledge.anomaly_triggers import AnomalyTriggers
from dome_contracts.schema.knowledge.binder_policy import BinderPolicy
from dome_spec.kernel import Refusal, read_document

DEMOTION_WINDOW_MAX: Final = 500
"""The largest window of attempts by which a stage is taken back: one that never fills would take nothing back."""
BINDER_VERSIONS: Final = frozenset({"v1"})
"""Versions of the binder that this program derives by."""
DERIVATION: Final = 2
"""Version of how the binder derives. It is raised with every change of what the same facts come to; a memory that was
derived by another one is derived anew when it is opened."""
_PACKAGE: Final = "dome_spec.binding"


class PolicyUnfit(Refusal):
    """The policy asks for triggers that were not given, for another binder, or for more than is looked at."""

    code: ClassVar[str] = "POLICY_UNFIT"
    exit_code = Exit.INVALID


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides which facts become which contributions."""

    binder_version: str
    default_mode: str
    triggers: AnomalyTriggers | None

    def digest(self) -> str:
        """The digest of the rules: equal rules derive the same from the same facts."""
        triggers = self.triggers.to_value() if self.triggers else None
        return digest(
            {
                "binder_version": self.binder_version,
                "derivation": DERIVATION,
                "default_mode": self.default_mode,
                "triggers": triggers,
            }
        )


@dataclass(frozen=True)
class Policy:
    """A binder policy with the triggers that it names."""

    document: BinderPolicy
    triggers: AnomalyTriggers | None = None

    @cached_property
    def digest(self) -> str:
        """The digest by which runs and capsules name the policy."""
        return digest(self.document.to_value())

    @property
    def rules(self) -> Rules:
        """The part that decides what is derived."""
        return Rules(self.document.binder_version, self.document.default_fallback_mode.value, self.triggers)


def load_policy(policy: bytes, triggers: bytes | None = None) -> Policy:
    """A policy from its documents. Raises DocumentInvalid, and PolicyUnfit where the triggers are others."""
    given = None if triggers is None else read_document(AnomalyTriggers, triggers)
    return fit(read_document(BinderPolicy, policy), given)


def fit(document: BinderPolicy, triggers: AnomalyTriggers | None) -> Policy:
    """A policy with its triggers. Raises PolicyUnfit where it names others, and for a window that never fills."""
    window = document.rollout.demotion.window_count
    if window > DEMOTION_WINDOW_MAX:
        raise PolicyUnfit(
            f"The policy {document.policy_id} cannot be used",
            why=f"it takes a stage back by {window} attempts, and no more than {DEMOTION_WINDOW_MAX} are compared",
            hint="Lower `rollout.demotion.window_count`",
        )
    asked = document.anomaly_triggers
    if asked is None:
        return Policy(document)
    found = None if triggers is None else (triggers.triggers_id, triggers.version)
    if found != (asked.triggers_id, asked.version):
        raise PolicyUnfit(
            f"The policy {document.policy_id} cannot be used",
            why=f"it asks for the triggers {asked.triggers_id} {asked.version}, given are {_told(found)}",
            hint="Give the triggers that it names",
        )
    return Policy(document, triggers)


def default_policy() -> Policy:
    """The policy that holds where nobody wrote one."""
    folder = files(_PACKAGE) / "defaults"
    return load_policy((folder / "binder_policy.json").read_bytes(), (folder / "anomaly_triggers.json").read_bytes())


def _told(found: tuple[str, str] | None) -> str:
    return " ".join(found) if found else "none"
