"""The front matter of a model card."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.inspect.memory_source import MemorySource, card
from weightgate.errors import Exit, ModelError
from weightgate.inspect.documents.card import MAX_CARD, Card, parse_card, read_card


def parse(front: str) -> Card:
    return parse_card(card(front).encode(), "README.md")


def test_everything_that_a_card_may_say() -> None:
    found = parse("""
license: other
license_name: llama-9
license_link: LICENSE
base_model: [a/b, c/d, a/b]
base_model_relation: merge
tags: [text-generation, 2024, null, pytorch]
co2_eq_emissions: {emissions: 12.5, source: codecarbon}
""")
    assert found.licenses == ("other",)
    assert (found.license_name, found.license_link) == ("llama-9", "LICENSE")
    assert found.bases == ("a/b", "c/d")
    assert found.relation == "merge"
    assert found.tags == ("text-generation", "pytorch")
    assert found.co2_grams == 12.5
    assert found.locator("base_model") == "base_model (5:13)"
    assert found.locator("nothing") == "nothing"
    assert found.note == ""


def test_a_model_without_a_card() -> None:
    assert read_card(MemorySource({"config.json": "{}"})) is None


def test_the_card_s_place_and_digest_are_its_evidence() -> None:
    text = card("license: mit")
    found = read_card(MemorySource({"README.md": text}))
    assert found is not None
    assert found.where == "./model/README.md"
    assert found.digest == "sha256:" + hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("front", "names"),
    [
        ("license: Apache-2.0", ("apache-2.0",)),
        ("license: [mit, MIT]", ("mit",)),
        ("license: NO", ("no",)),
        ("license: other\nlicense_name: Foo  Bar", ("foo bar",)),
        ("license: other", ()),
        ("license: unknown", ()),
        ("license:", ()),
        ("license_name: foo", ("foo",)),
        ("license: mit\nlicense_name: foo", ("mit", "foo")),
        ("license: mit\nlicense_name: MIT", ("mit",)),
        ("license: [apache-2.0, other]", ("apache-2.0", "other")),
        ("license: [unknown, mit]", ("unknown", "mit")),
        ("license: [other, mit]\nlicense_name: foo", ("mit", "foo")),
        ("license: [mit, apache-2.0]", ("mit", "apache-2.0")),
        ("language: en", ()),
    ],
)
def test_the_licences_that_a_card_names(front: str, names: tuple[str, ...]) -> None:
    assert parse(front).license_names == names


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("# A model\n", "no front matter"),
        ("", "no front matter"),
        ("---\nlicense: mit\n", "not closed"),
        ("---\n---\n", "empty"),
        ("text\n---\nlicense: mit\n---\n", "no front matter"),
    ],
)
def test_a_card_without_front_matter_says_nothing(text: str, note: str) -> None:
    found = parse_card(text.encode(), "README.md")
    assert note in found.note
    assert found.license_names == ()
    assert found.bases == ()


@pytest.mark.parametrize("start", ["", "\ufeff", "\n\n", "  \n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_marks_blank_lines_and_line_ends_of_other_systems(start: str, end: str) -> None:
    text = f"{start}---{end}license: mit{end}---{end}"
    assert parse_card(text.encode(), "README.md").licenses == ("mit",)


@pytest.mark.parametrize(
    ("front", "line", "message"),
    [
        ("license: mit\nlicense: apache-2.0", "3:1", "twice"),
        ("license: &a mit", "2:10", "anchor"),
        ("a: &x 1\nlicense: *x", "2:4", "anchor"),
        ("license: !!str mit", "2:10", "tag"),
        ("license: [mit", "3:1", "not YAML"),
        ("license: 3", "2:10", "license is 3, needed text"),
        ("license: {a: b}", "2:10", "needed text"),
        ("license: [mit, 3]", "2:16", "needed text"),
        ("tags: [a]\nbase_model: true", "3:13", "base_model is True"),
        ("base_model_relation: 1e400", "2:22", "too large"),
        ("license_name: .nan", "2:15", "no number"),
        ("- license", "2:1", "not a mapping"),
    ],
)
def test_what_is_refused_names_the_card_s_own_line(front: str, line: str, message: str) -> None:
    with pytest.raises(ModelError) as error:
        parse(front)
    assert error.value.exit is Exit.INPUT
    assert error.value.where == f"README.md:{line}"
    assert message in error.value.message


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(ModelError, match="nested deeper") as error:
        parse("license: " + "[" * 100 + "]" * 100)
    assert error.value.where.startswith("README.md:2:")


def test_a_card_that_is_not_utf8_names_the_byte() -> None:
    with pytest.raises(ModelError, match="not UTF-8: byte 0xff") as error:
        read_card(MemorySource({"README.md": b"---\nlicense: mit\n---\n\xff"}))
    assert error.value.where == "./model/README.md: offset 21"
    assert error.value.code == "not_utf8"
    assert error.value.exit is Exit.INPUT


def test_an_oversized_card_is_not_read() -> None:
    source = MemorySource({"README.md": b"x" * (MAX_CARD + 1)})
    with pytest.raises(ModelError, match="at most") as error:
        read_card(source)
    assert error.value.code == "too_large"
    assert source.reads == []


@pytest.mark.parametrize(
    ("value", "grams"),
    [
        ("3", 3.0),
        ("{emissions: 4}", 4.0),
        ("{source: x}", None),
        ("-1", None),
        ("lots", None),
        ("true", None),
    ],
)
def test_emissions_are_a_number_or_a_mapping(value: str, grams: float | None) -> None:
    assert parse(f"co2_eq_emissions: {value}").co2_grams == grams


@given(st.binary(max_size=200).map(lambda raw: b"---\n" + raw))
@example(b"---\n\x00\n---\n")
def test_any_bytes_are_a_card_or_a_model_error(raw: bytes) -> None:
    refused = None
    try:
        found = parse_card(raw, "README.md")
    except ModelError as error:
        refused = error
    else:
        assert found.digest == "sha256:" + hashlib.sha256(raw).hexdigest()
    assert refused is None or refused.where.startswith("README.md")


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789-.", min_size=1, max_size=30))
def test_a_quoted_name_is_read_as_it_is(name: str) -> None:
    assert parse(f'license: "{name}"').licenses == (name,)
