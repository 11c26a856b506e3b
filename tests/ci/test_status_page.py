"""The page of what is not there names every family that nothing writes or reads, and no other one."""

import re

from ci.gates.__main__ import ROOT
from ci.gates.registries import FAMILIES, load

STATUS = ROOT / "docs/explanation/status.md"


def test_a_family_without_writer_and_reader_is_on_the_status_page() -> None:
    families = load(ROOT, FAMILIES)["families"]
    idle = {each["family"] for each in families if not each["writers"] and not each["readers"]}
    (told,) = re.findall(
        r"^Families that nothing writes or reads: (.*?)\.", STATUS.read_text(), re.DOTALL | re.MULTILINE
    )
    assert set(re.findall(r"`([a-z_]+/[a-z_]+)`", told)) == idle
    assert all(
        each["current_usage"].startswith("Nothing reads or writes it yet")
        for each in families
        if each["family"] in idle
    )
