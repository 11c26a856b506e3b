"""What is looked for before anything is changed: the things that the packet names, and what failing tests speak of."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dome_contracts.schema.planning.packet import Packet
from dome_contracts.schema.planning.plan import Layer
from dome_contracts.schema.shared.definitions import ActionKind, Target, TargetKind
from dome_spec.planning.compose.material import Material
from dome_spec.planning.compose.primitives import Primitive, requirement
from dome_spec.planning.repository.languages import globs_of
from dome_spec.planning.skills import SEARCH

SUBJECTS_MAX: Final = 8
"""Most things named by a packet that are looked for."""
MATCHES_MAX: Final = 500
GLOBS_MAX: Final = 32
_QUOTED: Final = re.compile(r"`([^`\n]{2,120})`")
_WORD: Final = re.compile(r"[^\W\d_][\w-]{4,}")
_WORDS_MAX: Final = 6
_WORD_CHARACTERS_MIN: Final = 3
_TEST_NAME: Final = re.compile(r"^(?:test_)?(.+?)(?:_test)?$")
_ACTIONS: Final = {Layer.OBSERVE: ActionKind.OBSERVE, Layer.VERIFY: ActionKind.VALIDATE}
_ALSO_TESTS: Final = frozenset({"tests", "test", "conftest", "__init__"})


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that the packet names in backquotes, and where."""

    text: str
    place: str


def subjects(packet: Packet) -> tuple[Subject, ...]:
    """What the packet names, each once, in the order of its places."""
    found: dict[str, Subject] = {}
    for place, text in _texts(packet):
        for name in _QUOTED.findall(text):
            found.setdefault(name.strip(), Subject(name.strip(), place))
    return tuple(each for each in found.values() if each.text)[:SUBJECTS_MAX]


def _texts(packet: Packet) -> Iterator[tuple[str, str]]:
    yield "the goal", packet.goal
    yield "the plan card", packet.plan_card.why
    yield "the plan card", packet.plan_card.what
    for criterion in packet.criteria:
        yield criterion.criterion_id, criterion.statement


def naming(subject: Subject, material: Material) -> Primitive | None:
    """A search for a thing that is named. None for a path that the commit does not have: it is yet to be made."""
    is_path = "/" in subject.text.strip("/") or material.repository.holds(subject.text)
    if is_path and not material.repository.holds(subject.text):
        return None
    sought = _told_by(subject.text) if is_path else subject.text
    return _search(
        name=f"diagnose/name:{subject.text}",
        target=Target(kind=TargetKind.PATH if is_path else TargetKind.COMPONENT, id=subject.text),
        goal=f"It is known where `{sought}` is mentioned.",
        tool_input={"pattern": sought, "dialect": "fixed", "whole_words": _is_word(sought), **_globs(material)},
        because=f"`{subject.text}` is named by {subject.place}.",
    )


def _told_by(path: str) -> str:
    """The word by which others speak of a file or folder: its name without its end, if that says enough."""
    name = path.rstrip("/").rpartition("/")[2]
    stem = name.rpartition(".")[0] or name
    return stem if len(stem) >= _WORD_CHARACTERS_MIN else name


def _is_word(text: str) -> bool:
    """Whether it begins and ends like a word, so that parts of longer words are others."""
    return text[0].isalnum() and text[-1].isalnum()


def failing(target: Target, failure_reason_code: str, material: Material) -> Primitive | None:
    """A search for what a failing test is about. None where its name does not say."""
    if target.kind not in (TargetKind.TEST, TargetKind.PATH):
        return None
    path, _, node = target.id.partition("::")
    stem = _TEST_NAME.sub(r"\1", path.rpartition("/")[2].rpartition(".")[0])
    function = node.rpartition("::")[2].partition("[")[0]
    words = [each for each in (stem, function) if each and each not in _ALSO_TESTS]
    if not words:
        return None
    return _search(
        name=f"diagnose/failure:{target.kind.value}:{target.id}",
        target=target,
        goal=f"It is known where {' and '.join(f'`{each}`' for each in words)} stand, which `{target.id}` is about.",
        tool_input={"pattern": "\n".join(words), "dialect": "fixed", "whole_words": True, **_globs(material)},
        because=f"`{target.id}` is known to fail ({failure_reason_code}).",
    )


def outline(material: Material) -> Primitive | None:
    """What the documents hold that the change may touch. None where it touches none."""
    documents = set(material.repository.documents)
    touched = [path for path in material.touchable if path in documents]
    if not touched or len(touched) != len(material.touchable):
        return None
    languages = material.repository.languages_of(touched)
    return _search(
        name="observe/outline",
        target=Target(kind=TargetKind.COMPONENT, id="documents"),
        goal="It is known which headings the documents have before anything is changed.",
        tool_input={"pattern": "^(#+ |=+ |[=~-]{4,}$)", "globs": globs_of(languages), "matches_max": MATCHES_MAX},
        because=f"The change is about documents alone ({len(touched)} of them).",
        layer=Layer.OBSERVE,
    )


def about(statement: str, criterion_id: str, layer: Layer, material: Material) -> Primitive:
    """A search for the words of a criterion, for a layer that the strategies ask of every criterion."""
    words = list(dict.fromkeys(_WORD.findall(statement)))[:_WORDS_MAX] or [statement[:80]]
    return _search(
        name=f"{layer.value}/criterion:{criterion_id}",
        target=Target(kind=TargetKind.COMPONENT, id=criterion_id),
        goal=f"It is known where the words of {criterion_id} stand: {', '.join(words)}.",
        tool_input={"pattern": "\n".join(words), "dialect": "fixed", "ignore_case": True, **_globs(material)},
        because=f"The strategies ask for the layer `{layer.value}` for every criterion.",
        layer=layer,
    )


def _search(
    *,
    name: str,
    target: Target,
    goal: str,
    tool_input: dict[str, Any],
    because: str,
    layer: Layer = Layer.DIAGNOSE,
) -> Primitive:
    return Primitive(
        name=name,
        layer=layer,
        target=target,
        action=_ACTIONS.get(layer, ActionKind.DIAGNOSE),
        goal=goal,
        skill=requirement(SEARCH),
        tool_input=tool_input,
        because=(because,),
    )


def _globs(material: Material) -> dict[str, Any]:
    """Where to look: in files of the languages that the change may touch."""
    globs: Sequence[str] = globs_of(material.repository.languages_of(material.touchable))
    return {"globs": list(globs[:GLOBS_MAX]), "matches_max": MATCHES_MAX} if globs else {"matches_max": MATCHES_MAX}
