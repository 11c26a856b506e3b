"""States of an automaton as sets of alternatives, with conjunction and denial. Knows no characters and no patterns.

An alternative is a place in a pattern, that nothing is left, that anything may be left, or a conjunction of states.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple


class Both(NamedTuple):
    """All of these hold for what is left of the text."""

    factors: frozenset["frozenset[Term] | Denied"]


class Denied(NamedTuple):
    """What is left of the text is not like this."""

    state: "frozenset[Term]"


Term = int | Both
State = frozenset[Term]
Factor = State | Denied

END: Final = -1
"""Nothing is left."""
REST: Final = -2
"""Anything may be left."""
NEVER: Final[State] = frozenset()
"""The state that accepts nothing."""
ALWAYS: Final[State] = frozenset({REST})
"""The state that accepts everything."""
AT_END: Final[State] = frozenset({END})


def both(factors: Iterable[Factor]) -> State:
    """The state that accepts what all factors accept."""
    kept: set[Factor] = set()
    for factor in _flat(factors):
        if _is_never(factor):
            return NEVER
        if not _is_always(factor):
            kept.add(factor)
    if not kept:
        return ALWAYS
    if AT_END in kept:
        return AT_END if all(map(_accepts_nothing_more, kept)) else NEVER
    states = [factor for factor in kept if isinstance(factor, frozenset)]
    if any(Denied(state) in kept for state in states):
        return NEVER
    # What accepts less makes what accepts more superfluous.
    kept.difference_update([state for state in states if any(other < state for other in states)])
    if len(kept) == 1 and isinstance(single := next(iter(kept)), frozenset):
        return single
    return frozenset({Both(frozenset(kept))})


def _flat(factors: Iterable[Factor]) -> Iterator[Factor]:
    """The factors, with a conjunction that stands alone taken apart."""
    pending = list(factors)
    while pending:
        factor = pending.pop()
        if isinstance(factor, frozenset) and len(factor) == 1 and isinstance(only := next(iter(factor)), Both):
            pending.extend(only.factors)
        else:
            yield factor


def _is_never(factor: Factor) -> bool:
    return REST in factor.state if isinstance(factor, Denied) else not factor


def _is_always(factor: Factor) -> bool:
    return not factor.state if isinstance(factor, Denied) else REST in factor


def either(first: State, second: State) -> State:
    """The state that accepts what one of them accepts."""
    joined = first | second
    return ALWAYS if REST in joined else joined


def accepts_empty(state: State) -> bool:
    """Whether a text may end in the state."""
    return any(all(map(_accepts_nothing_more, term.factors)) if isinstance(term, Both) else term < 0 for term in state)


def _accepts_nothing_more(factor: Factor) -> bool:
    return not accepts_empty(factor.state) if isinstance(factor, Denied) else accepts_empty(factor)
