"""What codex is told beside its task. Pure.

Everything that decides what it may do is said outright, so that no configuration of a user widens it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

DEFAULTS: Final[Mapping[str, Any]] = {
    "workspace": ".",
    "sandbox": "read-only",
    "network": False,
    "additional_directories": [],
    "model": None,
    "configuration": "user",
    "answer_schema": None,
    "timeout_s": 3600,
}


def arguments(wanted: Mapping[str, Any], *, workspace: Path, message_file: Path, schema_file: Path) -> list[str]:
    """The words after the program. The task itself comes on standard input."""
    told = ["exec", "--json", "--color", "never", "--ephemeral", "--skip-git-repo-check"]
    told += ["--sandbox", wanted["sandbox"], "--cd", str(workspace), "--output-last-message", str(message_file)]
    settings = {
        "approval_policy": "never",
        "sandbox_workspace_write.network_access": wanted["network"],
        "sandbox_workspace_write.writable_roots": wanted["additional_directories"],
        # Everybody's: it has a directory for temporary files of its own, in TMPDIR.
        "sandbox_workspace_write.exclude_slash_tmp": True,
    }
    for name, value in settings.items():
        # What JSON and TOML write alike.
        told += ["--config", f"{name}={json.dumps(value)}"]
    told += ["--model", wanted["model"]] if wanted["model"] else []
    told += ["--ignore-user-config"] if wanted["configuration"] == "none" else []
    told += ["--output-schema", str(schema_file)] if wanted["answer_schema"] is not None else []
    return [*told, "-"]


def reaches_network(wanted: Mapping[str, Any]) -> bool:
    """Whether codex's shell does."""
    reaches: Mapping[str, bool] = {"danger-full-access": True, "workspace-write": wanted["network"]}
    return reaches.get(wanted["sandbox"], False)
