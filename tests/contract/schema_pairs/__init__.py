"""Pairs of schemas and documents for them, from chance that is handed in: the matter of the soundness suite."""
