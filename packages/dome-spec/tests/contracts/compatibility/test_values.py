"""The verdicts and their order."""

from itertools import permutations

from dome_spec.contracts.compatibility.values import Verdict, worst


def test_the_gravest_verdict_wins_in_any_order() -> None:
    order = [Verdict.COMPATIBLE, Verdict.MEANING_CHANGED, Verdict.UNDECIDED, Verdict.INCOMPATIBLE]
    for position in range(1, len(order) + 1):
        for some in permutations(order[:position]):
            assert worst(some) is order[position - 1]


def test_where_nothing_changed_all_is_compatible() -> None:
    assert worst([]) is Verdict.COMPATIBLE
