# @generated from contracts/jsonschema. Do not edit: change the source, then run `just gen`.
"""Which schema documents this distribution holds. Read it through `documents`."""

ROWS: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "runtime",
        "v1",
        "run_manifest",
        "https://dome.dev/schemas/runtime/v1/run_manifest.json",
        "sha256:c8ab0d5290f7da636501b48a61e303b08f2c2d5c206290c83813ff282ee7b31c",
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
        "sha256:04eb56ec77dfb386dc4e80033cf1ed8b60102b4f5691ef3dd992309bb589762c",
    ),
    (
        "shared",
        "v1",
        "definitions",
        "https://dome.dev/schemas/shared/v1/definitions.json",
        "sha256:3cc3bf88d872c7b2cef87a83345cb2425b83ac038be79e3ec929daa183b800e3",
    ),
)
