"""How alike schema families are, by name and by structure. Pure; says nothing of whether a likeness is wanted."""

from dome_spec.contracts.similarity.likeness import Likeness, Resemblance, likenesses, likenesses_between

__all__ = ["Likeness", "Resemblance", "likenesses", "likenesses_between"]
