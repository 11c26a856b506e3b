"""What runs in a group: a program without files of its own."""

from pathlib import Path
from typing import Any

from domed.executors.port import Invocation
from packages.domed.tests.executors.conformance import fresh_job_id, limits


def invocation(tmp_path: Path, *argv: str, **limit: Any) -> Invocation:
    return Invocation(
        job_id=fresh_job_id(),
        argv=argv,
        payload=b"",
        environment={"PATH": "/usr/bin:/bin"},
        working_directory=None,
        scratch=tmp_path,
        limits=limits(**limit),
    )
