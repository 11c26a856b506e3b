"""What people write of a mission and its packages."""

from pathlib import PurePosixPath

import pytest

from dome_contracts.canonical import digest_bytes
from dome_spec.missions import MissionUnreadable, PackageUnreadable, mission_of, read_mission_text, read_package
from tests.missions_made import MISSION_ID, mission

PATH = PurePosixPath("missions/tried/packages/WP01.md")
PACKAGE = b"""---
title: One place that rounds
requirements: [FR-001]
owned_files: [src/rounding.py]
subtasks:
  - {id: T001, title: Pin the figures}
---

All rounding happens in one place.
"""


def test_a_package_is_its_fields_and_its_text_is_the_goal() -> None:
    read = read_package(MISSION_ID, PATH, PACKAGE)
    assert (read.work_package_id, read.title) == ("WP01", "One place that rounds")
    assert read.goal == "All rounding happens in one place."
    assert (read.authored.path, read.authored.digest) == (str(PATH), digest_bytes(PACKAGE))
    assert (read.product.value, read.reach.value, read.dependencies) == ("code_change", "owned_files", [])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"title: x\n", "has no fields"),
        (b"---\ntitle: [\n---\n", "is no YAML"),
        (b"---\n- a\n---\n", "holds no fields"),
        (PACKAGE.replace(b"title:", b"titel:"), "titel"),
        (PACKAGE.replace(b"---\ntitle:", b"---\ntrack: track-01\ntitle:"), "gives track"),
        (PACKAGE.replace(b"[FR-001]", b"[]"), "requirements"),
    ],
)
def test_a_file_that_is_no_package_says_what_is_wrong(data: bytes, says: str) -> None:
    with pytest.raises(PackageUnreadable, match=says):
        read_package(MISSION_ID, PATH, data)


def test_a_mission_is_what_was_written_and_what_was_given() -> None:
    text = b"""
slug: tried
title: Tried
purpose: {summary: Try it.}
type: software-change
requirements:
  - {id: FR-001, priority: must, text: It works.}
"""
    read = read_mission_text(PurePosixPath("missions/tried/mission.yaml"), text)
    assert read.mission_type == "software-change"
    given = {
        name: each
        for name, each in mission().to_value().items()
        if name not in {"slug", "title", "purpose", "requirements", "negative_invariants"}
    }
    made = mission_of(read, given)
    assert (made.slug, made.mission_id) == ("tried", MISSION_ID)
    assert made.authored is not None
    assert made.authored.digest == digest_bytes(text)


@pytest.mark.parametrize("text", [b"{", b"- a", b"slug: a\nmission_id: x\n", b"slug: a\ntype: [1]\n"])
def test_a_file_that_is_no_mission_is_refused(text: bytes) -> None:
    with pytest.raises(MissionUnreadable, match=r"mission\.yaml"):
        read_mission_text(PurePosixPath("mission.yaml"), text)
