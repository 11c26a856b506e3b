"""What plans and tasks are called: digests of canonical bytes, from types into which nothing volatile can enter.

Says how a TaskSpec is filed and compared. Knows nothing of runs: an attempt gets its name where it is dispatched.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from dome_contracts import documents
from dome_contracts.canonical import digest
from dome_contracts.schema.base import Contract
from dome_contracts.schema.knowledge.capsule import FingerprintInput
from dome_contracts.schema.planning.plan import Plan
from dome_contracts.schema.planning.task_spec import TaskSpec
from dome_contracts.schema.shared.definitions import TaskKey, VersionContext
from dome_spec.planning.skills import SKILLS

INSTRUCTION: Final = "{instruction}"
"""Stands for the work in words, which every packet says anew."""
FAMILY: Final = ("planning", "task_spec")
_NAMED: Final = frozenset({"properties", "$defs"})
_REMARKS: Final = frozenset({"$comment", "default", "description", "examples", "title"})


def document_digest(document: Contract) -> str:
    """The digest of a document's canonical bytes."""
    return digest(document.to_value())


def plan_hash(plan: Plan) -> str:
    """The name of a plan: equal plans have equal names."""
    return document_digest(plan)


def task_id(spec: TaskSpec) -> str:
    """The name of a TaskSpec."""
    return document_digest(spec)


def task_key(spec: TaskSpec) -> TaskKey:
    """The key under which tasks like this, and what is learnt of them, are found again."""
    return TaskKey(
        scope=spec.scope, target=spec.target, action=spec.action, failure_reason_code=spec.failure_reason_code
    )


def template(spec: TaskSpec) -> dict[str, Any]:
    """What remains of a TaskSpec without its packet and its run: what is done, to what, with which skill and input.

    Goal, criteria and bounds are those of a packet, and so are the words in which a worker is told of them.
    """
    skill_id = spec.requires.skill.skill_id
    words = SKILLS[skill_id].instruction_field if skill_id in SKILLS else None
    told = {name: INSTRUCTION if name == words else each for name, each in spec.input.items()}
    return {
        "key": task_key(spec).to_value(),
        "skill_id": skill_id,
        "mode": spec.side_effects.mode.value,
        "input": told,
    }


def template_digest(spec: TaskSpec) -> str:
    """The name of a TaskSpec's template, under which a remedy is remembered."""
    return digest(template(spec))


def fingerprint_input(spec: TaskSpec, tool_versions: Mapping[str, str], environment_class: str) -> FingerprintInput:
    """The circumstances under which results of the task compare: its gates, its tool, the schemas, the environment.

    Of the versions that are handed in, the one of the task's own skill counts.
    """
    skill_id = spec.requires.skill.skill_id
    tools = {skill_id: tool_versions[skill_id]} if skill_id in tool_versions else {}
    schemas = {"/".join(FAMILY): _form_digest(*FAMILY)}
    versions = VersionContext(tools=tools, schemas=schemas, environment_class=environment_class)
    return FingerprintInput(gates=sorted(spec.gates or []), versions=versions)


def environment_class(system: str, machine: str, python_version: tuple[int, int] | None) -> str:
    """The class of an environment, such as `linux-x86_64-python3.11`; without a Python where none is known."""
    python = "" if python_version is None else f"-python{python_version[0]}.{python_version[1]}"
    return f"{system}-{machine}{python}".lower().replace(" ", "_")


@cache
def _form_digest(context: str, family: str) -> str:
    """The digest of what a schema accepts; its remarks may be worded better without a learnt thing being lost."""
    return digest(_without_remarks(documents.schema(context, family), names=False))


def _without_remarks(schema: Any, *, names: bool) -> Any:
    if isinstance(schema, list):
        return [_without_remarks(each, names=False) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: each for key, each in schema.items() if names or not (key in _REMARKS or key.startswith("x-"))}
    return {key: _without_remarks(each, names=key in _NAMED and not names) for key, each in kept.items()}
