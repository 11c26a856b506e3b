"""Whether a file that people write has the shape of its family."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import jsonschema_rs

from ci.gates.finding import Finding
from ci.gates.reading import json_at

SCHEMAS: Final = "contracts/jsonschema"
SHARED: Final = "shared/v1/definitions.json"


def refusals(tree: Path, family: str, path: str, content: Any) -> Iterator[Finding]:
    """Each place of the file that the schema of its family refuses. The schema may refer to shared definitions."""
    context, name = family.split("/")
    schema, shared = (json_at(tree, f"{SCHEMAS}/{place}") for place in (f"{context}/v1/{name}.json", SHARED))
    registry = jsonschema_rs.Registry([(shared["$id"], shared)])
    validator = jsonschema_rs.validator_for(schema, registry=registry, validate_formats=True)
    for error in validator.iter_errors(content):
        pointer = "/".join(map(str, error.instance_path))
        yield Finding(f"{path}#/{pointer}", error.message, f"Mend it; the schema is that of {family}.")
