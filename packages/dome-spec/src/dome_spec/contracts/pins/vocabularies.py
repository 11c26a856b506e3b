"""The words of a bundle in ours: whether every word of both sides has its answer. Reads values, no files."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from dome_contracts.schema.control.pin import Pin, PinVocabulary
from dome_spec.contracts.pins.errors import PinFault
from dome_spec.kernel.json_pointer import names

_KEEP: Final = "Write in the vocabulary of the pin what it is."


class NoWords(Exception):
    """There is no list of words in the place. The message says why."""


def vocabulary(pin: Pin, name: str) -> PinVocabulary:
    """The vocabulary of this name. Raises KeyError."""
    for each in pin.vocabularies or ():
        if each.name == name:
            return each
    raise KeyError(name)


def words_at(document: Any, pointer: str) -> list[str]:
    """The list of words at a place of a document. Raises NoWords."""
    value = document
    for name in names(pointer):
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            raise NoWords(f"{pointer} leads nowhere")
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        raise NoWords(f"{pointer} is no list of words")
    return [str(each) for each in value]


def vocabulary_faults(
    of: PinVocabulary, *, pinned: Callable[[str], Any], ours: Callable[[str], Any]
) -> Iterator[PinFault]:
    """Words without an answer, and answers that are no words; `pinned` and `ours` give a member and a family.

    They raise NoWords for one that does not exist.
    """
    place = f"#vocabularies/{of.name}"
    their_words, our_words = _Words(place), _Words(place)
    if of.pinned is not None:
        their_words.read(lambda: pinned(str(of.pinned.member)) if of.pinned else None, of.pinned.pointer)
    if of.ours is not None:
        our_words.read(lambda: ours(str(of.ours.family)) if of.ours else None, of.ours.pointer)
    yield from (*their_words.faults, *our_words.faults)
    yield from _direction(place, of.to_ours, of=their_words.words, into=our_words.words)
    if of.from_ours is not None:
        yield from _direction(place, of.from_ours, of=our_words.words, into=their_words.words)


class _Words:
    """A list of words; None where the side is open, or where the list could not be read."""

    def __init__(self, place: str) -> None:
        self.words: list[str] | None = None
        self.faults: list[PinFault] = []
        self._place = place

    def read(self, document: Callable[[], Any], pointer: str) -> None:
        try:
            self.words = words_at(document(), pointer)
        except NoWords as error:
            self.faults.append(PinFault(self._place, str(error), "Name the list of words that is meant."))


def _direction(
    place: str, words: Mapping[str, str], *, of: list[str] | None, into: list[str] | None
) -> Iterator[PinFault]:
    for word in sorted(set(of or ()) - words.keys()):
        yield PinFault(place, f"{word} has no answer", _KEEP)
    for word in sorted(words.keys() - set(of)) if of is not None else ():
        yield PinFault(place, f"{word} is not in the list that it is said to be of", "Take it out.")
    for word, answer in sorted(words.items()):
        if into is not None and answer not in into:
            yield PinFault(place, f"{word} is {answer}, which is no word of the other side", _KEEP)
