# @generated from contracts/jsonschema. Do not edit: change the source, then run `just gen`.
"""Which schema documents this distribution holds. Read it through `documents`."""

ROWS: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "runtime",
        "v1",
        "run_manifest",
        "https://dome.dev/schemas/runtime/v1/run_manifest.json",
        "sha256:c617b1b9d42731a690275dde21538c61643e7928f2100abec1b0fba2b00499d7",
    ),
    (
        "runtime",
        "v1",
        "runtime_config",
        "https://dome.dev/schemas/runtime/v1/runtime_config.json",
        "sha256:83f748fe197ba664dd108a71efa32d8a75c42b8673b4a3e158f6d0d7a249077f",
    ),
    (
        "runtime",
        "v1",
        "tool_manifest",
        "https://dome.dev/schemas/runtime/v1/tool_manifest.json",
        "sha256:27385f5cad8a2d266d9c67f5b61cd593135e2a0b444e26e3c5edcff93604cc50",
    ),
    (
        "shared",
        "v1",
        "definitions",
        "https://dome.dev/schemas/shared/v1/definitions.json",
        "sha256:4cbbc14026ea84b5a62060e8d2821af39ecaa83fa136f191ee757a35570e8dd3",
    ),
)
