"""A small repository of contracts, whose baseline tests move."""

import json
from pathlib import Path
from typing import Any

import pytest

from dome_spec.contracts.baseline import (
    Asked,
    Plan,
    bless,
    prepare,
)
from dome_spec.contracts.layout import Layout

REASONS = """\
rpc_errors:
  - {reason: NOT_FOUND, grpc: NOT_FOUND, meaning: gone}
failure_reasons:
  - {code: TESTS.FAILED, class: tests}
policy_reasons:
  - {code: GUARD.DENIED, class: guard}
"""

CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Things.\n\n## [0.0.1]\n\n- Older.\n"


class Contracts:
    """A small repository of contracts."""

    def __init__(self, root: Path) -> None:
        self.layout = Layout(root)
        self.root = root
        for family, tier in (("order", "stable"), ("event", "experimental"), ("draft", "internal")):
            self.schema(family, tier)
        self.write("contracts/reasons.yaml", REASONS)
        self.write("CHANGELOG.md", CHANGELOG)
        self.write("docs/adr/0012-break.md", "# 0012\n")

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def schema(self, family: str, tier: str, **rest: Any) -> None:
        document = {
            "$id": f"https://x/shop/v1/{family}.json",
            "x-dome-tier": tier,
            "x-dome-intent": "resource_spec",
            "type": "object",
            "properties": {"code": {"$ref": "../../shared/v1/lib.json#/$defs/Code"}},
            **rest,
        }
        self.write(f"contracts/jsonschema/shop/v1/{family}.json", json.dumps(document, indent=2) + "\n")
        if not (self.root / "contracts/jsonschema/shared/v1/lib.json").exists():
            self.library("^[a-z]+$")

    def library(self, pattern: str) -> None:
        definitions = {"Code": {"type": "string", "pattern": pattern}, "Free": {"type": "string"}}
        document = {"$id": "https://x/shared/v1/lib.json", "$defs": definitions}
        self.write("contracts/jsonschema/shared/v1/lib.json", json.dumps(document) + "\n")

    def prepare(self, *families: str, **words: str) -> Plan:
        return prepare(self.layout, Asked(families=families, **words))

    def bless(self, *families: str, **words: str) -> None:
        asked = Asked(families=families, **words)
        bless(self.layout, prepare(self.layout, asked), asked)

    def tree(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def contracts(tmp_path: Path) -> Contracts:
    found = Contracts(tmp_path)
    found.bless(note="First baseline.")
    return found
