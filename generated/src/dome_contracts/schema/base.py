# @generated from ci/gen/support/schema/base.py. Do not edit: change the source, then run `just gen`.
"""The base of all document models: closed, frozen and strict, read from JSON and written back as it was given.

A model is looser than its schema (uniqueness, dependent fields): validate what comes from outside
against the schema first, then build the model.
"""

import json
from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Contract(BaseModel):
    """A document of one family."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @classmethod
    def from_json(cls, text: bytes | str) -> Self:
        """Read one JSON document. Raises `pydantic.ValidationError` for a document of another shape."""
        return cls.model_validate_json(text)

    @classmethod
    def from_value(cls, value: Mapping[str, Any]) -> Self:
        """Read a document that is parsed already, from YAML or TOML for instance, by the rules for JSON."""
        return cls.model_validate_json(json.dumps(value, allow_nan=False))

    def to_value(self) -> dict[str, Any]:
        """The document as JSON values, with the fields that were given and no others."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def to_json(self) -> bytes:
        """The document as JSON, with the fields that were given and no others. Not canonical: see `canonical`."""
        return self.model_dump_json(by_alias=True, exclude_unset=True).encode()
