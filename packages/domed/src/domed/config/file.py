"""The configuration file: found, read, checked against its schema."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import jsonschema_rs

from dome_contracts import documents
from dome_contracts.schema.runtime.runtime_config import RuntimeConfig
from domed.config.fault import ConfigError
from domed.config.places import base, user_path

CONFIG_NAME: Final = "domed.toml"


def read(environ: Mapping[str, str], named: Path | None, home: Path) -> tuple[RuntimeConfig, Path | None]:
    """The configuration file, and where it is. One that nobody named need not exist. Raises ConfigError."""
    explicit = named or user_path(environ.get("DOMED_CONFIG"), home)
    path = explicit or base(environ, "XDG_CONFIG_HOME", home / ".config") / "dome" / CONFIG_NAME
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        if explicit is None:
            return RuntimeConfig(), None
        raise ConfigError(f"{path}: there is no such file; write it or do not name it") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    return parse(text, source=str(path)), path


def parse(text: bytes, *, source: str) -> RuntimeConfig:
    """The document in TOML, checked against its schema. Raises ConfigError with a JSON pointer for each fault."""
    try:
        value = tomllib.loads(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{source}: is not UTF-8 at byte {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: is not TOML: {error}") from error
    try:
        faults = [f"{_pointer(fault.instance_path)}: {fault.message}" for fault in _validator().iter_errors(value)]
    except ValueError as error:  # a date, which JSON does not have
        raise ConfigError(f"{source}: {error}") from error
    if faults:
        raise ConfigError("\n".join(f"{source}: {fault}" for fault in sorted(faults)))
    return RuntimeConfig.from_value(value)


def _validator() -> Any:
    registry = jsonschema_rs.Registry(list(documents.registry("runtime")))
    return jsonschema_rs.Draft202012Validator(
        documents.schema("runtime", "runtime_config"), registry=registry, validate_formats=True
    )


def _pointer(path: Any) -> str:
    steps = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return "".join(f"/{step}" for step in steps) or "the whole file"


def warnings_of(path: Path | None) -> tuple[str, ...]:
    """Whoever can write the configuration can approve tools."""
    if path is None:
        return ()
    found = path.stat()
    if found.st_mode & 0o022 or found.st_uid not in {os.getuid(), 0}:
        return (f"{path} can be changed by others: run `chmod go-w {path}`",)
    return ()
