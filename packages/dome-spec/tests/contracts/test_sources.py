"""Schemas are found in files, directories, commits and the baseline, and nothing else is taken for one."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dome_spec.contracts.sources import (
    SourceError,
    SourceNotFound,
    SourceRefused,
    SourceTooLarge,
    closure,
    document_digest,
    load,
    resources,
    trees,
    used_parts,
)
from dome_spec.contracts.sources.recognition import is_schema

Git = Any
S = '{"type": "object"}'
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def write(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


@pytest.mark.parametrize(
    "document",
    [
        {"$schema": DIALECT}, {"$schema": "http://json-schema.org/draft-07/schema#"}, {"$id": "https://x/y"},
        {"$defs": {"a": {}}}, {"definitions": {"a": True}}, {"properties": {"a": {}}}, {"type": "object"},
        {"type": ["string", "null"]}, {"oneOf": [{}, False]}, {"$ref": "other.json"},
        {"$schema": "https://example.org/meta", "type": "object"},
    ],
)  # fmt: skip
def test_what_is_built_like_a_schema_is_one(document: Any) -> None:
    assert is_schema(document)


@pytest.mark.parametrize(
    "document",
    [
        {}, [], True, None, "type", {"name": "x", "type": "module"}, {"type": "Feature", "properties": {"a": 1}},
        {"$schema": "https://json.schemastore.org/tsconfig", "compilerOptions": {}}, {"type": []},
        {"$schema": "./schema.json", "$id": "settings"}, {"properties": ["a"]}, {"$ref": "x", "value": 1},
        {"openapi": "3.1.0", "components": {"schemas": {}}},
    ],
)  # fmt: skip
def test_other_json_is_none(document: Any) -> None:
    assert not is_schema(document)


def test_a_directory_gives_its_schemas_and_counts_the_rest(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"a.json": S, "sub/b.jsonschema": S, "data.json": "[1]", "package.json": '{"type": "module"}', "x.txt": S,
         ".git/c.json": S, ".venv/d.json": S, "node_modules/e.json": S},
    )  # fmt: skip
    found = load(".", tmp_path)
    assert sorted(found.documents) == ["a.json", "sub/b.jsonschema"]
    assert (found.skipped_count, found.problems, found.is_single) == (2, (), False)


def test_a_directory_tells_what_it_cannot_read_and_where(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"twice.json": '{"type": "object",\n "properties": {"a": {}, "a": {}}}', "broken.json": '{"$id": "x",',
         "settings.json": "// comments\n{}", "good.json": S},
    )  # fmt: skip
    found = load(".", tmp_path)
    assert list(found.documents) == ["good.json"]
    assert {(each.path, each.is_likely_schema) for each in found.problems} == {
        ("twice.json", True), ("broken.json", True), ("settings.json", False),
    }  # fmt: skip
    twice = next(each for each in found.problems if each.path == "twice.json")
    assert twice.position is not None
    assert (twice.position.line, twice.what) == (2, "/properties/a stands there twice")


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("a.yaml", "type: object", "YAML"), ("a.json", "[]", "no schema"), ("a.json", "{", "a.json:1:2: not JSON"),
        ("a.json", '{"a": 1, "a": 2}', "twice"),
    ],
)  # fmt: skip
def test_a_named_file_that_is_no_schema_is_refused(tmp_path: Path, name: str, text: str, complaint: str) -> None:
    write(tmp_path, {name: text})
    with pytest.raises(SourceRefused, match=complaint) as raised:
        load(name, tmp_path)
    assert raised.value.remedy


def test_links_out_of_the_directory_are_refused_and_those_inside_are_read(tmp_path: Path) -> None:
    write(tmp_path, {"outside.json": S, "in/a.json": S})
    (tmp_path / "in" / "b.json").symlink_to("a.json")
    (tmp_path / "in" / "out.json").symlink_to(tmp_path / "outside.json")
    (tmp_path / "in" / "dangling.json").symlink_to("nowhere.json")
    (tmp_path / "in" / "all").symlink_to(tmp_path)
    found = load("in", tmp_path)
    assert sorted(found.documents) == ["a.json", "b.json"]
    assert [(each.path, "outside" in each.what) for each in found.problems] == [
        ("dangling.json", False),
        ("out.json", True),
    ]


@pytest.mark.parametrize("word", ["schemas", "schemas/in", "schemas/in/a.json"])
def test_a_place_that_leads_out_of_its_repository_is_refused(git: Git, tmp_path: Path, word: str) -> None:
    outside = tmp_path / "outside"
    write(outside, {"in/a.json": S})
    (git.root / "schemas").symlink_to(outside)
    with pytest.raises(SourceRefused, match="leads out of the repository") as raised:
        load(word, git.root)
    assert str(outside) in raised.value.what
    assert raised.value.remedy


def test_limits_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.json": S, "b.json": S})
    monkeypatch.setattr(trees, "FILE_BYTES_MAX", 5)
    assert len(load(".", tmp_path).problems) == 2
    with pytest.raises(SourceTooLarge, match="at most 5"):
        load("a.json", tmp_path)
    monkeypatch.setattr(trees, "FILES_MAX", 1)
    with pytest.raises(SourceTooLarge, match="more than 1 JSON"):
        load(".", tmp_path)


def test_a_revision_is_read_where_the_other_side_is(git: Git) -> None:
    first = git.commit("one", {"api/a.json": S, "web/b.json": S})
    git.write("api/a.json", '{"type": "string"}')
    for word, beside, paths in [
        ("main", None, ["api/a.json", "web/b.json"]),
        ("main", "api", ["a.json"]),
        ("main", "api/a.json", ["a.json"]),
        ("HEAD", "HEAD~0:web", ["b.json"]),
        ("main:", "api", ["api/a.json", "web/b.json"]),
        ("main:api", None, ["a.json"]),
        ("main:api/a.json", None, ["a.json"]),
        (first[:8], "api", ["a.json"]),
    ]:
        found = load(word, git.root, beside=beside)
        assert sorted(found.documents) == paths, word
        assert all(document == {"type": "object"} for document in found.documents.values())
    assert load("main", git.root / "api", beside=".").documents == {"a.json": {"type": "object"}}


def test_a_path_wins_over_a_branch_and_a_colon_makes_it_a_revision(git: Git) -> None:
    git.commit("one", {"api/a.json": S})
    git.run("branch", "api")
    git.write("api/b.json", S)
    assert sorted(load("api", git.root).documents) == ["a.json", "b.json"]
    assert sorted(load("api:", git.root).documents) == ["api/a.json"]


def test_another_repository_is_named_by_its_place(
    git: Git, new_repository: Callable[[str], Git], tmp_path: Path
) -> None:
    other = new_repository("with@sign")
    other.commit("one", {"api/a.json": S})
    other.run("tag", "v1")
    git.run("init", "-q", "--bare", str(tmp_path / "bare.git"))
    for word in (f"{other.root}@main", "../with@sign@v1", f"file://{other.root}@HEAD", f"{other.root}@main:api"):
        assert [Path(path).name for path in load(word, git.root).documents] == ["a.json"]
    with pytest.raises(SourceNotFound):
        load(f"{tmp_path}/bare.git@main", git.root)


@pytest.mark.parametrize("word", ["mian", "HEAD~99", "missing.json", "missing/folder", "main:missing", "../@main"])
def test_a_word_that_names_nothing_is_told_with_what_could_be_written(git: Git, word: str) -> None:
    git.commit("one", {"a.json": S})
    with pytest.raises(SourceNotFound) as raised:
        load(word, git.root)
    assert raised.value.remedy


def test_an_empty_word_names_nothing(git: Git) -> None:
    git.commit("one", {"a.json": S})
    with pytest.raises(SourceNotFound):
        load("", git.root)


def test_a_repository_without_commits_has_no_revisions(git: Git) -> None:
    with pytest.raises(SourceNotFound):
        load("HEAD", git.root)


@pytest.mark.parametrize(
    "word", ["https://example.org/r.git", "git@example.org:r.git", "ssh://h/r", "u@host:path@main"]
)
def test_nothing_is_fetched_from_elsewhere(git: Git, word: str) -> None:
    with pytest.raises(SourceRefused, match="another machine"):
        load(word, git.root)


def test_schemas_outside_of_the_place_are_read_where_they_are_referred_to(git: Git) -> None:
    files = {
        "api/v1/a.json": '{"$ref": "../../shared/s.json#/$defs/S"}',
        "shared/s.json": '{"$defs": {"S": {"$ref": "t.json"}}}',
        "shared/t.json": '{"type": "string"}',
        "shared/unused.json": S,
    }
    git.commit("one", files)
    for word in ("api", "main:api", "api/v1/a.json"):
        found = load(word, git.root)
        path = next(iter(found.documents))
        assert {Path(name).name for name in closure(found, path)} == {"a.json", "s.json", "t.json"}
        assert {"../../shared/s.json", "../../shared/t.json"} <= resources(found, path).keys()


def test_references_do_not_lead_out_of_the_repository(git: Git, tmp_path: Path) -> None:
    write(tmp_path, {"secret.json": S})
    git.commit("one", {"a.json": '{"$ref": "../secret.json"}'})
    assert load("a.json", git.root).resources == {}
    assert load("main", git.root).resources == {}


def test_a_schema_needs_no_more_of_a_library_than_it_refers_to(tmp_path: Path) -> None:
    library = {"$id": "https://x/lib.json", "$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"type": "string"}, "C": {}}}
    schema = {"$id": "https://x/a.json", "properties": {"a": {"$ref": "lib.json#/$defs/A"}}}
    write(tmp_path, {"lib.json": json.dumps(library), "a.json": json.dumps(schema)})
    found = load(".", tmp_path)
    assert used_parts(found, "a.json").keys() == {("a.json", ""), ("lib.json", "/$defs/A"), ("lib.json", "/$defs/B")}


def test_copies_of_a_schema_can_be_referred_to_and_different_ones_with_one_id_cannot(tmp_path: Path) -> None:
    library = '{"$id": "https://x/lib.json", "type": "string"}'
    write(tmp_path, {"a.json": '{"$ref": "https://x/lib.json"}', "one/lib.json": library, "two/lib.json": library})
    assert closure(load(".", tmp_path), "a.json").keys() == {"a.json", "one/lib.json"}
    write(tmp_path, {"two/lib.json": library.replace("string", "number")})
    assert closure(load(".", tmp_path), "a.json").keys() == {"a.json"}


def test_digests_are_of_the_canonical_form() -> None:
    assert document_digest({"a": 1, "b": 2.0}) == document_digest({"b": 2, "a": 1})
    assert document_digest({"a": 10**30}) != document_digest({"a": 10**30 + 1})


def test_the_baseline_is_found_from_below(tmp_path: Path) -> None:
    write(tmp_path, {"contracts/baseline/jsonschema/x/v1/a.json": S, "contracts/jsonschema/x/v1/a.json": S})
    assert list(load("baseline", tmp_path / "contracts" / "jsonschema").documents) == ["x/v1/a.json"]
    with pytest.raises(SourceError):
        load("baseline", write(tmp_path / "other", {"contracts/jsonschema/a.json": S}))


def test_a_large_schema_with_many_references_is_read_in_moments(tmp_path: Path) -> None:
    names = [f"d{number}" for number in range(8_000)]
    definitions = {name: {"type": "object", "properties": {"next": {"$ref": f"#/$defs/{name}"}}} for name in names}
    library = {"$id": "https://x/lib.json", "$defs": definitions}
    using = {"$id": "https://x/a.json", "anyOf": [{"$ref": f"lib.json#/$defs/{name}"} for name in names]}
    write(tmp_path, {"lib.json": json.dumps(library), "a.json": json.dumps(using)})
    found = load(".", tmp_path)
    started = time.perf_counter()
    assert len(used_parts(found, "a.json")) == len(names) + 1
    assert time.perf_counter() - started < 10


def test_a_schema_that_is_nested_without_end_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"deep.json": '{"not": ' * 600 + "{}" + "}" * 600, "good.json": S})
    assert ["nested" in each.what for each in load(".", tmp_path).problems] == [True]
