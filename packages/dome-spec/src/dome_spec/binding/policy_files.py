"""Where a repository keeps its binder policy: files that people write and commit. Without them, the default holds."""

from pathlib import Path
from typing import Any, Final

from dome_contracts.exit_codes import Exit
from dome_contracts.schema.knowledge.anomaly_triggers import AnomalyTriggers
from dome_contracts.schema.knowledge.binder_policy import BinderPolicy
from dome_spec.binding.policy import Policy, default_policy, fit
from dome_spec.kernel import Refusal, read_document

POLICY_FILE: Final = ".dome/binder_policy.yaml"
TRIGGERS_FILE: Final = ".dome/anomaly_triggers.yaml"


class PolicyUnreadable(Refusal):
    """The file of the policy cannot be read as one."""

    code = "POLICY_UNREADABLE"
    exit_code = Exit.INVALID


def repository_policy(root: Path) -> Policy:
    """The policy of the working tree, else the default. Raises PolicyUnreadable, DocumentInvalid, PolicyUnfit."""
    written = _read(root / POLICY_FILE)
    if written is None:
        return default_policy()
    document = read_document(BinderPolicy, written)
    triggers = _read(root / TRIGGERS_FILE)
    default = default_policy().triggers
    return fit(document, default if triggers is None else read_document(AnomalyTriggers, triggers))


def _read(path: Path) -> dict[str, Any] | None:
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise PolicyUnreadable(
            f"{path} cannot be read", why=error.strerror or str(error), hint="Make it readable"
        ) from error
    from dome_spec.kernel.yaml_text import NotYaml, read_yaml  # few repositories write a policy

    try:
        value = read_yaml(data)
    except NotYaml as error:
        raise PolicyUnreadable(f"{path} is no YAML", why=str(error), hint="Mend the file") from error
    if not isinstance(value, dict):
        raise PolicyUnreadable(
            f"{path} holds no policy", why="its top is no mapping", hint="`dome contracts show knowledge/binder_policy`"
        )
    return value
