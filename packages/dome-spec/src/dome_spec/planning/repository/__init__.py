"""What a repository is, as far as plans depend on it: read from one commit, and nothing of it executed."""

from dome_spec.planning.repository.facts import Language, RepositoryFacts, facts_of
from dome_spec.planning.repository.look import Head, head_of, look
from dome_spec.planning.repository.suites import Suite

__all__ = ["Head", "Language", "RepositoryFacts", "Suite", "facts_of", "head_of", "look"]
