"""From a place in a condition to the place in the pack's file, in every style that YAML has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.samples import HEAD, place_of, refused
from weightgate.files.yaml import parse_yaml
from weightgate.policy.position import place_in

BEFORE = HEAD + "rules:\n  - id: first\n    title: One\n    activity: host\n    verdict: deny\n"
AFTER = "    cites: [{source: law, place: section 1}]\n"


def pack(when: str) -> str:
    return BEFORE + when + AFTER


@pytest.mark.parametrize(
    "when",
    [
        "    when: model.special_purpose && wrong.name\n",
        "    when:   'model.special_purpose   && wrong.name'\n",
        '    when: "model.special_purpose && wrong.name"\n',
        "    when: 'model.license == ''x'' && wrong.name'\n",
        '    when: "model.license == \\"x\\" && wrong.name"\n',
        '    when: "model.license == \\u0022x\\x22 && wrong.name"\n',
        '    when: "model.special_purpose &&\\n wrong.name"\n',
        '    when: "model.special_purpose && \\\n      wrong.name"\n',
        "    when: model.special_purpose &&\n      wrong.name\n",
        "    when: 'model.special_purpose &&\n\n      wrong.name'\n",
        "    when: >\n      model.special_purpose &&\n      wrong.name\n",
        "    when: >-\n      model.special_purpose\n        && wrong.name\n",
        "    when: |\n      model.special_purpose &&\n        wrong.name\n",
        "    when: |+  # a remark\n\n      model.special_purpose // that's why\n      && wrong.name\n\n",
        "    when: '\"é😀\" == model.license && wrong.name'\n",
        '    when: >\n      model.license == "it\'s" &&\n      wrong.name\n',
    ],
)
def test_an_unknown_name_is_found_in_every_style(when: str) -> None:
    text = pack(when)
    error = refused(text)
    assert error.message == "unknown fact 'wrong.name'"
    assert error.where == place_of(text, "wrong.name")


@pytest.mark.parametrize(
    ("when", "needle", "message"),
    [
        ('    when: model.openness == "opne"\n', '"opne"', "'opne' is no value of model.openness"),
        (
            '    when: >\n      model.special_purpose ||\n      destination.country == "UK"\n',
            '"UK"',
            "not a country",
        ),
        ("    when: 'model.parameters > 3'\n", "> 3", "types do not fit"),
        ("    when: 'model.special_purpose && has(model.owner)'\n", "has(", "has() is refused"),
        ("    when: model.parameters + 1.0 > 2.0\n", "+ 1.0", "there is no arithmetic in conditions"),
    ],
)
def test_every_kind_of_refusal_points_into_the_file(when: str, needle: str, message: str) -> None:
    text = pack(when)
    error = refused(text)
    assert message in error.message
    assert error.where == place_of(text, needle)


def test_unless_and_definitions_have_their_own_places() -> None:
    text = pack("    when: model.special_purpose\n    unless: wrong.name\n")
    assert refused(text).where == place_of(text, "wrong.name")
    text = HEAD + "define:\n  veu: wrong.name\n" + pack("    when: veu\n").removeprefix(HEAD)
    assert refused(text).where == place_of(text, "wrong.name")


def test_a_flow_mapping_on_one_line() -> None:
    text = HEAD + (
        "rules: [{id: a, title: A, activity: host, verdict: deny, when: 'wrong.name',"
        " cites: [{source: law, place: p}]}]\n"
    )
    assert refused(text).where == place_of(text, "wrong.name")


@given(
    st.lists(st.sampled_from(["a", "bb", "&&", "(c)", "é", "||", '"x"', "'y'"]), min_size=1, max_size=12),
    st.sampled_from(["'", '"', "|", ">"]),
    st.data(),
)
def test_every_character_is_found_again(words: list[str], style: str, data: st.DataObject) -> None:
    separators = [
        data.draw(st.sampled_from([" ", "   ", "\n"] if style in "|>" else [" ", "   "])) for _ in words
    ]
    body = words[0] + "".join(s + w for s, w in zip(separators[1:], words[1:], strict=True))
    quoted = {"'": body.replace("'", "''"), '"': body.replace('"', '\\"')}
    if style in quoted:
        file_text = f"key: {style}{quoted[style]}{style}\n"
    else:
        file_text = f"key: {style}\n" + "".join(f"  {line}\n" for line in body.split("\n"))
    document = parse_yaml(file_text, "f")
    text: str = document.data["key"]
    place = data.draw(st.sampled_from([i for i, c in enumerate(text) if not c.isspace()]))
    line, column = text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)
    row, at = place_in(file_text, document.marks["key",], text, line, column)
    found = file_text.split("\n")[row - 1][at - 1 :]
    assert found.startswith(text[place]) or (found[:1], text[place]) == ("\\", '"')


def test_a_place_past_the_end_is_that_of_the_text() -> None:
    assert place_in("a: b\n", (1, 4), "b", 5, 50) == (1, 4)
