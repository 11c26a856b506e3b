"""The house rules for protos fire on what they forbid, and the committed protos keep them."""

from pathlib import Path

import pytest

from ci.gen.__main__ import ROOT
from ci.proto_rules import check

GOOD = """\
syntax = "proto3";
package dome.sample.v1;
import "google/protobuf/timestamp.proto";
// A thing.
message Thing {
  // Its name.
  string name = 1;
  // When it was made.
  google.protobuf.Timestamp create_time = 2;
  // Its parts.
  map<string, string> parts = 3;
  // One of two.
  oneof either {
    // The left.
    string left = 4;
    // The right.
    string right = 5;
  }
  // Perhaps a number.
  optional uint32 number_2 = 6;
}
// Kinds.
enum Kind {
  // Not said.
  KIND_UNSPECIFIED = 0;
}
// Things are served here.
service ThingService {
  // Gives a thing.
  //
  // Errors: none of its own.
  //
  // Does not promise: that it is still there.
  rpc GetThing(Thing) returns (Thing);
}
"""


def found(root: Path, text: str) -> list[str]:
    folder = root / "contracts/proto/dome/sample/v1"
    folder.mkdir(parents=True)
    (folder / "sample.proto").write_text(text)
    (root / "buf.yaml").write_text("version: v2\nmodules:\n  - path: contracts/proto\n")
    return [str(finding) for finding in check(root)]


def test_the_committed_protos_keep_the_rules() -> None:
    assert check(ROOT) == []


def test_a_good_proto_has_no_findings(tmp_path: Path) -> None:
    assert found(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("string name = 1;", 'string name = 1 [json_name = "title"];', "field name has a json_name"),
        ("string name = 1;", "string to_dict = 1;", "field to_dict hides a method"),
        ("string name = 1;", "string name_json = 1;", "field name_json is JSON in a field"),
        ("string name = 1;", "uint32 wait_timeout = 1;", "field wait_timeout has no unit"),
        ("google.protobuf.Timestamp create_time", "string create_time", "field create_time is no Timestamp"),
        ("// A thing.\n", "", "message Thing has no comment"),
        ("  // Its name.\n", "", "field name has no comment"),
        ("  // One of two.\n", "", "oneof either has no comment"),
        ("// Kinds.\n", "", "enum Kind has no comment"),
        ("  // Not said.\n", "", "enum value KIND_UNSPECIFIED has no comment"),
        ("// Things are served here.\n", "", "service ThingService has no comment"),
        ("Errors: none of its own.", "It cannot fail.", "the comment of rpc GetThing lacks 'Errors:'"),
        ("Does not promise:", "Says nothing of:", "the comment of rpc GetThing lacks 'Does not promise'"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    assert before in GOOD
    findings = found(tmp_path, GOOD.replace(before, after))
    assert len(findings) == 1
    assert complaint in findings[0]
    assert findings[0].startswith("dome/sample/v1/sample.proto:")


def test_protos_of_others_are_left_alone(tmp_path: Path) -> None:
    assert found(tmp_path, GOOD.replace("package dome.", "package other.").replace("// A thing.\n", "")) == []
