"""Names in the one form in which they are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.inspect.names import MAX_IDENTIFIER, identifier, plain_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://huggingface.co/a/b", "a/b"),
        ("http://www.huggingface.co/a/b/", "a/b"),
        ("https://hf.co/a/b.c/tree/main/x", "a/b.c"),
        ("https://huggingface.co/a/b.git", "a/b"),
        ("https://huggingface.co/a", "https://huggingface.co/a"),
        ("https://example.com/a/b", "https://example.com/a/b"),
        ("https://huggingface.co.example.com/a/b", "https://huggingface.co.example.com/a/b"),
        ("a/b", "a/b"),
        ("", ""),
    ],
)
def test_a_url_on_the_hub_is_cut_to_its_name(text: str, name: str) -> None:
    assert plain_name(text) == name


@given(st.text(max_size=300))
def test_comparing_names_knows_no_case_and_no_surplus_space(text: str) -> None:
    name = identifier(text)
    assert len(name) <= MAX_IDENTIFIER
    assert name == identifier(f"  {text}\n") or len(text) > MAX_IDENTIFIER - 10
    assert "  " not in name


def test_an_identifier_in_lower_case() -> None:
    assert identifier(" Apache-2.0\n") == "apache-2.0"
