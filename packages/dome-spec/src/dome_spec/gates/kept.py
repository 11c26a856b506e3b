"""What was judged in one run, in a directory of its own: each answer once, under the name of its question.

A file is there as a whole or not at all, and is never changed. It holds documents, one a line, as ingestion takes them.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from dome_contracts.canonical import PREFIX, canonical_bytes, digest, digest_bytes
from dome_contracts.schema.base import Contract
from dome_contracts.schema.gates.gate_decision import GateDecision
from dome_contracts.schema.gates.guardrails_bundle import GuardrailsBundle
from dome_contracts.schema.gates.promotion_decision import PromotionDecision
from dome_contracts.schema.knowledge.fact import Fact
from dome_contracts.schema.knowledge.guard_evaluation import GuardEvaluation
from dome_contracts.schema.knowledge.transition_record import TransitionRecord
from dome_contracts.schema.knowledge.wrapper_envelope import WrapperEnvelope
from dome_spec.gates.judgement import Judgement, source_of
from dome_spec.kernel import DocumentInvalid, Refusal, read_document
from dome_spec.kernel.durable import create_file, make_directory

T = TypeVar("T", bound=Contract)
FOLDER: Final = "gates"
_JUDGEMENTS: Final = "judgements"
_PROMOTIONS: Final = "promotions"
_OVERLAY: Final = "overlay.json"
_TELLS: Final[tuple[tuple[bytes, type[Contract]], ...]] = (
    (b'"guard_id":', GuardEvaluation),
    (b'"signal":', WrapperEnvelope),
    (b'"verdict":', GateDecision),
    (b'"attempt_time":', TransitionRecord),
)
"""A member that only documents of one family have, of those that a judgement holds."""


class JudgementDamaged(Refusal):
    """What is kept of a judgement cannot be read."""

    code = "JUDGEMENT_DAMAGED"


class OverlayDiffers(Refusal):
    """The run has another overlay."""

    code = "OVERLAY_DIFFERS"


class GateRecord:
    """What was judged in one run."""

    def __init__(self, run_directory: Path) -> None:
        self._directory = run_directory / FOLDER

    def keep(self, name: str, judgement: Judgement) -> Judgement:
        """Keep the answer to a question, and give it back; or the one that was kept first."""
        path = self._path(_JUDGEMENTS, name, "jsonl")
        make_directory(path.parent)
        lines = b"".join(canonical_bytes(each.to_value()) + b"\n" for each in judgement.documents())
        return judgement if create_file(path, lines) else self._read(path)

    def kept(self, name: str) -> Judgement | None:
        """The answer to a question; None where it was not asked. Raises JudgementDamaged."""
        path = self._path(_JUDGEMENTS, name, "jsonl")
        return self._read(path) if path.is_file() else None

    def judgements(self) -> tuple[Judgement, ...]:
        """Every answer, by the name of its question. Raises JudgementDamaged."""
        return tuple(map(self._read, self._judged()))

    def facts(self, repository_id: str, is_known: Callable[[str], bool] = lambda _: False) -> Iterator[Fact]:
        """Everything that was judged, as facts. Raises JudgementDamaged.

        A judgement whose transition is known by the name of its fact is left out: its facts are kept together.
        """
        for path in self._judged():
            if not is_known(_transition_fact(path.read_bytes())):
                yield from self._read(path).facts(repository_id)

    def keep_promotion(self, name: str, decision: PromotionDecision) -> PromotionDecision:
        """Keep the decision on a promotion, and give it back; or the one that was kept first."""
        path = self._path(_PROMOTIONS, name, "json")
        make_directory(path.parent)
        if create_file(path, canonical_bytes(decision.to_value())):
            return decision
        return self._document(PromotionDecision, path, path.read_bytes())

    def promotions(self) -> tuple[PromotionDecision, ...]:
        """Every decision on a promotion, by the name of its question. Raises JudgementDamaged."""
        paths = sorted((self._directory / _PROMOTIONS).glob("[0-9a-f]*.json"))
        return tuple(self._document(PromotionDecision, path, path.read_bytes()) for path in paths)

    def overlay(self, given: GuardrailsBundle | None = None) -> GuardrailsBundle | None:
        """What the run adds to the guardrails; what is given is kept for all of the run. Raises OverlayDiffers."""
        path = self._directory / _OVERLAY
        if given is not None:
            make_directory(path.parent)
            create_file(path, canonical_bytes(given.to_value()))
        if not path.is_file():
            return None
        kept = self._document(GuardrailsBundle, path, path.read_bytes())
        if given is not None and digest(given.to_value()) != digest(kept.to_value()):
            raise OverlayDiffers(
                f"The run has the overlay {kept.bundle_id} {kept.version} already",
                why="an overlay holds for all of a run, so that its decisions compare",
                hint="Leave --overlay out, or begin another run",
            )
        return kept

    def _judged(self) -> list[Path]:
        return sorted((self._directory / _JUDGEMENTS).glob("[0-9a-f]*.jsonl"))

    def _read(self, path: Path) -> Judgement:
        documents = [self._document(_family(line), path, line) for line in path.read_bytes().splitlines()]
        records = [each for each in documents if isinstance(each, TransitionRecord)]
        if len(records) != 1:
            raise JudgementDamaged(f"{path} holds {len(records)} records of a transition, and not one")
        return Judgement(
            tuple(each for each in documents if isinstance(each, GuardEvaluation)),
            records[0],
            next((each for each in documents if isinstance(each, GateDecision)), None),
            next((each for each in documents if isinstance(each, WrapperEnvelope)), None),
        )

    def _document(self, model: type[T], path: Path, data: bytes) -> T:
        try:
            return read_document(model, data)
        except DocumentInvalid as error:
            raise JudgementDamaged(f"{path} cannot be read", why=str(error), hint="Put it back") from error

    def _path(self, folder: str, name: str, suffix: str) -> Path:
        return self._directory / folder / f"{name.removeprefix(PREFIX)}.{suffix}"


def _family(line: bytes) -> type[Contract]:
    return next((model for mark, model in _TELLS if mark in line), TransitionRecord)


def _transition_fact(data: bytes) -> str:
    """The name of the fact of the transition, from the canonical bytes of its line; empty where there is none."""
    line = next((each for each in data.splitlines() if _family(each) is TransitionRecord), b"")
    source = source_of(TransitionRecord, digest_bytes(line))
    return digest({"source": source.to_value(), "kind": "transition"})
