"""A pin that renders what its owner has in words of our own moves with what the owner changed."""

import json
from pathlib import Path
from typing import Any

import pytest

from dome_spec.contracts.compatibility import Verdict
from dome_spec.contracts.pins import MemberRefused, faults


def refused(update: Any) -> str:
    return "\n".join(f"{each.member}: {each.what} | {each.remedy}" for each in update.refused)


def own(path: Path, **properties: Any) -> Path:
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    path.write_text(json.dumps({**dialect, "type": "object", "properties": properties}))
    return path


def test_our_rendering_stays_and_the_owners_change_is_compared_with_what_it_had(
    owner: Any, consumer: Any, tmp_path: Path
) -> None:
    rendering = own(tmp_path / "order.json", id={"type": "string"})
    consumer.add("order=schema:order.json", renderings={"order": rendering})
    owner.write("schemas/order.json", owner.order(note={"type": "string"}))
    owner.commit("v2")
    (change,) = consumer.update().changes
    assert (change.verdict, change.against) == (Verdict.COMPATIBLE, "upstream")
    assert consumer.pinned.files["order.json"] == rendering.read_bytes()
    (member,) = consumer.pinned.pin.members
    assert member.upstream_digest != member.digest
    assert faults(consumer.layout, "orders") == []


def test_where_the_owners_past_is_not_to_be_had_our_rendering_is_compared(
    owner: Any, consumer: Any, tmp_path: Path
) -> None:
    rendering = own(tmp_path / "order.json", id={"type": "string"})
    consumer.add("order=schema:order.json", source="../owner", renderings={"order": rendering})
    owner.write("schemas/order.json", owner.order(note={"type": "string"}))
    (change,) = consumer.prepare("../owner").changes
    assert (change.against, change.verdict) == ("rendering", Verdict.INCOMPATIBLE)


def test_another_rendering_is_judged_like_any_change(owner: Any, consumer: Any, tmp_path: Path) -> None:
    rendering = own(tmp_path / "order.json", id={"type": "string"})
    consumer.add("order=schema:order.json", renderings={"order": rendering})
    wider = own(tmp_path / "wider.json", id={"type": ["string", "integer"]})
    narrower = own(tmp_path / "narrower.json", id={"const": "o-1"})
    assert "INCOMPATIBLE" in refused(consumer.prepare("../owner@v1", renderings={"order": narrower}))
    (change,) = consumer.update("../owner@v1", renderings={"order": wider}).changes
    assert (change.kind, change.verdict) == ("rendered", Verdict.COMPATIBLE)
    assert consumer.pinned.files["order.json"] == wider.read_bytes()


def test_a_copy_has_no_rendering_of_ours(owner: Any, consumer: Any, tmp_path: Path) -> None:
    consumer.add()
    with pytest.raises(MemberRefused, match="no rendering of ours"):
        consumer.prepare("../owner@v1", renderings={"order": own(tmp_path / "order.json")})
