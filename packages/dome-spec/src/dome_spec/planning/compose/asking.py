"""What the memory is asked before a plan is made: keys under which priors may have been learnt. Asks nobody itself."""

from dataclasses import dataclass, replace

from dome_contracts.schema.planning.task_spec import TaskSpec
from dome_contracts.schema.shared.definitions import ActionKind
from dome_spec.planning.compose.answering import answering
from dome_spec.planning.compose.judging import judges
from dome_spec.planning.compose.material import Material
from dome_spec.planning.compose.primitives import Primitive, spec_of
from dome_spec.planning.compose.relevant import seen_by


@dataclass(frozen=True, slots=True)
class Question:
    """A task that may be planned: priors are looked for under its key and its circumstances."""

    spec: TaskSpec
    """It addresses the failure; what looks at the failing thing is asked about under the failure that it would see."""


def questions(material: Material) -> tuple[Question, ...]:
    """What to ask for the failures that concern the packet, each once."""
    found: dict[str, Question] = {}
    judging = judges(material, is_changing=True)
    for failure, judge in seen_by(judging, material):
        chain = answering(failure, judge, material)
        for step in chain.steps:
            for action in (step.action, *((ActionKind.OBSERVE,) if step.links.proves else ())):
                question = Question(_addressing(step, failure.failure_reason_code, action))
                found.setdefault(question.spec.to_json().decode(), question)
    return tuple(found.values())


def _addressing(step: Primitive, code: str, action: ActionKind) -> TaskSpec:
    return spec_of(replace(step, failure_reason_code=code, action=action))
