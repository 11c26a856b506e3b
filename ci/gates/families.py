"""The gate on the registry: each schema family and each service has its row, and each row its contract."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from ci.gates.finding import Finding

REGISTRY: Final = "contracts/families.yaml"
SHARED: Final = "shared"
PACKAGE: Final = re.compile(r"^package\s+([\w.]+)\s*;", re.MULTILINE)
DECLARATION: Final = re.compile(r"^(service|message|enum)\s+(\w+)", re.MULTILINE)


def check(tree: Path) -> list[Finding]:
    """Contracts without a row, rows without a contract."""
    rows = yaml.safe_load((tree / REGISTRY).read_text(encoding="utf-8"))["families"]
    return [*_missing(tree, {row["family"] for row in rows}), *_empty(tree, rows)]


def _missing(tree: Path, registered: set[str]) -> Iterator[Finding]:
    schemas = tree / "contracts/jsonschema"
    for path in sorted(schemas.rglob("*.json")):
        context, _, family = path.relative_to(schemas).with_suffix("").as_posix().split("/")
        if context != SHARED and f"{context}/{family}" not in registered:
            yield _row_missing(tree, path, f"{context}/{family}")
    for path in sorted((tree / "contracts/proto/dome").rglob("*.proto")):
        for kind, name in _declared(path):
            if kind == "service" and name not in registered:
                yield _row_missing(tree, path, name)


def _row_missing(tree: Path, path: Path, name: str) -> Finding:
    remedy = "Add its row: what it is for, who owns it, how stable it is, and why no earlier family serves."
    return Finding(path.relative_to(tree).as_posix(), f"{name} has no row in {REGISTRY}", remedy)


def _empty(tree: Path, rows: list[dict[str, Any]]) -> Iterator[Finding]:
    """Rows whose path or name does not lead to a contract."""
    for row in rows:
        name, path = row["family"], tree / "contracts" / row["path"]
        if not path.is_file():
            what = f"the path of {name} leads nowhere"
        elif row["form"] == "json_schema" and not _is_schema(row):
            what = f"the name {name} is not that of {row['path']}"
        elif row["form"] == "proto" and name not in {declared for _, declared in _declared(path)}:
            what = f"{row['path']} declares no {name}"
        else:
            continue
        yield Finding(REGISTRY, what, "Mend the row, or remove it with its contract.")


def _is_schema(row: dict[str, Any]) -> bool:
    parts = Path(row["path"]).with_suffix("").parts
    return str(row["family"]) == f"{parts[1]}/{parts[-1]}"


def _declared(path: Path) -> list[tuple[str, str]]:
    """Kind and full name of what a proto file declares at its top level."""
    text = path.read_text(encoding="utf-8")
    package = PACKAGE.search(text)
    prefix = f"{package[1]}." if package else ""
    return [(kind, prefix + name) for kind, name in DECLARATION.findall(text)]
