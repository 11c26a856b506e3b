"""The official conformance suite as a program: what it finds of a server, check by check."""

import asyncio
import json
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ci import node

FAILING = frozenset({"FAILURE", "WARNING"})
"""A warning is a SHOULD that does not hold. Both are expected by name, or a surprise."""
STAMP = re.compile(r"^server-(.+)-\d{4}-\d\d-\d\dT[-\dZ]+$")
TIMEOUT_S = 45.0
Checks = dict[str, set[str]]
"""The failing checks of each scenario that ran."""


def programs() -> node.Node:
    """Node and its packages. Without them a test is skipped, and says how to get them."""
    found = node.find()
    if found is None:
        pytest.skip(f"node or its packages are missing: {node.REMEDY}")
    return found


class OfficialSuite:
    """The suite, and the scenarios that it has for each revision."""

    def __init__(self, found: node.Node) -> None:
        self._folder = found.modules / "@modelcontextprotocol" / "conformance"
        self._compiled = found.modules.parent / "compiled"
        self._argv = (str(found.program), str(self._folder / "dist" / "index.js"), "server")

    def scenarios(self, revision: str) -> set[str]:
        """Of servers, those that count and those that do not."""
        required = yaml.safe_load((self._folder / "requirements" / f"{revision}.yaml").read_text())
        others = {each["scenario"] for each in required["not_scored"] if each["leg"] == "server"}
        return {*required["server"]} | others

    async def run(self, url: str, revision: str, scenarios: Iterable[str], *, at_a_time: int = 1) -> Checks:
        """What these scenarios find, spoken in the version of the revision."""
        places = asyncio.Semaphore(at_a_time)
        with tempfile.TemporaryDirectory(prefix="dome-mcp-suite-") as name:

            async def one(scenario: str) -> None:
                async with places:
                    await self._start(url, Path(name), "--scenario", scenario, "--spec-version", revision, "--force")

            async with asyncio.TaskGroup() as tasks:
                for scenario in scenarios:
                    tasks.create_task(one(scenario))
            return _found(Path(name))

    async def _start(self, url: str, folder: Path, *words: str) -> None:
        """Its exit code says that some check failed. Which ones, and that it came so far, the files say."""
        process = await asyncio.create_subprocess_exec(
            *(*self._argv, "--url", url, "--output-dir", str(folder), *words),
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "NODE_COMPILE_CACHE": str(self._compiled)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def _found(folder: Path) -> Checks:
    found: Checks = {}
    for path in sorted(folder.glob("*/checks.json")):
        stamped = STAMP.match(path.parent.name)
        assert stamped is not None, path
        checks: list[dict[str, Any]] = json.loads(path.read_text())
        found[stamped[1]] = {each["id"] for each in checks if each["status"] in FAILING}
    return found
