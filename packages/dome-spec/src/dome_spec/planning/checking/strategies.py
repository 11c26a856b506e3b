"""Whether the answers of control strategies can be executed, as far as that is known before a daemon is asked."""

from collections.abc import Iterator

from dome_contracts.schema.control.control_strategies import ControlStrategies
from dome_spec.planning.reach import beyond
from dome_spec.planning.refusals import Problem
from dome_spec.planning.skills import SKILLS


def check_strategies(strategies: ControlStrategies) -> tuple[Problem, ...]:
    """What is wrong, in the order of the places; empty where nothing is."""
    return tuple(sorted(_reach(strategies)))


def _reach(strategies: ControlStrategies) -> Iterator[Problem]:
    """Answers that allow a skill less than it is known to declare: nobody would execute them."""
    for code, responses in strategies.responses.items():
        for index, each in enumerate(responses):
            known = SKILLS.get(each.skill.skill_id)
            if known is None or each.side_effects is None:
                continue
            if excess := beyond(known.reach, each.side_effects):
                what = f"the answer allows {known.skill_id} less than it declares: {', '.join(excess)}"
                place = f"/responses/{code}/{index}/side_effects"
                yield Problem(place, what, "Leave it out, and the task says what it declares")
