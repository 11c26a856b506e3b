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


@pytest.mark.parametrize(
    "text",
    [
        b"a: " + b"9" * 5000,
        b"a: !!int abc",
        b"a: !!int ''",
        b"a: !!float abc",
        b"a: !!bool perhaps",
        b"a: !!timestamp 2001-99-99",
        b"a: !!timestamp never",
    ],
)
def test_a_scalar_that_is_not_what_its_tag_says_is_refused(text: bytes) -> None:
    with pytest.raises(NotYaml):
        read_yaml(text)


def test_aliases_do_not_say_more_than_the_document_has_bytes() -> None:
    laughs = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    laughs += [f"a{each}: &a{each} [{', '.join([f'*a{each - 1}'] * 10)}]" for each in range(1, 9)]
    for text in ("\n".join(laughs), "a: &a [*a]"):
        with pytest.raises(NotYaml, match="aliases"):
            read_yaml(text.encode())
    assert read_yaml(b"a: &a {b: 1}\nc: *a\n") == {"a": {"b": 1}, "c": {"b": 1}}


def test_many_fields_are_read_in_time_that_grows_with_them() -> None:
    count = 60_000
    assert len(read_yaml("".join(f"field_{each}: 1\n" for each in range(count)).encode())) == count
