"""All gates, in the order in which they are reported. Runs none."""

from typing import Final

from ci.gates import (
    adr,
    agreement,
    codegen,
    docs,
    duplication,
    examples,
    exports,
    families,
    layers,
    licences,
    locks,
    manifests,
    mirror,
    planes,
    proto,
    reasons,
    schema,
    schema_rules,
    size,
    strict_types,
    style,
    thin,
    words,
)  # fmt: skip
from ci.gates.gate import Gate

PYTHON: Final = ("*.py", "pyproject.toml")
SOURCE: Final = ("packages/*/src/*", "generated/src/*", "pyproject.toml")
PROTO: Final = ("contracts/proto/*", "buf.yaml", "contracts/baseline/*")
SCHEMA: Final = ("contracts/jsonschema/*",)
LOCK: Final = ("requirements/*", "*/pyproject.toml", "pyproject.toml")


GATES: Final = (
    Gate("proto-lint", proto.lint, PROTO),
    Gate("proto-format", proto.form, PROTO),
    Gate("proto-breaking", proto.breaking, PROTO),
    Gate("proto-rules", proto.house_rules, PROTO),
    Gate("schema-metaschema", schema.metaschema, SCHEMA),
    Gate("schema-lint", schema.lint, SCHEMA),
    Gate("schema-rules", schema_rules.check, SCHEMA),
    Gate("schema-format", schema.form, SCHEMA),
    Gate("examples", examples.check, ("contracts/jsonschema/*", "contracts/examples/*")),
    Gate("manifests", manifests.check, ("packages/domed/src/domed/tools/*", "contracts/jsonschema/*")),
    Gate("codegen-drift", codegen.check, ("contracts/*", "generated/*", "ci/gen/*", "buf.gen.yaml"), quick=False),
    Gate("families", families.check, ("contracts/*",)),
    Gate("reasons", reasons.check, ("contracts/*",)),
    Gate("layers", layers.check, SOURCE),
    Gate("planes", planes.check, SOURCE),
    Gate("thin-client", thin.check, (*SOURCE, *LOCK)),
    Gate("lint", style.lint, PYTHON),
    Gate("format", style.form, PYTHON),
    Gate("types", strict_types.check, PYTHON, quick=False),
    Gate("agreement", agreement.check, (*SOURCE, *PROTO)),
    Gate("words", words.check, PYTHON),
    Gate("size", size.check, PYTHON),
    Gate("mirror", mirror.check, PYTHON),
    Gate("exports", exports.check, PYTHON),
    Gate("duplication", duplication.check, PYTHON),
    Gate("adr", adr.check, ("docs/adr/*",)),
    Gate("docs", docs.current, ("docs/reference/*", "contracts/*", "generated/*", "packages/*/src/*"), quick=False),
    Gate("links", docs.links, ("*.md",)),
    Gate("locks", locks.check, LOCK),
    Gate("licences", licences.check, LOCK),
)
