"""Decisions about a run, as pure functions of values: what happened, what follows, what is to be done."""
