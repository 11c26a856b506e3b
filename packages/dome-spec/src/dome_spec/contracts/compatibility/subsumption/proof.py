"""Whether one schema accepts all that another accepts: asked as a search for what only the other accepts."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, Literal

from dome_spec.contracts.compatibility.sharing import shared
from dome_spec.contracts.compatibility.subsumption.budget import PROOF_STEPS_MAX, Budget, BudgetSpent
from dome_spec.contracts.compatibility.subsumption.formula import Formulas
from dome_spec.contracts.compatibility.subsumption.neighbours import Neighbours
from dome_spec.contracts.compatibility.subsumption.outcome import Doubtful, Model, NoModel, Open, Outcome
from dome_spec.contracts.compatibility.subsumption.reading import Reading
from dome_spec.contracts.compatibility.subsumption.scalars import constant
from dome_spec.contracts.compatibility.subsumption.search import Search, parts_of
from dome_spec.contracts.compatibility.subsumption.terms import FALSE, Cases, Either, Formula, Kind
from dome_spec.contracts.compatibility.subsumption.unreadable import Unreadable

DOCUMENTS_MAX: Final = 4
"""Documents that are offered for one statement before it is left in doubt."""

Which = Literal["first", "second"]


class Proof:
    """Two self-contained documents, read once, and what can be proven about them in either direction."""

    def __init__(
        self, first: Any, second: Any, *, both: frozenset[str] | None = None, steps_max: int = PROOF_STEPS_MAX
    ) -> None:
        """`both` are the references that lead to the same in both, where that was found out before."""
        self._documents: Final = (first, second)
        self._both: Final = shared(first, second) if both is None else both
        self._budget: Final = Budget(steps_max)
        self._formulas: Final = Formulas(self._budget)
        self._read: dict[Which, Cases] = {}

    def refutation(self, *, wider: Which) -> Outcome:
        """Search for a document that the other accepts and `wider` refuses.

        NoModel is a proof that `wider` accepts all that the other does.
        """
        why: Open | None = None
        for outcome in self.refutations(wider=wider):
            if isinstance(outcome, Model):
                return outcome
            why = outcome if isinstance(outcome, Open) else why
        return why or NoModel()

    def refutations(
        self, *, wider: Which, confirms: Callable[[Any], bool] = lambda _: True
    ) -> Iterator[Model | Doubtful | Open]:
        """The same, for each statement of `wider` by itself: what breaks it, or that this stays open.

        That nothing comes is the proof. A statement is a part of what `wider` says about one kind of value at the top.
        Where a document is not confirmed, a few others are offered.
        """
        self._budget.restart()
        try:
            yield from self._refutations(wider, confirms)
        except BudgetSpent:
            yield Open(f"the proof takes more than {self._budget.steps_max} steps")
        except RecursionError:
            yield Open("the schemas are nested too deep for a proof")
        except Unreadable as error:
            yield Open(str(error))

    def _refutations(self, wider: Which, confirms: Callable[[Any], bool]) -> Iterator[Model | Doubtful | Open]:
        if not self._read:
            self._read_both()
        formulas = self._formulas
        refused = formulas.cases_not(self._read[wider])
        accepted = self._read["second" if wider == "first" else "first"]
        search = Search(formulas, self._budget)
        for kind in Kind:
            breaking, rest = refused.formulas[kind], accepted.formulas[kind]
            assured = frozenset(parts_of(rest))
            near = Neighbours(assured)
            for part in breaking.parts if isinstance(breaking, Either) else (breaking,):
                if part is FALSE or rest is FALSE or formulas.negate(part) in assured:
                    continue
                if isinstance(search.value(kind, formulas.all_of([part, *near.of(part)])), NoModel):
                    continue
                outcome = self._shown(search, kind, formulas.all_of([rest, part]), confirms)
                if not isinstance(outcome, NoModel):
                    yield outcome

    def _shown(
        self, search: Search, kind: Kind, formula: Formula, confirms: Callable[[Any], bool]
    ) -> Outcome | Doubtful:
        """A value that is confirmed, among the first that there are."""
        doubtful: Doubtful | None = None
        for _ in range(DOCUMENTS_MAX):
            outcome = search.value(kind, formula)
            if not isinstance(outcome, Model):
                return doubtful or outcome
            if confirms(outcome.value):
                return outcome
            doubtful = doubtful or Doubtful(outcome.value)
            other = self._formulas.cases_not(constant(self._formulas, outcome.value)).formulas[kind]
            formula = self._formulas.all_of([formula, other])
        return doubtful or NoModel()

    def _read_both(self) -> None:
        sides: tuple[Which, Which] = ("first", "second")
        for which, document in zip(sides, self._documents, strict=True):
            self._read[which] = Reading(document, self._formulas, label=partial(self._label, which)).whole()

    def _label(self, which: Which, reference: str) -> str:
        return f"{'both' if reference in self._both else which}:{reference}"
