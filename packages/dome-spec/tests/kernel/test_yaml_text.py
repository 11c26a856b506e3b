"""YAML is read as plain values, and written the same for the same values."""

import pytest

from dome_spec.kernel.yaml_text import BYTES_MAX, NotYaml, read_yaml, write_yaml


def test_what_is_written_is_read_back_in_order() -> None:
    value = {"b": ["x: y", "0010", "true", ""], "a": {"note": "long " * 60}}
    text = write_yaml(value)
    assert read_yaml(text.encode()) == value
    assert text == write_yaml(read_yaml(text.encode()))
    assert text.index("b:") < text.index("a:")


@pytest.mark.parametrize(
    "text",
    [b"a: 1\na: 2\n", b"a: {b: 1, b: 2}", b"a: [", b"!!python/object/apply:os.system ['true']", b"\xff", b"[" * 5000],
)
def test_what_is_no_plain_yaml_is_refused(text: bytes) -> None:
    with pytest.raises(NotYaml):
        read_yaml(text)


def test_a_document_beyond_the_limit_is_not_read() -> None:
    with pytest.raises(NotYaml, match="at most"):
        read_yaml(b"a" * (BYTES_MAX + 1))
