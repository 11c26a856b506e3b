"""The registries of `contracts/`, and the families, modules and files that they may name. Judges nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ci.gates.reading import json_at, yaml_at
from ci.gates.sources import PRODUCTION

FAMILIES: Final = "contracts/families.yaml"
DELTAS: Final = "contracts/deltas.yaml"
CORRELATION: Final = "contracts/correlation.yaml"
MAPPINGS: Final = "contracts/mappings.yaml"
SCHEMAS: Final = "contracts/jsonschema"
SHARED: Final = "shared"


def load(tree: Path, path: str) -> Any:
    """A registry as plain values."""
    return yaml_at(tree, path)


def schema_families(tree: Path) -> Iterator[tuple[Path, str]]:
    """Path and name of each schema family."""
    folder = tree / SCHEMAS
    for path in sorted(folder.rglob("*.json")):
        name = family_name(path.relative_to(folder).as_posix())
        if not name.startswith(f"{SHARED}/"):
            yield path, name


def family_name(place: str) -> str:
    """`planning/v1/plan.json` is planning/plan; a later version has its number behind the name, as its module has."""
    context, version, family = place.removesuffix(".json").split("/")
    return f"{context}/{family}" if version == "v1" else f"{context}/{family}_{version}"


def exists(tree: Path, name: str) -> bool:
    """Whether a dotted module of ours, or a path of the repository, is there."""
    if "/" in name or not name.replace(".", "_").isidentifier():
        return (tree / name).exists()
    place = Path(*name.split("."))
    bases = [tree / place, *(tree / root / place for root in PRODUCTION)]
    return any(base.with_suffix(".py").is_file() or (base / "__init__.py").is_file() for base in bases)


def schema_place(tree: Path, place: str) -> Any:
    """What stands at `<family>#<JSON pointer>` in our schemas; None where nothing does."""
    family, _, pointer = place.partition("#")
    context, _, name = family.partition("/")
    path = tree / SCHEMAS / context / "v1" / f"{name}.json"
    if not path.is_file():
        return None
    found: Any = json_at(tree, path)
    for part in pointer.split("/")[1:]:
        if not isinstance(found, dict) or part not in found:
            return None
        found = found[part]
    return found
