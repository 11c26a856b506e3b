"""From a packet to a plan: primitives in layers, the TaskSpecs they become, and the waves in which these go out."""

from dome_spec.planning.compose.asking import Question, questions
from dome_spec.planning.compose.compose import make_plan
from dome_spec.planning.compose.material import Material
from dome_spec.planning.compose.patterns import check_pattern, find_pattern

__all__ = ["Material", "Question", "check_pattern", "find_pattern", "make_plan", "questions"]
