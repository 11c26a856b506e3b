"""Writes the reference pages of `docs/reference` from contracts and code: `python -m ci.docs [--check]`."""
