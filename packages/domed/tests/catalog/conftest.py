"""Tool folders for tests of the catalog."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

MANIFEST: dict[str, Any] = {
    "manifest_version": "1",
    "tool_id": "demo.echo",
    "version": "1.2.3",
    "title": "Echo",
    "short_description": "Says what it was told.",
    "executor": {"backend": "local-process", "command": ["sh", "{tool}/run.sh"]},
    "input_schema": "input.json",
    "output_schema": "output.json",
    "hints": {"read_only": True, "destructive": False, "idempotent": True, "open_world": False},
    "effects": {"filesystem": "none", "network": "none", "starts_processes": False},
}
INPUT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["said"],
    "properties": {"said": {"type": "string", "maxLength": 5}, "a/b~c": {"type": "integer"}},
}
OUTPUT = {"type": "object"}

WriteTool = Callable[..., Path]


@pytest.fixture
def write_tool() -> WriteTool:
    """Writes a valid tool folder, with changes: `{"hints": None}` leaves out, `files` overwrites or adds files."""

    def write(folder: Path, changes: dict[str, Any] | None = None, files: dict[str, Any] | None = None) -> Path:
        manifest = copy.deepcopy(MANIFEST)
        for key, value in (changes or {}).items():
            if value is None:
                del manifest[key]
            else:
                manifest[key] = value
        content: dict[str, Any] = {
            "tool.yaml": yaml.safe_dump(manifest),
            "input.json": INPUT,
            "output.json": OUTPUT,
            "run.sh": "cat\n",
            **(files or {}),
        }
        for name, data in content.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(data, bytes):
                path.write_bytes(data)
            elif isinstance(data, str):
                path.write_text(data)
            elif data is not None:
                path.write_text(json.dumps(data))
        return folder

    return write
