"""The table of the wire refuses what its readers would not know."""

import pytest
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorSet

from ci.gen.tree import GenerationError
from ci.gen.wire_table import generate


def descriptors() -> FileDescriptorSet:
    made = FileDescriptorSet()
    file = made.file.add(package="dome.test.v1")
    field = file.message_type.add(name="Asked").field.add(name="word", number=1)
    field.type, field.label = FieldDescriptorProto.TYPE_STRING, FieldDescriptorProto.LABEL_OPTIONAL
    values = file.enum_type.add(name="Answer").value
    values.add(name="ANSWER_UNSPECIFIED", number=0)
    values.add(name="ANSWER_YES", number=1)
    return made


def test_fields_and_values_are_told() -> None:
    (text,) = generate(descriptors().SerializeToString()).values()
    assert b'"dome.test.v1.Asked": ((1, "word", "string", "one", ""),)' in text
    assert b'"dome.test.v1.Answer": {0: ("UNSPECIFIED", "ANSWER_UNSPECIFIED"), 1: ("YES", "ANSWER_YES")}' in text


def test_a_type_that_readers_do_not_know_is_refused() -> None:
    made = descriptors()
    made.file[0].message_type[0].field[0].type = FieldDescriptorProto.TYPE_DOUBLE
    with pytest.raises(GenerationError, match=r"Asked\.word"):
        generate(made.SerializeToString())


def test_an_enum_whose_names_have_no_prefix_in_common_is_refused() -> None:
    made = descriptors()
    made.file[0].enum_type[0].value[1].name = "YES"
    with pytest.raises(GenerationError, match="Answer"):
        generate(made.SerializeToString())
