"""The digest of a catalog entry: what a pin, an approval and a record name.

The digest of a tool is the `sha256:` digest of the canonical JSON (RFC 8785) of

    {
      "manifest": the parsed tool.yaml,
      "input_schema": sha256 of the schema's canonical JSON,
      "output_schema": sha256 of the schema's canonical JSON,
      "files": {path inside the tool's folder: sha256 of the bytes}
    }

`files` are all files of the tool's folder, because its program may load any of them, with every byte of the manifest
and the schemas. Compiled files of Python are among them, because one that is started with `-I` or `-E` runs what it
finds in `__pycache__`, whatever the daemon tells it; only those of built-in tools are left out, which come and go with
the daemon. Links are resolved; one that leads outside the folder rejects the tool. Where the folder lies is not part of
it, and neither is what a program loads from other places.

The digest of a document is that of the canonical JSON of {"document": sha256 of the bytes of SKILL.md}.
"""

from collections.abc import Mapping
from typing import Any

from dome_contracts.canonical import digest, digest_bytes
from domed.catalog.payload_schema import PayloadSchema


def tool_digest(
    manifest: Mapping[str, Any], *, inputs: PayloadSchema, outputs: PayloadSchema, files: Mapping[str, str]
) -> str:
    """The digest of a tool. Raises NotCanonical for a manifest without a canonical form."""
    return digest(
        {
            "manifest": manifest,
            "input_schema": digest_bytes(inputs.canonical),
            "output_schema": digest_bytes(outputs.canonical),
            "files": dict(files),
        }
    )


def document_digest(text: bytes) -> str:
    """The digest of a document."""
    return digest({"document": digest_bytes(text)})
