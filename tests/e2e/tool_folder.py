"""A tool folder as a user or a repository has one."""

import json
from pathlib import Path
from typing import Any

_MANIFEST: dict[str, Any] = {
    "manifest_version": "1",
    "version": "1.0.0",
    "title": "A tool of the tests",
    "short_description": "Does what a shell script says.",
    "executor": {"backend": "local-process", "command": ["/bin/sh", "{tool}/run.sh"]},
    "input_schema": "schema.json",
    "output_schema": "schema.json",
    "hints": {"read_only": True, "destructive": False, "idempotent": True, "open_world": False},
    "effects": {"filesystem": "read", "network": "none", "starts_processes": False},
    "locks": ["the-port"],
}


def write_tool(root: Path, tool_id: str, script: str, **manifest: Any) -> Path:
    """A tool that runs a shell script."""
    folder = root / tool_id
    folder.mkdir(parents=True)
    # Every JSON document is YAML.
    (folder / "tool.yaml").write_text(json.dumps(_MANIFEST | manifest | {"tool_id": tool_id}))
    (folder / "schema.json").write_text(json.dumps({"type": "object", "additionalProperties": False}))
    (folder / "run.sh").write_text(script)
    return folder
