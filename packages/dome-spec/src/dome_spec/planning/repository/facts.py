"""The facts of a repository at one commit: its languages, what tests it, its documents. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dome_spec.planning.repository.languages import DOCUMENTS, language_of
from dome_spec.planning.repository.suites import Suite, suites_of

Text = Callable[[str], str]
"""The text of a file of the commit; empty where it cannot be read."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language, and how many files are written in it."""

    name: str
    files_count: int


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """What plans depend on."""

    commit_id: str
    paths: tuple[str, ...]
    """Every file, in the order of the names."""
    languages: tuple[Language, ...]
    """The most used first."""
    suites: tuple[Suite, ...]
    """What tests the repository, by the names of the suites."""
    documents: tuple[str, ...]
    """Files of text for people."""

    def holds(self, path: str) -> bool:
        """Whether the commit has a file or a directory of this name."""
        below = f"{path.rstrip('/')}/"
        return any(each == path or each.startswith(below) for each in self.paths)

    def languages_of(self, paths: Sequence[str]) -> tuple[str, ...]:
        """The languages of these files, by name."""
        return tuple(sorted({found for each in paths if (found := language_of(each)) is not None}))


def facts_of(commit_id: str, paths: Iterable[str], text: Text) -> RepositoryFacts:
    """The facts. `text` is asked for the few files that say how a repository is tested.

    Names that no text can hold, or that no line can show, are left out: nothing is planned about them.
    """
    names = tuple(sorted(each for each in paths if each.isprintable()))
    counted = Counter(found for each in names if (found := language_of(each)) is not None)
    languages = tuple(
        Language(name, counted[name]) for name in sorted(counted, key=lambda name: (-counted[name], name))
    )
    documents = tuple(each for each in names if language_of(each) in DOCUMENTS)
    return RepositoryFacts(commit_id, names, languages, suites_of(names, text), documents)
