"""Gates on `contracts/jsonschema` that a ready tool answers: metaschema, general lint, format (by sourcemeta)."""

import json
from pathlib import Path
from typing import Final

from ci.gates.finding import Finding, GateFailed
from ci.gates.program import ask, python
from ci.gates.reading import all_json
from ci.gates.schema_keywords import without_effect

FOLDER: Final = "contracts/jsonschema"
TOOL: Final = python("-m", "sourcemeta_jsonschema")
# Rules that contradict the house: descriptions are sentences, examples lie in files, shared definitions are used
# from other files, references are resolved by generation, and a choice of one may grow.
NOT_OURS: Final = (
    *("--exclude", "description_trailing_period", "--exclude", "top_level_examples"),
    *("--exclude", "orphan_definitions", "--exclude", "invalid_external_ref"),
    *("--exclude", "unknown_keywords_prefix", "--exclude", "enum_with_type", "--exclude", "enum_to_const"),
)


def metaschema(tree: Path) -> list[Finding]:
    """Documents that are no JSON Schema 2020-12."""
    all_json(tree, FOLDER)
    answer = ask([*TOOL, "metaschema", FOLDER], tree)
    if answer.code == 0:
        return []
    failed = [line.removeprefix("fail: ") for line in answer.err.splitlines() if line.startswith("fail: ")]
    if not failed:
        raise GateFailed(answer.err.partition("Traceback")[0].strip())
    detail = next((line.strip() for line in answer.err.splitlines() if "at instance location" in line), "")
    what = f"not a valid JSON Schema 2020-12 ({detail})" if detail else "not a valid JSON Schema 2020-12"
    return [Finding(_inside(tree, path), what, "Mend the keyword.") for path in failed]


def lint(tree: Path) -> list[Finding]:
    """Keywords without effect, and other faults of a schema that its metaschema allows."""
    all_json(tree, FOLDER)
    answer = ask([*TOOL, "lint", "--json", *NOT_OURS, FOLDER], tree)
    try:
        report = json.loads(answer.out)
    except json.JSONDecodeError as error:
        raise GateFailed(answer.err.partition("Traceback")[0].strip()) from error
    found = [
        Finding(
            f"{_inside(tree, row['path'])}:{row['position'][0]}",
            f"{row['message']} ({row['id']})",
            "Mend the schema.",
        )
        for row in report["errors"]
    ]
    told = {each.place for each in found}
    return [*found, *(each for each in without_effect(tree, FOLDER) if each.place not in told)]


def form(tree: Path) -> list[Finding]:
    """Schemas that the formatter would write otherwise."""
    all_json(tree, FOLDER)
    answer = ask([*TOOL, "fmt", "--check", "--keep-ordering", FOLDER], tree)
    if answer.code == 0:
        return []
    lines = (answer.out + "\n" + answer.err).splitlines()
    failed = sorted({line.removeprefix("fail: ") for line in lines if line.startswith("fail: ")})
    if not failed:
        raise GateFailed(answer.err.partition("Traceback")[0].strip())
    return [Finding(_inside(tree, path), "not formatted", "Run `./just fix`.") for path in failed]


def _inside(tree: Path, path: str) -> str:
    return (tree / path).resolve().relative_to(tree.resolve()).as_posix()
