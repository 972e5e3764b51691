from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.cli.words import Words, sort_words


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], Words([], [], [], [])),
        (["check", "./m"], Words([], [], [], ["check", "./m"])),
        (["--output", "json=a", "--output=text"], Words(["json=a", "text"], [], [], [])),
        (["--result", "r", "--result=s"], Words([], ["r", "s"], [], [])),
        (["--attest", "a", "--attest=b", "-o", "c", "-od"], Words([], [], ["a", "b", "c", "d"], [])),
        (["keys", "generate", "-o", "k", "-ol"], Words([], [], [], ["keys", "generate"])),
        (["--facts=f", "--key", "k"], Words([], [], [], ["f", "--key", "k"])),
        (["--output", "json=a", "--", "--output", "json=b"], Words(["json=a"], [], [], [])),
        (["--output"], Words([], [], [], [])),
        (["--set", "a=b"], Words([], [], [], ["--set", "a=b"])),
    ],
)
def test_words_are_sorted_by_what_they_may_be(arguments: list[str], words: Words) -> None:
    assert sort_words(arguments) == words


@given(st.lists(st.text() | st.sampled_from(["--output", "-o", "--attest", "--result", "--", "keys"])))
def test_any_words_can_be_sorted(arguments: list[str]) -> None:
    words = sort_words(arguments)
    assert sum(map(len, words)) <= len(arguments)
