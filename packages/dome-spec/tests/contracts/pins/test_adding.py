"""A bundle is pinned by its bytes, from a directory or a commit, all of it or nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.control.pin import FixtureVerdict, PinRendering, PinRole, PinSourceKind
from dome_spec.contracts.pins import (
    Adding,
    LocationRefused,
    MemberRefused,
    PinBroken,
    PinExists,
    PinUnreadable,
    SourceUnusable,
    add,
    faults,
)
from dome_spec.contracts.sources import SourceError, SourceNotFound


def test_a_commit_is_pinned_with_the_bytes_of_its_files(owner: Any, consumer: Any) -> None:
    commit = owner.commit("v1")
    consumer.add()
    pin = consumer.pinned.pin
    assert (pin.source.kind, pin.source.commit, pin.source.location) == (PinSourceKind.GIT, commit, "../owner")
    assert [each.name for each in pin.members] == ["codes", "order", "words"]
    for each in pin.members:
        data = (owner.root / str(each.upstream_path)).read_bytes()
        assert consumer.pinned.files[each.file] == data
        assert each.digest == each.upstream_digest == digest_bytes(data)
        assert each.rendering is PinRendering.COPY
    assert faults(consumer.layout, "orders") == []


def test_a_directory_is_pinned_without_a_commit(owner: Any, consumer: Any) -> None:
    consumer.add(source="../owner")
    assert consumer.pinned.pin.source.to_value() == {"kind": "directory", "location": "../owner", "prefix": "schemas"}


def test_what_is_not_committed_is_not_pinned_from_a_commit(owner: Any, consumer: Any) -> None:
    owner.write("schemas/words.json", {"changed": "and not committed"})
    consumer.add()
    assert b"shipped" in consumer.pinned.files["words.json"]


def test_all_schemas_below_the_prefix_are_pinned_by_their_names(owner: Any, consumer: Any) -> None:
    owner.write(
        "schemas/api/order.schema.json", {"type": "object", "$schema": "http://json-schema.org/draft-07/schema#"}
    )
    owner.commit("v1")
    add(consumer.layout, Adding(bundle="orders", source="../owner@v1", version="1", prefix="schemas"), consumer.root)
    names = {each.name: each.file for each in consumer.pinned.pin.members}
    assert names == {"api-order": "api/order.schema.json", "order": "order.json", "words": "words.json"}


def test_a_fixture_of_the_owner_is_pinned_with_what_the_schema_says_of_it(owner: Any, consumer: Any) -> None:
    owner.write("schemas/bad.json", {"id": ""})
    owner.commit("v1")
    consumer.add("order=schema:order.json", "words=schema:words.json", "bad=fixture:order:refused:bad.json")
    (bad,) = [each for each in consumer.pinned.pin.members if each.role is PinRole.FIXTURE]
    assert (bad.of, bad.expected) == ("order", FixtureVerdict.REFUSED)


def test_a_fixture_that_the_schema_judges_otherwise_pins_nothing(owner: Any, consumer: Any) -> None:
    owner.write("schemas/bad.json", {"id": ""})
    owner.commit("v1")
    before = consumer.everything()
    with pytest.raises(PinBroken, match="order has refused it, which was to be accepted"):
        consumer.add("order=schema:order.json", "words=schema:words.json", "bad=fixture:order:accepted:bad.json")
    assert consumer.everything() == before


def test_fixtures_of_our_own_are_taken_up(owner: Any, consumer: Any) -> None:
    consumer.fixture("order/accepted/small.json", {"id": "o-1", "state": "open"})
    consumer.add()
    (small,) = [each for each in consumer.pinned.pin.members if each.role is PinRole.FIXTURE]
    assert (small.name, small.rendering, small.upstream_path) == ("order-small", PinRendering.OWN, None)


def test_our_own_rendering_stands_for_the_owners_file(owner: Any, consumer: Any, tmp_path: Path) -> None:
    own = tmp_path / "own_order.json"
    own.write_text(json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}))
    consumer.add("order=schema:order.json", renderings={"order": own})
    (member,) = consumer.pinned.pin.members
    assert member.rendering is PinRendering.OWN
    assert member.digest == digest_bytes(own.read_bytes())
    assert member.upstream_digest == digest_bytes((owner.root / "schemas/order.json").read_bytes())


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        (["order"], "names no file to pin"),
        (["order=shape:order.json"], "'shape' is no role"),
        (["Order=schema:order.json"], "'Order' is no name"),
        (["bad=fixture:order:perhaps:bad.json"], "does not say what its schema says"),
        (["order=schema:order.json"], "order.json is refused as a schema"),
        (["codes=reason_semantics:words.json"], "words.json has no catalogue of reasons"),
        (["words=schema:words.json", "words=schema:order.json"], "member words stands there twice"),
    ],
)
def test_what_cannot_be_pinned_is_refused_with_a_reason(
    owner: Any, consumer: Any, members: list[str], complaint: str
) -> None:
    before = consumer.everything()
    with pytest.raises((MemberRefused, PinBroken, PinUnreadable), match=complaint):
        consumer.add(*members)
    assert consumer.everything() == before


def test_a_path_that_leads_out_of_the_source_is_refused(owner: Any, consumer: Any) -> None:
    with pytest.raises(SourceError):
        consumer.add("order=schema:../../consumer/secret.json", source="../owner")
    (owner.root / "schemas/link.json").symlink_to(consumer.root / "secret.json")
    with pytest.raises(SourceError):
        consumer.add("order=schema:link.json", source="../owner")


def test_a_file_that_is_not_there_is_named(owner: Any, consumer: Any) -> None:
    with pytest.raises(SourceNotFound, match=r"schemas/nowhere\.json"):
        consumer.add("order=schema:nowhere.json")


def test_a_revision_that_is_not_there_is_named(owner: Any, consumer: Any) -> None:
    with pytest.raises(SourceNotFound, match="v9"):
        consumer.add(source="../owner@v9")


def test_a_file_and_the_baseline_are_no_source(owner: Any, consumer: Any) -> None:
    for source in ("../owner/README.md", "baseline"):
        with pytest.raises(SourceUnusable):
            consumer.add(source=source)


def test_a_path_of_one_machine_never_becomes_the_location(owner: Any, consumer: Any) -> None:
    with pytest.raises(LocationRefused, match="--location"):
        consumer.add(source=f"{owner.root}@v1")
    for given in (str(owner.root), "file:///srv/owner", "~/owner"):
        with pytest.raises(LocationRefused):
            consumer.add(source=f"{owner.root}@v1", location=given)
    consumer.add(source=f"{owner.root}@v1", location="acme/orders")
    assert consumer.pinned.pin.source.location == "acme/orders"


def test_a_bundle_is_pinned_once(owner: Any, consumer: Any) -> None:
    consumer.add()
    with pytest.raises(PinExists, match="pin update orders"):
        consumer.add()


def test_a_name_that_leads_elsewhere_is_no_bundle(owner: Any, consumer: Any) -> None:
    asked = Adding(
        bundle="../elsewhere", source="../owner@v1", version="1", members=["words=schema:schemas/words.json"]
    )
    with pytest.raises(MemberRefused, match="is no name"):
        add(consumer.layout, asked, consumer.root)
