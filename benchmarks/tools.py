"""Tools of the user's own for the daemon under test: how they are written and approved."""

import json
from pathlib import Path
from typing import Final

from benchmarks.daemon import Home, configure, serving

MANIFEST: Final = """\
manifest_version: "1"
tool_id: {tool_id}
version: 1.0.0
title: Tool {number} of a large catalog
short_description: Does nothing, like the {number} others, and says so in a sentence of the usual length.
executor:
  backend: local-process
  command: ["/bin/true"]
input_schema: input.json
output_schema: output.json
hints:
  read_only: true
  destructive: false
  idempotent: true
  open_world: false
effects:
  filesystem: none
  network: none
  starts_processes: false
"""
SCHEMA: Final = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Words",
    "description": "Words to do nothing with.",
    "type": "object",
    "additionalProperties": False,
    "properties": {"words": {"description": "Any.", "type": "array", "items": {"type": "string"}}},
}


def write_tools(root: Path, count: int) -> list[str]:
    """So many tool folders below a root; gives their ids."""
    ids = [f"bench.tool{number:05d}" for number in range(count)]
    for number, tool_id in enumerate(ids):
        folder = root / tool_id
        folder.mkdir()
        (folder / "tool.yaml").write_text(MANIFEST.format(tool_id=tool_id, number=number), encoding="utf-8")
        for name in ("input.json", "output.json"):
            (folder / name).write_text(json.dumps(SCHEMA), encoding="utf-8")
    return ids


async def approve(home: Home) -> None:
    """Let the tools of a home run: their digests are asked of a daemon there and put into its configuration."""
    with serving(home) as daemon:
        async with daemon.client() as client:
            listed = await client.tools()
    configure(home, trusted=[tool.tool_digest for tool in listed.tools])
