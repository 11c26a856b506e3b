"""Patterns of the files that several gates watch."""

from typing import Final

PYTHON: Final = ("*.py", "pyproject.toml")
SOURCE: Final = ("packages/*/src/*", "generated/src/*", "pyproject.toml")
PROTO: Final = ("contracts/proto/*", "buf.yaml", "contracts/baseline/*.binpb")
SCHEMA: Final = ("contracts/jsonschema/*",)
LOCK: Final = ("requirements/*", "*/pyproject.toml", "pyproject.toml")
